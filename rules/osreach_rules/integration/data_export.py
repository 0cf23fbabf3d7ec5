"""Reports that someone who runs no backups may have the cluster copy data elsewhere.

A request to `_reindex` can name a host outside, and one to `_snapshot` a bucket:
the cluster then reads or writes there itself, past the network of the caller.
These are rights for whoever moves data or takes backups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.iam.document import Effect, Statement, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.fine_grained.content import entry_place, names_operator, own_roles
from osreach_rules.identity.people import administers_or_deploys, says_administrator
from osreach_rules.identity.statements import allows, holders_words
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import CREATE_REPOSITORY, REINDEX

_MOVES_DATA = re.compile(
    r"snapshot|backup|back-up|restore|reindex|re-index|migrat|curator|archiv|disaster|recovery|ingest|\betl\b",
    re.IGNORECASE,
)
_EXPORTS = re.compile(r"/(?:\*/)?(?P<what>_reindex|_snapshot)(?:[/*].*)?")
_CHANGES = frozenset({"es:ESHttpPost", "es:ESHttpPut"})
_REINDEX = "indices:data/write/reindex"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow that names such a path, and each role inside a cluster that names the permission."""
    return once_a_place((*_in_policies(analysis), *_in_domains(analysis), *_in_clusters(analysis)))


def _in_policies(analysis: Analysis) -> Iterator[Match]:
    for held in allows(analysis):
        found = _export(held.statement)
        holders = [one for one in held.policy.holders if not _moves_data(one)]
        if found is None or _MOVES_DATA.search(held.policy.name) or (held.policy.holders and not holders):
            continue
        if not holders and says_administrator(held.policy.name):
            continue
        term, what = found
        who = holders_words(holders) or f"whoever gets `{held.policy.name}`"
        yield _match(
            who,
            what,
            held.policy.name,
            Place(held.place(term), "this path"),
            holders[0].address if holders else held.policy.name,
        )


def _in_domains(analysis: Analysis) -> Iterator[Match]:
    for found in analysis.statements:
        export = _export(found.statement)
        principals = found.statement.principals
        if export is None or found.statement.effect is not Effect.ALLOW or principals is None:
            continue
        names = [
            one.text.rpartition("/")[2]
            for one in principals.terms
            if not _MOVES_DATA.search(one.text) and not says_administrator(one.text.rpartition("/")[2])
        ]
        if not names:
            continue
        term, what = export
        who = analysis.caller(principals.terms[0].text, found.domain)
        yield _match(
            f"`{who}`",
            what,
            found.domain.address,
            Place(term.location or found.location, "this path"),
            principals.terms[0].text,
        )


def _in_clusters(analysis: Analysis) -> Iterator[Match]:
    for content in analysis.clusters:
        for declared in own_roles(content):
            role = declared.content
            name = analysis.words(role.name)
            if _REINDEX not in role.cluster_permissions or _MOVES_DATA.search(name) or names_operator(name):
                continue
            yield _match(
                f"the role `{name}`",
                "_reindex",
                declared.address,
                entry_place(analysis, declared, _REINDEX, "the permission"),
                role.name,
            )


def _match(who: str, what: str, resource: str, place: Place, principal: str) -> Match:
    where = "another host" if what == "_reindex" else "a bucket"
    return Match(
        f"{who} may have the cluster copy data from or to {where} by `{what}`",
        resource,
        (place,),
        principal=principal,
    )


def _export(statement: Statement) -> tuple[Term, str] | None:
    """The resource that is such a path, where the statement allows to send something there."""
    resources = statement.resources
    if statement.actions.negated or resources is None or resources.negated:
        return None
    if _CHANGES.isdisjoint(http_actions(statement.actions)):
        return None
    return _path(resources.terms)


def _path(terms: Iterable[Term]) -> tuple[Term, str] | None:
    for term in terms:
        _, separator, path = term.text.partition(":domain/")
        _, slash, rest = path.partition("/")
        found = _EXPORTS.fullmatch(f"/{rest}") if separator and slash else None
        if found is not None:
            return term, found["what"]
    return None


def _moves_data(identity: Identity) -> bool:
    return bool(_MOVES_DATA.search(identity.name) or _MOVES_DATA.search(identity.address)) or (
        administers_or_deploys(identity)
    )


RULE = Rule(
    "OSR607",
    "data-export",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(REINDEX, CREATE_REPOSITORY),
    remedy="leave `_reindex` and `_snapshot` to the identity that moves data or takes backups",
)
