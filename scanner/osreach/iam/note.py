"""Points on which the documentation is silent or contradicts itself, met while deciding.

Each note is a sentence for people. A decision that met one carries it, so that
such a point is never settled silently.
"""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """One such point; the value is the sentence."""

    ACCOUNT_ALONE = (
        "only the account is named in the resource policy: it is documented that this delegates to identity "
        "policies, not whether it also grants by itself, so it may be reachable"
    )
    CURRENT_NAME_ONLY = "a statement names only the current action; it is not documented whether it covers the legacy action too"
    LEGACY_EXCEPTION = "`NotAction` names only the legacy action; it is not documented whether the exception covers the current one"
    SERVICE_WILDCARD = "a wildcard in the service part of an ARN is not allowed; taken to match in an allow and not in a deny"
    TYPE_WILDCARD = (
        "a wildcard inside the resource type of an ARN is not allowed; "
        "taken to match in an allow and not in a deny"
    )
    SHORT_ARN = "an ARN with fewer than six parts is read as AWS does, which is not documented"
    ACTION_WILDCARD = "an action needs a service prefix without wildcards, so this one matches nothing"
    NO_RESOURCE = (
        "a statement of a resource policy without `Resource`: "
        "taken to match in an allow, and as not known in a deny"
    )
    NOT_RESOURCE_VARIABLE = "`NotResource` with a variable that has no value in the request: the documentation leaves open what follows"
    NOT_PRINCIPAL_SERVICE_DEPENDENT = (
        "`NotPrincipal` exempts the caller but not also its account and role: "
        "whether it is denied depends on the service"
    )
    NOT_PRINCIPAL_BOUNDARY = (
        "`NotPrincipal` with `Deny` denies every caller with a permissions boundary, listed or not"
    )
    NOT_PRINCIPAL_ALLOW = "`NotPrincipal` with `Allow` is not supported and read as everybody else, callers who do not sign included"
    MANY_VALUES = (
        "a key with several values is compared without `ForAllValues` or `ForAnyValue`, which never matches"
    )
    ANY_IF_EXISTS = "`IfExists` with `ForAnyValue` on an absent key is read as not matching; the documentation is ambiguous"
    ARN_STAR = (
        "an ARN operator with a pattern that is no ARN: the documentation leaves open whether it matches"
    )
    DOMAIN_POLICY_CONFIGURATION = "a domain's access policy governs `es:ESHttp*` on its paths only and has no effect on its configuration"
    RESOURCE_CONTROL_UNSUPPORTED = (
        "resource control policies do not apply to this service, so the given ones were left out"
    )
    CANONICAL_USER = "a canonical user id cannot be told from the files to be the caller's account or not"
    STAR_IN_TRUST = "`*` in a trust policy: the documentation sets services and federated callers aside"
