"""What a domain and its own policy tell about each other's unknown parts."""

from __future__ import annotations

from dataclasses import replace

from osreach.access.domain import AttachedPolicy, Domain
from osreach.iam.document import Document, Statement, Term, Terms
from osreach.iam.hole import has_hole, is_hole

_ARN_PARTS = 6


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
    return replace(
        domain,
        partition=_better(domain.partition, parts[1]),
        region=_better(domain.region, parts[3]),
        account=_better(domain.account, parts[4]),
    )


def _better(known: str, written: str) -> str:
    """What the policy writes, where the code leaves the part open and the policy does not."""
    is_literal = bool(written) and not has_hole(written) and "*" not in written and "?" not in written
    return written if has_hole(known) and is_literal else known


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
    for index, own in ((1, domain.partition), (3, domain.region), (4, domain.account)):
        if len(parts[index]) == 1 and is_hole(parts[index]):
            parts[index] = own
    return replace(term, text=":".join(parts))
