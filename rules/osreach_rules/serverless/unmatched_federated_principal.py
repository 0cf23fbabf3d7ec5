"""Reports a SAML or IAM Identity Center principal that matches nobody.

Such principals are texts, which nothing checks: `saml/<account>/<provider>/user/<name>`
and `saml/<account>/<provider>/group/<name>`, with the account of the collection and
the name of a security configuration there, or
`iamidentitycenter/<instance>/user/<id>` and the same with `group`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from osreach.access.serverless import DataAccessPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import has_hole
from osreach.serverless.policy import Written
from osreach.serverless.principal import PrincipalKind, named
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_CENTER, SERVERLESS_DATA_ACCESS, SERVERLESS_SAML

_FORMS = {
    "saml": "saml/<account>/<provider>/user/<name>",
    "iamidentitycenter": "iamidentitycenter/<instance>/user/<id>",
}
_SAML = (PrincipalKind.SAML_USER, PrincipalKind.SAML_GROUP)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such principal."""
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            for principal in entry.principals:
                found = _fault(analysis, policy, principal)
                if found is not None:
                    reason, confidence = found
                    yield Match(
                        f"`{analysis.words(principal.text)}` is nobody: {reason}",
                        policy.address,
                        (Place(principal.location, "the principal"),),
                        confidence=confidence,
                    )


def _fault(analysis: Analysis, policy: DataAccessPolicy, principal: Written) -> tuple[str, Confidence] | None:
    """Why nobody is meant, and how certain that is."""
    who = named(principal.text)
    form = _FORMS.get(principal.text.partition("/")[0].lower())
    if form is not None and who.kind is PrincipalKind.OTHER:
        other = form.replace("/user/", "/group/")
        return f"it is neither of the form `{form}` nor `{other}`", Confidence.CERTAIN
    if who.kind not in _SAML:
        return None
    if who.account and not has_hole(who.account + policy.account) and who.account != policy.account:
        return f"its account is not `{policy.account}`, that of the policy", Confidence.CERTAIN
    return _undeclared(analysis, policy, who.provider)


def _undeclared(analysis: Analysis, policy: DataAccessPolicy, provider: str) -> tuple[str, Confidence] | None:
    """That the deployment has configurations and none of that name, but one that is nearly the same."""
    names = [
        one.name
        for one in analysis.serverless.configurations
        if one.deployment == policy.deployment and one.kind.may_be("saml")
    ]
    if not names or has_hole(provider) or any(has_hole(name) or name == provider for name in names):
        return None
    near = get_close_matches(provider, names, n=1, cutoff=0.6)
    if not near:
        return None
    return f"no security configuration is called `{provider}`; did you mean `{near[0]}`?", Confidence.POSSIBLE


RULE = Rule(
    "OSR349",
    "unmatched-federated-principal",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_SAML, SERVERLESS_CENTER),
    remedy="write the account, the name of the security configuration, and `user` or `group` before the name",
)
