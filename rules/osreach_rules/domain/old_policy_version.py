"""Reports a policy about search without the current version of the language.

Without `"Version": "2012-10-17"` the language of 2008 applies, in which policy
variables such as `${aws:username}` are plain text that never matches anyone. The policy
of a key that encrypts a domain or collections counts as one about search.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.encrypted import encrypted
from osreach.iam.document import Document, PolicyKind
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL, VERSION

_CURRENT = "2012-10-17"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each access, identity or key policy that is not of the current version; worse where it uses variables."""
    for domain in analysis.domains:
        for policy in domain.policies:
            if policy.document is not None:
                yield from _judge(policy.document, "access policy", domain.address, policy.location)
    for held in analysis.identity_policies:
        if held.kind is PolicyKind.IDENTITY and not held.managed and _is_about_search(held.document):
            yield from _judge(held.document, "identity policy", held.name, held.location)
    for key in {found.key.key: found.key for found in encrypted(analysis.model)}.values():
        for attached in key.policies if key.policy_written else ():
            yield from _judge(attached.document, "key policy", key.address, attached.location)


def _judge(document: Document, what: str, resource: str, location: Location) -> Iterator[Match]:
    if not document.statements or document.version == _CURRENT or has_hole(document.version or ""):
        return
    variables = _uses_variables(document)
    written = f"version `{document.version}`" if document.version else "no version"
    effect = ", so its variables are plain text" if variables else ""
    yield Match(
        f"the {what} has {written}{effect}",
        resource,
        (Place(document.location or location, "the policy"),),
        severity=Severity.HIGH if variables else None,
    )


def _is_about_search(document: Document) -> bool:
    return any(
        term.text.lower().startswith(("es:", "aoss:", "osis:"))
        for statement in document.statements
        for term in statement.actions.terms
    )


def _uses_variables(document: Document) -> bool:
    for statement in document.statements:
        resources = statement.resources.terms if statement.resources else ()
        values = (value for condition in statement.conditions for value in condition.values)
        if any("${" in term.text for term in (*resources, *values)):
            return True
    return False


RULE = Rule(
    "OSR120",
    "old-policy-version",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, VERSION),
    remedy='add `"Version": "2012-10-17"`',
)
