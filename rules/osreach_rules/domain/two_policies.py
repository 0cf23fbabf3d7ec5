"""Reports a domain whose access policy is written in two places.

A domain has one policy. The domain's own attribute and a separate policy
resource write the same one, so the last to be applied wins and each run undoes
the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Document
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with more than one policy that are not the same."""
    for domain in analysis.domains:
        policies = domain.policies
        meanings = {_meaning(policy.document) for policy in policies}
        if len(policies) > 1 and len(meanings) > 1:
            owners = " and ".join(f"`{policy.owner}`" for policy in policies)
            yield Match(
                f"{owners} write the one access policy of `{domain.address}`",
                domain.address,
                tuple(
                    Place(policy.location, f"the policy of `{policy.owner}`") for policy in reversed(policies)
                ),
            )


def _meaning(document: Document | None) -> str:
    """What a document says, without its places."""
    if document is None:
        return "unknown"
    lines = [str(document.version)]
    for one in document.statements:
        principals = [(term.kind, term.text) for term in one.principals.terms] if one.principals else []
        resources = [term.text for term in one.resources.terms] if one.resources else []
        actions = [term.text for term in one.actions.terms]
        conditions = [
            (condition.operator, condition.key, [value.text for value in condition.values])
            for condition in one.conditions
        ]
        lines.append(repr((one.effect, principals, actions, resources, conditions)))
    return "\n".join(lines)


RULE = Rule(
    "OSR132",
    "two-policies",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(TERRAFORM_DOMAIN,),
    remedy="keep one of the two",
)
