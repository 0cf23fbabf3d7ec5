"""Reports an Allow that says what is excepted instead of what is meant.

`NotAction` and `NotResource` with an Allow take in everything that is not
listed: every request to every domain, every use of every key, and what AWS will
add tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.action import names_match
from osreach.iam.document import Terms
from osreach.iam.glob_match import glob_matches, is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.identity.people import policy_names_administrator, runs_things
from osreach_rules.identity.statements import allows, covered, has_domains
from osreach_rules.references import NOT_ACTION, NOT_RESOURCE

_SAMPLES = {"es": "es:ESHttpGet", "aoss": "aoss:APIAccessAll", "kms": "kms:Decrypt", "osis": "osis:Ingest"}
_POWER_USER = frozenset({"iam:*", "organizations:*", "account:*", "sso:*", "aws-portal:*", "budgets:*"})
_SOME_DOMAIN = "arn:aws:es:us-east-1:000000000000:domain/example/example"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such Allow that takes in search services or keys, beside domains or naming the service."""
    for held in allows(analysis):
        statement, holders = held.statement, held.policy.holders
        if all(runs_things(one) for one in holders) and (holders or policy_names_administrator(held.policy)):
            continue
        actions, resources = statement.actions, statement.resources
        if actions.negated and not _for_power_users(actions):
            open_services = [name for name, sample in _SAMPLES.items() if not _lists(actions, sample)]
            reaches = resources is None or resources.negated or any(map(_may_be_domain, _texts(resources)))
            if "es" in open_services and reaches and has_domains(analysis, held.policy):
                yield Match(
                    "this allows every action that is not listed, those of "
                    + ", ".join(f"`{name}`" for name in open_services)
                    + " among them",
                    held.policy.name,
                    (Place(actions.location or held.location, "the element"),),
                )
        elif resources is not None and resources.negated and any(covered(text) for text in _texts(actions)):
            if any(is_everything(text) for text in _texts(actions)) and not has_domains(
                analysis, held.policy
            ):
                continue
            if not any(glob_matches(text, _SOME_DOMAIN) is Truth.TRUE for text in _texts(resources)):
                yield Match(
                    "this allows it on every domain that is not listed, future ones among them",
                    held.policy.name,
                    (Place(resources.location or held.location, "the element"),),
                )


def _texts(terms: Terms) -> tuple[str, ...]:
    return tuple(term.text for term in terms.terms)


def _lists(actions: Terms, sample: str) -> bool:
    """Whether an action may be excepted."""
    return any(names_match(text, sample) is not Truth.FALSE for text in _texts(actions))


def _for_power_users(actions: Terms) -> bool:
    """Whether only the administration of people and accounts is excepted, as for power users."""
    return {text.lower() for text in _texts(actions)} >= {"iam:*"} and {
        text.lower() for text in _texts(actions)
    } <= _POWER_USER


def _may_be_domain(pattern: str) -> bool:
    return glob_matches(pattern, _SOME_DOMAIN) is not Truth.FALSE or ":es:" in pattern


RULE = Rule(
    "OSR421",
    "open-ended-allow",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(NOT_ACTION, NOT_RESOURCE),
    remedy="list the actions and resources that are meant",
)
