"""Reports a global condition key that OpenSearch Serverless does not promise for requests for data.

The guide lists the global keys that `aoss:APIAccessAll` and
`aoss:DashboardsAccessAll` support. `aws:MultiFactorAuthPresent`,
`aws:PrincipalTag` and others are not among them: whether requests carry them is
not documented, so the statement may never apply, or always. Two names in that
list are no keys of IAM, and a statement that copies them does not do what it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.serverless_keys import is_promised
from osreach.iam.document import Condition
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held
from osreach_rules.references import CONDITION_KEYS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import holds_when_absent, is_about_data, spoken

_MISSPELT = {
    "aws:principallsawsservice": "aws:PrincipalIsAWSService",
    "aws:calledviaawsservice": "aws:CalledVia",
}
"""Names in the guide's list that the guide of IAM does not have, and what they stand for."""

_ELSEWHERE = ("aws:requesttag/", "aws:tagkeys")
"""Keys of which the guide says that they are not supported, which is another finding."""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each condition on such a key in a statement about nothing but requests for data."""
    for held in spoken(analysis):
        about_data = is_about_data(held.statement)
        for condition in held.statement.conditions:
            key = condition.key.lower()
            if not key.startswith("aws:") or has_hole(key):
                continue
            meant = _MISSPELT.get(key)
            if meant is not None:
                message = f"no condition key is called `{condition.key}`; did you mean `{meant}`?"
            elif about_data and _is_unpromised(held, condition):
                message = (
                    f"requests for data are not documented to carry `{condition.key}`, "
                    f"so this may {_consequence(held, condition)}"
                )
            else:
                continue
            yield Match(
                message,
                held.policy.name,
                (Place(condition.location or held.location, "the condition"),),
                confidence=Confidence.POSSIBLE,
            )


def _is_unpromised(held: Held, condition: Condition) -> bool:
    key = condition.key.lower()
    if is_promised(key) or key.startswith(_ELSEWHERE) or condition.operator == "Null":
        return False
    # Endpoints take HTTPS only, so a Deny of anything else has nothing to forbid.
    return not (held.denies and key == "aws:securetransport")


def _consequence(held: Held, condition: Condition) -> str:
    match held.denies, holds_when_absent(condition):
        case True, True:
            return "deny every request"
        case True, False:
            return "deny nothing"
        case False, True:
            return "allow every request"
        case _:
            return "allow nothing"


RULE = Rule(
    "OSR332",
    "unsupported-global-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, CONDITION_KEYS),
    remedy="use a key that the guide lists, such as `aws:PrincipalArn` or `aws:SourceVpce`",
)
