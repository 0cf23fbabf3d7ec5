"""Which callers of the code can matter for a resource, found without asking each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.access.identity import Identity
from osreach.evaluate.relevance import covers_any, may_cover, patterns_of
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind, PrincipalTerm
from osreach.iam.hole import has_hole


def without_path(identity: Identity) -> str:
    """The ARN of an identity as policies may also write it: without its path."""
    return f"{identity.arn.rpartition(':')[0]}:{identity.kind.value}/{identity.name}"


class Candidates:
    """The callers of the code, to be found by their policies and by their ARNs; nothing changes once it is made."""

    def __init__(self, standings: Iterable[Standing]) -> None:
        self.standings = tuple(standings)
        self._holders: dict[int, tuple[Document, list[int]]] = {}
        self.by_arn: dict[str, list[int]] = {}
        for number, standing in enumerate(self.standings):
            for policy in standing.policies:
                held = self._holders.setdefault(id(policy.document), (policy.document, []))
                held[1].append(number)
            identity = standing.identity
            if identity is not None:
                for arn in {identity.arn, without_path(identity)}:
                    self.by_arn.setdefault(arn, []).append(number)
        self._with: dict[tuple[str, ...], list[tuple[tuple[str, ...], list[int]]]] = {}

    def allowed(self, actions: tuple[str, ...], arn: str) -> tuple[Standing, ...]:
        """Those whose own policies may allow one of the actions on the resource or a path behind it."""
        return self._at(self._allowed(actions, arn))

    def _allowed(self, actions: tuple[str, ...], arn: str) -> set[int]:
        found: set[int] = set()
        for patterns, holders in self._documents(actions):
            if any(may_cover(pattern, arn) for pattern in patterns):
                found.update(holders)
        return found

    def _documents(self, actions: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[int]]]:
        known = self._with.get(actions)
        if known is None:
            known = self._with[actions] = [
                (patterns, holders)
                for document, holders in self._holders.values()
                if (patterns := patterns_of(document, actions))
            ]
        return known

    def _at(self, numbers: Iterable[int]) -> tuple[Standing, ...]:
        return tuple(self.standings[number] for number in sorted(numbers))

    def of(self, target: Target, actions: tuple[str, ...]) -> tuple[Standing, ...]:
        """Those for whom anything at all may allow one of the actions on the target; the others have no access."""
        found = self._allowed(actions, target.arn)
        for term in _terms(target, actions):
            numbers = self._named(term)
            if numbers is None:
                return self.standings
            found.update(numbers)
        return self._at(found)

    def _named(self, term: PrincipalTerm | None) -> Iterable[int] | None:
        """The callers that a principal names by itself, None where it may be any."""
        if term is None or term.kind in {PrincipalKind.ANYONE, PrincipalKind.UNKNOWN}:
            return None
        if term.kind is not PrincipalKind.AWS:
            return ()
        known = self.by_arn.get(term.text)
        if known is not None:
            return known
        if ":assumed-role/" in term.text:
            role = term.text.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]
            return self.by_arn.get(role, ())
        is_account = term.text.endswith(":root") and not has_hole(term.text.rpartition(":")[2])
        return None if has_hole(term.text) and not is_account else ()


def _terms(target: Target, actions: tuple[str, ...]) -> Iterator[PrincipalTerm | None]:
    """The principals that the target's policies and grants may allow something; None for any."""
    for grant in target.grants:
        yield PrincipalTerm(PrincipalKind.AWS, grant.grantee, grant.location)
    for document in target.documents:
        if document.unknown:
            yield None
        for statement in document.statements:
            if statement.effect is Effect.DENY or statement.principals is None:
                continue
            if not covers_any(statement, actions, PolicyKind.RESOURCE):
                continue
            if statement.principals.negated:
                yield None
            yield from statement.principals.terms
