"""What the policies of a deployment tell about the account and region that its code leaves open.

A domain's policy acts on its own domain only. Where it writes an account, and
the code takes the account from the provider, both are the same, and so is that
of everything else in the deployment. An ARN with a written partition and the
account of the provider tells the partition, since an account is in one only.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from osreach.access.domain import Domain
from osreach.extract.attribute import identity
from osreach.extract.domain import ACCOUNT, PARTITION, REGION
from osreach.iac.resource import Resource
from osreach.iam.hole import has_hole
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

Learned = Mapping[str, Mapping[str, str]]
"""By deployment: the text behind an expression that the code leaves open."""

_BEFORE_ACCOUNT = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]*:[a-z0-9-]*:")
_BEFORE_REGION = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]*:")


def learn(domains: Iterable[Domain], resources: Iterable[Resource] = ()) -> Learned:
    """What settled domains and written ARNs tell; nothing where two of a deployment contradict each other."""
    found: dict[str, dict[str, set[str]]] = {}
    for resource in resources:
        for partition in (*_partitions(resource.attributes), *_written(resource)):
            found.setdefault(resource.deployment, {}).setdefault(PARTITION, set()).add(partition)
    for domain in domains:
        known = found.setdefault(domain.deployment, {})
        for expression, text in (
            (ACCOUNT, domain.account),
            (REGION, domain.region),
            (PARTITION, domain.partition),
        ):
            if not has_hole(text):
                known.setdefault(expression, set()).add(text)
    return {
        deployment: {expression: min(texts) for expression, texts in known.items() if len(texts) == 1}
        for deployment, known in found.items()
    }


def _written(resource: Resource) -> Iterator[str]:
    """The partition of each ARN that is written with the resource's own account, or names a policy of AWS."""
    accounts = {_OF_AWS, resource.account} if isinstance(resource.account, str) else {_OF_AWS}
    for text in _texts(resource.attributes):
        for partition, account in _ARN.findall(text):
            if account in accounts:
                yield partition


def _texts(value: Value) -> Iterator[str]:
    match value.data:
        case str() as text:
            if "arn:aws" in text:
                yield text
        case Json(inner):
            yield from _texts(inner)
        case tuple() as items:
            for item in items:
                yield from _texts(item)
        case Object(entries):
            for entry in entries.values():
                yield from _texts(entry)
        case _:
            return


_OF_AWS = "aws"
_ARN = re.compile(r"\barn:(aws[a-z-]*):[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}|aws):")


def _partitions(value: Value) -> Iterator[str]:
    """The partition of each ARN in a value whose account is that of the provider."""
    match value.data:
        case Text(parts):
            for part, following in pairwise(parts):
                if isinstance(following.text, Unknown) and isinstance(part.text, str):
                    written = _BEFORE_ACCOUNT.fullmatch(part.text)
                    if written is not None and identity(following.text) == ACCOUNT:
                        yield written.group(1)
            yield from _before_region(tuple(part.text for part in parts))
        case Json(inner):
            yield from _partitions(inner)
        case tuple() as items:
            for item in items:
                yield from _partitions(item)
        case Object(entries):
            for entry in entries.values():
                yield from _partitions(entry)
        case _:
            return


def _before_region(texts: tuple[str | Unknown, ...]) -> Iterator[str]:
    """The partition of an ARN whose region and account are both those of the provider."""
    for begin, region, colon, account in zip(texts, texts[1:], texts[2:], texts[3:], strict=False):
        if not (isinstance(begin, str) and isinstance(region, Unknown) and isinstance(account, Unknown)):
            continue
        written = _BEFORE_REGION.fullmatch(begin)
        places = (identity(region), colon, identity(account))
        if written is not None and places == (REGION, ":", ACCOUNT):
            yield written.group(1)


def with_place(resource: Resource, learned: Learned) -> Resource:
    """`resource` with what was learned written into it."""
    known = learned.get(resource.deployment)
    if not known:
        return resource
    attributes = _filled(resource.attributes, known)
    account = resource.account
    if isinstance(account, Unknown):
        account = known.get(account.expression, account)
    if attributes is resource.attributes and account is resource.account:
        return resource
    return replace(resource, attributes=attributes, account=account)


def _filled(value: Value, known: Mapping[str, str]) -> Value:
    match value.data:
        case Unknown() as unknown if identity(unknown) in known:
            return Value(known[identity(unknown)], value.location)
        case Text(parts) if any(isinstance(part.text, Unknown) for part in parts):
            return Value(Text(tuple(_part(part, known) for part in parts)), value.location)
        case Json(inner):
            found = _filled(inner, known)
            return value if found is inner else Value(Json(found), value.location)
        case tuple() as items:
            new = tuple(_filled(item, known) for item in items)
            return value if all(map(_same, new, items)) else Value(new, value.location)
        case Object(entries, rest):
            filled = {name: _filled(entry, known) for name, entry in entries.items()}
            if all(map(_same, filled.values(), entries.values())):
                return value
            return Value(Object(filled, rest), value.location)
        case _:
            return value


def _same(one: Value, other: Value) -> bool:
    return one is other


def _part(part: TextPart, known: Mapping[str, str]) -> TextPart:
    if isinstance(part.text, Unknown) and identity(part.text) in known:
        return replace(part, text=known[identity(part.text)])
    return part
