"""Reports that someone can send requests to every domain.

`es:ESHttpGet` is no right to look at settings: it reads the data. On all
resources it reads every index of every domain that has no fine-grained access
control. The same action is often added to a read-only policy to see the health
of a cluster, which needs one path of one domain only.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import Requests
from osreach.iam.document import Terms
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.full_service_access import every_domain, whole_service
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import Held, all_protected, allows, covered, reach
from osreach_rules.references import ACCESS_CONTROL

_READ_ONLY = frozenset({"AmazonESReadOnlyAccess", "AmazonOpenSearchServiceReadOnlyAccess"})
_LOOKING = frozenset({"es:ESHttpGet", "es:ESHttpHead"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of HTTP requests to all domains that is not the whole service."""
    for held in allows(analysis):
        actions, resource = held.statement.actions, every_domain(held)
        if actions.negated or resource is None or whole_service(held) is not None:
            continue
        verbs = tuple(sorted(http_actions(actions)))
        if not verbs:
            continue
        found = reach(
            analysis, held, resource, (Requests(verbs, ("/*",), ("/movies/_search",)),), is_administrator
        )
        if found is None:
            continue
        term = next(one for one in actions.terms if http_actions(Terms((one,))))
        does = "read the data of" if frozenset(verbs) <= _LOOKING else "read and change the data of"
        health = _for_health(held, frozenset(verbs))
        why = ", although its other policy is read-only without data" if health else ""
        yield Match(
            f"{found.who} can {does} every domain{why}",
            held.policy.name,
            (Place(held.place(term), "this action"), Place(held.place(resource), "on every domain")),
            witness=found.witness,
            confidence=found.confidence,
            severity=Severity.LOW if health or all_protected(analysis, held.policy) else None,
            principal=found.principal,
            remedy="allow it on `domain/<name>/_cluster/health` only" if health else "",
        )


def _for_health(held: Held, verbs: frozenset[str]) -> bool:
    """Whether the holders have the read-only policy of AWS, to which GET was added."""
    return (
        bool(held.policy.holders)
        and verbs <= _LOOKING
        and not any(covered(term.text) == () for term in held.statement.actions.terms)
        and all(any(policy.name in _READ_ONLY for policy in one.policies) for one in held.policy.holders)
    )


RULE = Rule(
    "OSR402",
    "every-domain-readable",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow the verbs that are needed, on `domain/<name>/*`",
)
