"""Reports an entry of a role mapping that matches nobody as it is written.

ARNs of IAM users and names of Amazon Cognito users are users, ARNs of IAM roles
are backend roles. Whoever has assumed a role is known by the ARN of the role,
not of the session. A user of Amazon Cognito is written
`Cognito/<user pool id>/<user name>`. Anything else gives nobody the role, and
what was meant as a grant is missing when it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.opensearch.mapping import Mapping
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place
from osreach_rules.references import FEDERATION, FINE_GRAINED

_COGNITO = re.compile(r"Cognito/[a-z-]+[0-9]_[A-Za-z0-9]+/.+")
_SESSION = re.compile(r"arn:[^:]*:sts::[^:]*:assumed-role/")
_USER = re.compile(r"arn:[^:]*:iam::[^:]*:user/")
_ROLE = re.compile(r"arn:[^:]*:iam::[^:]*:role/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each entry that stands in the wrong list or has a form that nobody bears."""
    for content in analysis.clusters:
        for declared in content.mappings:
            mapping = declared.content
            for entry in mapping.users:
                yield from _in_users(analysis, content, declared, entry)
            for entry in (*mapping.backend_roles, *mapping.and_backend_roles):
                yield from _in_backend_roles(analysis, content, declared, entry)


def _in_users(
    analysis: Analysis, content: ClusterContent, declared: Declared[Mapping], entry: str
) -> Iterator[Match]:
    mapping = declared.content
    if _SESSION.match(entry):
        yield _match(
            analysis,
            content,
            declared,
            entry,
            "is a session of a role, which maps by the role's ARN",
            sure=False,
        )
    elif _ROLE.match(entry) and entry not in mapping.backend_roles:
        # A session bears the ARN of its role as user name too, says one page; this list is documented for users.
        fault = "is a role among the users, and roles belong to the backend roles"
        yield _match(analysis, content, declared, entry, fault, sure=False, severity=Severity.LOW)
    elif entry.lower().startswith("cognito/") and not _is_cognito_user(entry):
        fault = "is not of the form `Cognito/<user pool id>/<user name>`"
        yield _match(analysis, content, declared, entry, fault, severity=Severity.LOW)


def _in_backend_roles(
    analysis: Analysis, content: ClusterContent, declared: Declared[Mapping], entry: str
) -> Iterator[Match]:
    if _SESSION.match(entry):
        yield _match(
            analysis,
            content,
            declared,
            entry,
            "is a session of a role, which maps by the role's ARN",
            sure=False,
        )
    elif entry in declared.content.users:
        return
    elif _USER.match(entry):
        fault = "is an IAM user among the backend roles, and users belong to the users"
        yield _match(analysis, content, declared, entry, fault)
    elif _COGNITO.match(entry):
        fault = "is a user of Amazon Cognito among the backend roles, and users belong to the users"
        yield _match(analysis, content, declared, entry, fault)


def _is_cognito_user(entry: str) -> bool:
    """Whether the form fits, or may where a part of it is not known."""
    if has_hole(entry):
        return entry.startswith("Cognito/")
    return _COGNITO.fullmatch(entry) is not None


def _match(
    analysis: Analysis,
    content: ClusterContent,
    declared: Declared[Mapping],
    entry: str,
    fault: str,
    *,
    sure: bool = True,
    severity: Severity | None = None,
) -> Match:
    places = [entry_place(analysis, declared, entry, "the entry"), Place(declared.location, "the mapping")]
    if content.domain is not None:
        places.append(analysis.domain_place(content.domain))
    return Match(
        f"`{analysis.words(entry)}` in the mapping of `{analysis.words(declared.content.role)}` {fault}",
        declared.address,
        tuple(places),
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
        severity=severity,
        principal=entry,
    )


RULE = Rule(
    "OSR215",
    "unmatched-mapping-entry",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, FEDERATION),
    remedy="list users by name or ARN under `users`, and roles by the ARN of the role under `backend_roles`",
)
