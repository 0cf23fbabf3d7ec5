"""One resource that a pattern of an identity policy means, to put a question about the pattern as a request."""

from __future__ import annotations

import re

from osreach.access.identity import Identity
from osreach.access.model import Model
from osreach.evaluate.target import Target, TargetKind, of_domain
from osreach.iam.arn import parts_of
from osreach.iam.glob_match import is_everything
from osreach.iam.hole import has_hole

_NAME = "example"
_REGION = "us-east-1"
_WILDCARD = re.compile(r"[*?]+")


def example_domain(pattern: str, holder: Identity, model: Model) -> Target | None:
    """A domain of which `pattern` matches the ARN itself or a path below it; None where it can mean none.

    A domain that the code defines under exactly that name comes with its
    policies; of any other none are taken to exist. What `pattern` leaves open
    is the holder's own account, and any Region.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    if is_everything(pattern):
        return _domain(holder.partition, _REGION, holder.account, _NAME, known_region=False)
    parts = parts_of(pattern)
    if parts is None or parts[0] != "arn" or parts[2] not in ("es", "*"):
        return None
    resource = parts[5]
    if resource.startswith("domain/"):
        written = resource.removeprefix("domain/").partition("/")[0]
        name = written.replace("*", "").replace("?", "x") or _NAME
    elif is_everything(resource):
        name = _NAME
    else:
        return None
    partition = holder.partition if _WILDCARD.search(parts[1]) else parts[1]
    account = holder.account if _WILDCARD.search(parts[4]) else parts[4]
    open_region = _WILDCARD.search(parts[3]) is not None
    region = _REGION if open_region else parts[3]
    arn = f"arn:{partition}:es:{region}:{account}:domain/{name}"
    for domain in model.domains:
        if domain.arn == arn and domain.deployment == holder.deployment:
            return of_domain(domain, model)
    return _domain(partition, region, account, name, known_region=not open_region)


def _domain(partition: str, region: str, account: str, name: str, *, known_region: bool) -> Target:
    arn = f"arn:{partition}:es:{region}:{account}:domain/{name}"
    told = region if known_region and not has_hole(region) else ""
    return Target(TargetKind.DOMAIN, arn, "", arn, account, told, (), None)


def example_role(holder: Identity) -> Target:
    """Any other role of the holder's account."""
    arn = f"arn:{holder.partition}:iam::{holder.account}:role/{_NAME}"
    return Target(TargetKind.ROLE, arn, "", arn, holder.account, "", (), None)


def example_resource(pattern: str, holder: Identity, service: str, resource: str) -> Target:
    """A resource of a service that `pattern` means, without a policy of its own.

    `resource` is the last part of its ARN where the pattern means everything.
    """
    if is_everything(pattern):
        arn = f"arn:{holder.partition}:{service}:{_REGION}:{holder.account}:{resource}"
        return Target(TargetKind.OTHER, arn, "", arn, holder.account, "", (), None)
    arn = _WILDCARD.sub(_NAME, pattern)
    parts = parts_of(arn)
    account = parts[4] if parts is not None and parts[4] != _NAME else holder.account
    return Target(TargetKind.OTHER, arn, "", arn, account, "", (), None)
