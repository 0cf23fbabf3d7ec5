"""Reports an action or ARN of a domain under a service name that domains do not have.

Domains kept the names of the old service: their actions begin with `es:`, their
ARNs with `arn:aws:es:`. `opensearch:` is for applications and data sources. A
statement with another name, or the name of another partition, matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Term
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import Held, covered, written
from osreach_rules.references import RENAMED, SERVICE_AUTHORIZATION

_NEVER = frozenset({"opensearchservice", "elasticsearch", "elasticsearchservice", "opensearch-service"})
_WHOLE_ARN = 6


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such action and ARN."""
    for held in written(analysis):
        wrong = [term for term in held.statement.actions.terms if _is_wrong_action(term.text)]
        for term in wrong[:1]:
            name = term.text.partition(":")[2] or term.text
            whole = len(wrong) == len(held.statement.actions.terms)
            yield Match(
                f"no service has actions called `{term.text}`; those of domains begin with `es:`, "
                f"as in `es:{name}`",
                held.policy.name,
                (Place(held.place(term), "the action"),),
                severity=Severity.HIGH if held.denies and whole else None,
            )
        terms = held.statement.resources.terms if held.statement.resources else ()
        faults = [(term, _fault(held, term)) for term in terms]
        for term, fault in faults:
            if fault:
                every = all(one for _, one in faults)
                yield Match(
                    f"`{analysis.words(term.text)}` {fault}",
                    held.policy.name,
                    (Place(held.place(term), "the resource"),),
                    severity=Severity.HIGH if held.denies and every else None,
                )


def _is_wrong_action(pattern: str) -> bool:
    prefix, colon, _ = pattern.lower().partition(":")
    if not colon or has_hole(pattern):
        return False
    return prefix in _NEVER or (prefix == "opensearch" and not covered(pattern, "opensearch"))


def _fault(held: Held, term: Term) -> str:
    """What is wrong about the ARN, empty where nothing is."""
    parts = term.text.split(":", _WHOLE_ARN - 1)
    if len(parts) != _WHOLE_ARN or not parts[5].startswith("domain/"):
        return ""
    if parts[2] in _NEVER or parts[2] == "opensearch":
        return "is no ARN of a domain: the service in it is called `es`"
    if parts[2] != "es" or has_hole(parts[1]) or "*" in parts[1]:
        return ""
    own = {holder.partition for holder in held.policy.holders}
    if own and not any(has_hole(one) or one == parts[1] for one in own):
        return f"names the partition `{parts[1]}`, and its holder belongs to `{min(own)}`"
    return ""


RULE = Rule(
    "OSR416",
    "wrong-service-name",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVICE_AUTHORIZATION, RENAMED),
    remedy="write `es:` for actions and `arn:<partition>:es:` for domains",
)
