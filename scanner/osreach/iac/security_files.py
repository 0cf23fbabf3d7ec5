"""Files of OpenSearch's Security plugin and bodies of its API: each a resource that holds what is written in it.

Which of them a file is, and what its entries mean, is not decided here.
Source: https://docs.opensearch.org/latest/security/configuration/yaml/
"""

from __future__ import annotations

import posixpath

from osreach.file_kind import is_security_name
from osreach.iac.cloudformation.load import load
from osreach.iac.resource import SECURITY_FILE, Reading, Resource
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import Sources, read_text
from osreach.value import Object


def read_security_files(sources: Sources) -> Reading:
    """One resource for each file that holds named values.

    A file that is no YAML is a problem where its name or its header says that it
    belongs to the Security plugin; anything else with the same words in it is
    somebody else's.
    """
    resources: list[Resource] = []
    problems: list[Problem] = []
    for file in sources.security:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        loaded = load(text, file.path)
        if loaded.value is None or not isinstance(loaded.value.data, Object):
            headed = "_meta" in text and "config_version" in text
            if headed and not loaded.problems:
                problems.append(
                    Problem(
                        Location(file.path, 1, 1, 1, 1),
                        "the file is not one YAML document of names and values",
                    )
                )
            elif headed or is_security_name(file.path):
                problems += loaded.problems
            continue
        problems += loaded.problems
        place = Location(file.path, 1, 1, 1, 1)
        folder = posixpath.dirname(file.path) or "."
        resources.append(Resource(file.path, SECURITY_FILE, loaded.value, place, folder))
    return Reading(tuple(resources), tuple(problems))
