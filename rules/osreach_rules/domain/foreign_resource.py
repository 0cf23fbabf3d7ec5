"""Reports a resource in a domain's policy that is not of this domain.

The policy acts on its own domain only, so a statement about another domain,
account, Region or partition never applies.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.iam.glob_match import glob_matches
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.domain.resources import DomainResource, domain_resource
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource of which a known part differs from the domain's own."""
    for found in analysis.statements:
        resources = found.statement.resources
        if resources is None or resources.negated:
            continue
        for term in resources.terms:
            parts = domain_resource(term.text)
            other = _difference(parts, found.domain) if parts is not None else None
            if other is not None:
                what, written, own = other
                yield Match(
                    f"the resource names the {what} `{written}`, but the policy acts on `{own}` only",
                    found.domain.address,
                    (
                        Place(term.location or found.location, "the resource"),
                        analysis.domain_place(found.domain),
                    ),
                )


def _difference(parts: DomainResource, domain: Domain) -> tuple[str, str, str] | None:
    """Which part differs, as written and as it is; None where none is known to."""
    for what, written, own in (
        ("domain", parts.name, domain.name),
        ("account", parts.account, domain.account),
        ("Region", parts.region, domain.region),
        ("partition", parts.partition, domain.partition),
    ):
        if has_hole(written) or has_hole(own):
            continue
        if glob_matches(written, own) is Truth.FALSE:
            return what, written, own
    return None


RULE = Rule(
    "OSR114",
    "foreign-resource",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="write the ARN of the domain that the policy is attached to",
)
