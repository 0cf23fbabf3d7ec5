"""Reports two encryption policies with the same pattern of collections.

Of different patterns the more specific one chooses the key. The same pattern in
two policies of an account and Region is an error: the second policy is refused.
Nothing is said of policies that may not exist both, since their `count` is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import EncryptionPolicy
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.encryption import EncryptionBearing, rival_patterns
from osreach_rules.references import SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each pattern that another policy has already."""
    together: dict[tuple[str, str, str], list[EncryptionPolicy]] = {}
    for policy in analysis.serverless.encryption:
        together.setdefault((policy.deployment, policy.account, policy.region), []).append(policy)
    for policies in together.values():
        for first, other in rival_patterns([EncryptionBearing(one.address, one.content) for one in policies]):
            if first.pattern.location == other.pattern.location and has_hole(other.pattern.text):
                # one line of the code that makes several policies, each of which may have its own name
                continue
            if any(
                _may_be_absent(analysis, one)
                for one in policies
                if one.address in {first.source, other.source}
            ):
                continue
            yield Match(
                f"`{analysis.words(other.pattern.text)}` stands in `{first.source}` already, "
                "and the second policy with the same pattern is refused",
                other.source,
                (
                    Place(other.pattern.location, "the pattern"),
                    Place(first.pattern.location, "the same pattern"),
                ),
            )


def _may_be_absent(analysis: Analysis, policy: EncryptionPolicy) -> bool:
    """Whether its number is not known: the unknown `count` of a resource stands at its header."""
    return any(
        (place.path, place.line) == (policy.location.path, policy.location.line)
        for _, place in analysis.reading.unknowns
    )


RULE = Rule(
    "OSR343",
    "same-encryption-pattern",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="leave the pattern to one of the two policies",
)
