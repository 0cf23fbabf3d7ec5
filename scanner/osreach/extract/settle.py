"""What a domain and its own policy tell about each other's unknown parts."""

from __future__ import annotations

from dataclasses import replace

from osreach.access.domain import AttachedPolicy, Domain
from osreach.iam.document import Document, Statement, Term, Terms
from osreach.iam.hole import has_hole, is_hole

_ARN_PARTS = 6
_PLACE = {1: "partition", 3: "region", 4: "account"}


def settle(domain: Domain) -> Domain:
    """`domain` with its place taken from its policy, and its policy with the domain's place.

    A policy acts on its own domain only, so an ARN in it that names the domain
    tells the partition, region and account where the code leaves them to the
    provider, and an unknown part of such an ARN is the domain's own.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    for policy in domain.policies:
        for statement in policy.document.statements if policy.document else ():
            for term in statement.resources.terms if statement.resources else ():
                domain = _learn(domain, term.text)
    return replace(domain, policies=tuple(_teach(policy, domain) for policy in domain.policies))


def _learn(domain: Domain, resource: str) -> Domain:
    parts = resource.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or parts[2] != "es":
        return domain
    name, _, _ = parts[5].removeprefix("domain/").partition("/")
    if name.rstrip("*") != domain.name or has_hole(domain.name):
        return domain
    changes = {
        attribute: parts[index]
        for index, attribute in _PLACE.items()
        if has_hole(getattr(domain, attribute)) and _is_literal(parts[index])
    }
    return replace(domain, **changes) if changes else domain


def _is_literal(text: str) -> bool:
    return bool(text) and not has_hole(text) and "*" not in text and "?" not in text


def _teach(policy: AttachedPolicy, domain: Domain) -> AttachedPolicy:
    if policy.document is None:
        return policy
    statements = tuple(_teach_statement(statement, domain) for statement in policy.document.statements)
    document: Document = replace(policy.document, statements=statements)
    return replace(policy, document=document)


def _teach_statement(statement: Statement, domain: Domain) -> Statement:
    if statement.resources is None:
        return statement
    terms = tuple(_teach_term(term, domain) for term in statement.resources.terms)
    resources: Terms = replace(statement.resources, terms=terms)
    return replace(statement, resources=resources)


def _teach_term(term: Term, domain: Domain) -> Term:
    parts = term.text.split(":", _ARN_PARTS - 1)
    if not has_hole(term.text) or len(parts) != _ARN_PARTS or parts[0] != "arn" or parts[2] != "es":
        return term
    for index, attribute in _PLACE.items():
        if len(parts[index]) == 1 and is_hole(parts[index]):
            parts[index] = getattr(domain, attribute)
    return replace(term, text=":".join(parts))
