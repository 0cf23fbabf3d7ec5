"""Where the access policy and the cluster judge differently, because the one sees paths and the other indexes.

The access policy knows the path of a request as it is written. Which indexes
are meant, aliases, wildcards and names in the body included, only the cluster
knows.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-types-resource
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.cluster import Sent, answer_of, content_of, subject_of
from osreach.evaluate.effective import EffectiveAccess, all_documents
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.standing import Standing, policies_for
from osreach.evaluate.target import Target
from osreach.iam.decision import Verdict, decide
from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.decision import Verdict as Inner
from osreach.opensearch.index import Name
from osreach.opensearch.need import is_reading
from osreach.opensearch.pattern import is_wildcard
from osreach.opensearch.predefined import Engine
from osreach.opensearch.route import KnownRequest, recognise
from osreach.words import listed


class Trick(Enum):
    """How a request means an index that its path does not show to the access policy."""

    BODY = "body"
    EVERYTHING = "everything"
    WILDCARD = "wildcard"
    LIST = "list"
    ENCODED = "encoded"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Bypass:
    """A request for the same that passes; `words` say where the index stands in it.

    Of an index name that is percent-encoded it is not documented whether the
    access policy sees it so; such a request is not `certain`.
    """

    trick: Trick
    sent: Sent
    words: str = ""

    @property
    def certain(self) -> bool:
        """Whether the request certainly passes."""
        return self.trick is not Trick.ENCODED

    @property
    def request(self) -> str:
        """The request for people, with where the index stands in it."""
        return f"`{self.sent.method} {self.sent.path}`{self.words}"


def sentences(found: tuple[Bypass, ...]) -> tuple[str, ...]:
    """What becomes of the requests: one sentence of those that certainly pass, one of the others."""
    sure = [one.request for one in found if one.certain]
    unsure = [one.request for one in found if not one.certain]
    said = []
    if sure:
        said.append(f"{listed(sure)} {_does(sure)}")
    if unsure:
        condition = "if the access policy is held against paths as they are sent, which is not documented"
        said.append(f"{listed(unsure)} {_does(unsure)}, {condition}")
    return tuple(said)


def _does(words: list[str]) -> str:
    return "does the same and is allowed" if len(words) == 1 else "do the same and are allowed"


class Difference(Enum):
    """Which of the two lets a request pass that the other stops."""

    EDGE_ONLY = "passes the access policy, and the cluster refuses it"
    CLUSTER_ONLY = "is stopped by the access policy, and the cluster would allow it"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A request about which the access policy and the cluster disagree."""

    difference: Difference
    sent: Sent
    index: str


_VERBS = {
    "GET": "es:ESHttpGet",
    "HEAD": "es:ESHttpHead",
    "POST": "es:ESHttpPost",
    "PUT": "es:ESHttpPut",
    "PATCH": "es:ESHttpPatch",
    "DELETE": "es:ESHttpDelete",
}


def _passes_edge(
    standing: Standing, target: Target, sent: Sent, effective: EffectiveAccess, circumstances: Circumstances
) -> Verdict:
    action = _VERBS.get(sent.method)
    if action is None:
        return Verdict.IMPLICIT_DENY
    policies = policies_for(standing, target, action, effective.model)
    domains = key_domains(keys_of(all_documents(policies)), standing.principal, target, circumstances)
    resource = f"{target.arn}{sent.path.partition('?')[0]}"
    return decide(request_of(standing.principal, action, resource, target, domains), policies).verdict


def _passes_inside(standing: Standing, domain: Domain, content: ClusterContent | None, sent: Sent) -> Inner:
    """What the cluster says, which allows everything where fine-grained access control is off."""
    if protection(domain) is Protection.OFF:
        return Inner.ALLOWED
    if content is None:
        return Inner.UNKNOWN
    subject = subject_of(standing, content)
    return answer_of(content, subject, sent).verdict


_OTHER = "no-such-index"
_SEARCH = "_search"
_DOCUMENT = ("_doc", "_create", "_update", "_source")


def _index_of(sent: Sent) -> tuple[str, str, str]:
    """Index, operation and what follows of `/movies/_doc/1`; the index is empty where it is not one name."""
    segments = [unquote(one) for one in sent.path.partition("?")[0].strip("/").split("/")]
    name = segments[0]
    if not name or name.startswith("_") or "," in name or ":" in name or is_wildcard(name):
        return "", "", ""
    return name, segments[1] if len(segments) > 1 else "", "/".join(segments[2:])


def _lines(*objects: object) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in objects)


def _tricks(sent: Sent, content: ClusterContent | None, *, body_names: bool) -> Iterator[Bypass]:
    """Other requests that do what this one does."""
    name, operation, rest = _index_of(sent)
    if not name:
        return
    named = f" with `{name}` in its body"
    tail = "".join(f"/{one}" for one in (operation, rest) if one)
    reads = sent.method in {"GET", "HEAD"} or operation in {_SEARCH, "_count", "_mget", "_msearch"}
    if body_names:
        match sent.method:
            case _ if operation == _SEARCH:
                for verb in ("POST", "GET"):
                    body = _lines({"index": name}, {"query": {"match_all": {}}})
                    yield Bypass(Trick.BODY, Sent(verb, "/_msearch", body), named)
            case "GET" if operation in _DOCUMENT:
                for verb in ("POST", "GET"):
                    body = json.dumps({"docs": [{"_index": name, "_id": rest}]})
                    yield Bypass(Trick.BODY, Sent(verb, "/_mget", body), named)
            case "PUT" | "POST" if operation in _DOCUMENT or operation == "_bulk":
                kind = "update" if operation == "_update" else "index"
                for verb in ("POST", "PUT"):
                    body = _lines({kind: {"_index": name, "_id": "1"}}, {"doc": {}})
                    yield Bypass(Trick.BODY, Sent(verb, "/_bulk", body), named)
            case "DELETE" if operation in _DOCUMENT:
                for verb in ("POST", "PUT"):
                    body = _lines({"delete": {"_index": name, "_id": rest}})
                    yield Bypass(Trick.BODY, Sent(verb, "/_bulk", body), named)
            case "DELETE" if not operation:
                body = json.dumps({"actions": [{"remove_index": {"index": name}}]})
                yield Bypass(Trick.BODY, Sent("POST", "/_aliases", body), named)
            case _:
                pass
    if content is not None:
        for index in content.cluster.indexes.known:
            if name == index.name:
                for alias in index.aliases:
                    yield Bypass(
                        Trick.ALIAS, Sent(sent.method, f"/{alias}{tail}", sent.body), ", an alias of it,"
                    )
    if reads and operation == _SEARCH:
        yield Bypass(Trick.LIST, Sent(sent.method, f"/{name},{name}{tail}", sent.body))
        # A wildcard without any index is no error, so that the list may begin with one.
        yield Bypass(Trick.LIST, Sent(sent.method, f"/{_OTHER}*,{name}{tail}", sent.body))
        yield Bypass(Trick.WILDCARD, Sent(sent.method, f"/{name[:-1]}*{tail}", sent.body))
        yield Bypass(Trick.EVERYTHING, Sent(sent.method, f"/_all{tail}", sent.body))
        yield Bypass(Trick.EVERYTHING, Sent(sent.method, f"/*{tail}", sent.body))
    if name.isascii():
        yield Bypass(Trick.ENCODED, Sent(sent.method, f"/%{ord(name[0]):02X}{name[1:]}{tail}", sent.body))


def bypasses(
    standing: Standing,
    target: Target,
    sent: Sent,
    effective: EffectiveAccess,
    circumstances: Circumstances = DIRECT,
) -> tuple[Bypass, ...]:
    """Other requests for the same that pass both the access policy and the cluster; one for each trick.

    Only those that certainly pass, so a caller who has no way in gets none.
    """
    domain = target.subject
    if not isinstance(domain, Domain):
        return ()
    content = content_of(effective.model, domain)
    found: dict[Trick, Bypass] = {}
    for one in _tricks(sent, content, body_names=not domain.explicit_index.may_be(value=False)):
        if one.trick in found:
            continue
        if _passes_edge(standing, target, one.sent, effective, circumstances) is not Verdict.ALLOWED:
            continue
        if _passes_inside(standing, domain, content, one.sent) is Inner.ALLOWED:
            found[one.trick] = one
    return tuple(found.values())


def unseen_in_body(
    standing: Standing,
    target: Target,
    sent: Sent,
    effective: EffectiveAccess,
    circumstances: Circumstances = DIRECT,
) -> tuple[str, ...]:
    """Indexes that the body of a request names although the access policy refuses requests that name them by path."""
    domain = target.subject
    if sent.body is None or not isinstance(domain, Domain):
        return ()
    content = content_of(effective.model, domain)
    engine = content.cluster.version.engine if content is not None else Engine.OPENSEARCH
    request = recognise(sent.method, sent.path, sent.body, engine)
    if not isinstance(request, KnownRequest) or not request.indexes_in_body:
        return ()
    found: dict[str, None] = {}
    for need in request.needs:
        for one in need.targets:
            if not isinstance(one, Name) or one.name in found:
                continue
            reading = is_reading(need.action)
            direct = Sent("GET", f"/{one.name}/_search") if reading else Sent("POST", f"/{one.name}/_doc")
            verdict = _passes_edge(standing, target, direct, effective, circumstances)
            if verdict in {Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY}:
                found[one.name] = None
    return tuple(found)


def _operations(index: str) -> Iterator[Sent]:
    yield Sent("GET", f"/{index}/_search")
    yield Sent("POST", f"/{index}/_doc", "{}")
    yield Sent("DELETE", f"/{index}/_doc/1")
    yield Sent("DELETE", f"/{index}")
    body = _lines({"index": index}, {"query": {"match_all": {}}})
    yield Sent("POST", "/_msearch", body)
    yield Sent("POST", "/_bulk", _lines({"index": {"_index": index}}, {}))


def _indexes(target: Target, content: ClusterContent, standing: Standing) -> tuple[str, ...]:
    """Indexes that the access policy, the caller's policies or a role of the cluster speak of; one of each pattern."""
    found: dict[str, None] = {}
    for document in (*target.documents, *standing.documents):
        for statement in document.statements:
            for term in statement.resources.terms if statement.resources is not None else ():
                path = term.text.partition(":domain/")[2].partition("/")[2]
                found.setdefault(path.partition("/")[0])
    for role in content.cluster.roles.values():
        if not role.predefined:
            for permission in role.index_permissions:
                found.update(dict.fromkeys(permission.patterns))
    names = (one.replace("*", "x").replace("?", "x") for one in found)
    plain = (
        name
        for name in names
        if name and name.isascii() and not name.startswith(("_", "/", "<")) and "$" not in name
    )
    return tuple(dict.fromkeys(name for name in plain if name != SECURITY_INDEX))


def disagreements(
    standing: Standing, target: Target, effective: EffectiveAccess, circumstances: Circumstances = DIRECT
) -> tuple[Disagreement, ...]:
    """Requests that one of the access policy and the cluster certainly lets pass and the other certainly stops.

    Asked are the usual operations on one index of every pattern that either of them speaks of.
    """
    domain = target.subject
    if not isinstance(domain, Domain) or protection(domain) is not Protection.ON:
        return ()
    content = content_of(effective.model, domain)
    if content is None:
        return ()
    found = []
    for index in _indexes(target, content, standing):
        for sent in _operations(index):
            edge = _passes_edge(standing, target, sent, effective, circumstances)
            inner = _passes_inside(standing, domain, content, sent)
            denied = edge in {Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY}
            if edge is Verdict.ALLOWED and inner is Inner.DENIED:
                found.append(Disagreement(Difference.EDGE_ONLY, sent, index))
            elif denied and inner is Inner.ALLOWED:
                found.append(Disagreement(Difference.CLUSTER_ONLY, sent, index))
    return tuple(found)
