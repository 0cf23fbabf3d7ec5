"""Reports a plan that turns fine-grained access control off.

It cannot be turned off again. Terraform therefore destroys the domain and makes
another one without its data. Leaving the block out changes nothing: then the
domain keeps what it has. This is found in plans only (`terraform show -json`),
since code does not tell what is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED, TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that has fine-grained access control before a plan and not after it.

    A domain that gets another name is another domain.
    """
    for change in analysis.changed_domains:
        before, after = change.before.fine_grained.enabled, change.after.fine_grained.enabled
        same = change.before.name == change.after.name
        if same and before.is_certainly(value=True) and after.is_certainly(value=False):
            what = f"the plan turns fine-grained access control of `{change.after.address}` off"
            yield Match(
                f"{what}, and so it destroys the domain with its data and makes another one"
                if change.replaced
                else f"{what}, which the service refuses",
                change.after.address,
                (Place(after.location, "it is on before the plan"),),
            )


RULE = Rule(
    "OSR257",
    "fine-grained-access-turned-off",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, TERRAFORM_DOMAIN),
    remedy="leave it on, or take the data to a new domain before this one is destroyed",
)
