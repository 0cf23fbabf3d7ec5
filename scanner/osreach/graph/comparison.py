"""Two versions of the code beside each other, with who is who in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from osreach.access.identity import Attachment
from osreach.evaluate.beyond import Situation
from osreach.evaluate.content import Contents, rewritten
from osreach.evaluate.counterpart import Counterparts, Moves, Version, counterparts
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.graph.who import Reachability
from osreach.iam.document import Document


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """One caller in both versions; None where it is in one only."""

    old: Standing | None
    new: Standing | None

    @property
    def one(self) -> Standing:
        """The caller as it is now, or was."""
        found = self.new or self.old
        if found is None:  # it was met in one of the two
            raise ValueError("a caller of no version")
        return found


@dataclass(slots=True, eq=False)
class Comparison:
    """Both versions with what is known of their callers and resources so far."""

    old: Reachability
    new: Reachability
    same: Counterparts
    before: Contents
    after: Contents
    _rewritten: dict[int, tuple[Document, Document]] = field(default_factory=dict)
    _old_callers: dict[str, Standing] | None = None
    _new_callers: dict[str, Standing] | None = None
    _changed: frozenset[str] | None = None
    _same_organization: bool | None = None

    def old_name(self, standing: Standing) -> str:
        """What a caller of the old version is called in both."""
        identity = standing.identity
        if identity is None:
            return self.same.words(standing.name)
        session = standing.key.removeprefix(identity.key)
        return self.same.identities.get(identity.key, self.same.words(identity.arn)) + session

    def new_name(self, standing: Standing) -> str:
        """What a caller of the new version is called in both: one that is new by its ARN, as policies name it."""
        identity = standing.identity
        if identity is None:
            return standing.name
        session = standing.key.removeprefix(identity.key)
        return (identity.key if identity.key in self.same.kept else identity.arn) + session

    @property
    def old_callers(self) -> Mapping[str, Standing]:
        """The roles and users of the old code."""
        if self._old_callers is None:
            self._old_callers = {self.old_name(one): one for one in self.old.standings}
        return self._old_callers

    @property
    def new_callers(self) -> Mapping[str, Standing]:
        """The roles and users of the new code."""
        if self._new_callers is None:
            self._new_callers = {self.new_name(one): one for one in self.new.standings}
        return self._new_callers

    def changed(self) -> frozenset[str]:
        """The names of callers of the code whose own policies are not what they were."""
        if self._changed is None:
            old = {name: self.before.standing(one) for name, one in self.old_callers.items()}
            new = {name: self.after.standing(one) for name, one in self.new_callers.items()}
            found = {name for name in {**old, **new} if old.get(name) != new.get(name)}
            self._changed = frozenset(found | self.same.renamed)
        return self._changed

    def document(self, document: Document) -> Document:
        """An old document in the words of the new code."""
        known = self._rewritten.get(id(document))
        if known is None:
            known = self._rewritten[id(document)] = document, rewritten(document, self.same.words)
        return known[1]

    def attachment(self, attachment: Attachment) -> Attachment:
        """An old policy in the words of the new code."""
        return replace(attachment, document=self.document(attachment.document))

    def situation(self, caller: Standing, target: Target, old: Standing, resource: Target) -> Situation:
        """The old policies around the new `caller` and `target`."""
        model = self.old.effective.model
        standing = replace(
            caller,
            policies=tuple(map(self.attachment, old.policies)),
            boundary=self.attachment(old.boundary) if old.boundary is not None else None,
            service_control=tuple(tuple(map(self.document, level)) for level in old.service_control),
            tags=old.tags,
            assumed=old.assumed,
        )
        around = replace(
            target, policies=tuple(map(self.attachment, resource.policies)), subject=resource.subject
        )
        # The policies of an organization count for accounts, of which the old code may know less.
        if self._same_organization is None:
            was = self.before.of(model.organization)
            self._same_organization = was == self.after.of(self.new.effective.model.organization)
        if self._same_organization:
            model = self.new.effective.model
        return Situation(standing, around, model)


def compare_versions(old: Version, new: Version, moves: Moves | None = None) -> Comparison:
    """Both versions, with who is who; `moves` are addresses that were renamed."""
    same = counterparts(old, new, moves or {})
    return Comparison(
        Reachability(EffectiveAccess(old.model)),
        Reachability(EffectiveAccess(new.model)),
        same,
        Contents(old.model, same.words),
        Contents(new.model, str),
    )
