"""Rules, findings and reports that exist for tests only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.analysis import Analysis
from osreach.finding import Coverage, Finding, Report, Suppression
from osreach.iac.resource import Reading
from osreach.iam.hole import Holes
from osreach.iam.request import Anonymous, Request
from osreach.location import Location, Place
from osreach.problem import Problem
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence, Witness

ANALYSIS = Analysis(reading=Reading(), domains=(), holes=Holes())


def at(path: str, line: int, column: int = 1, end_column: int = 0, end_line: int = 0) -> Location:
    return Location(path, line, column, end_line or line, end_column or column + 1)


def silent(_analysis: Analysis) -> Iterator[Match]:
    return iter(())


def rule(
    code: str = "OSR901",
    name: str = "open-door",
    severity: Severity = Severity.HIGH,
    matches: Iterable[Match] = (),
) -> Rule:
    found = tuple(matches)

    def check(_analysis: Analysis) -> Iterable[Match]:
        return found

    return Rule(
        code,
        name,
        severity,
        since="0.1",
        check=check,
        references=("https://example.com/doors",),
        remedy="close the door",
    )


def match(
    path: str = "main.tf", line: int = 9, message: str = "`door` is open", resource: str = "aws_door.front"
) -> Match:
    return Match(message, resource, (Place(at(path, line)),))


WITNESS = Witness(
    Request(
        Anonymous(),
        "es:ESHttpGet",
        "arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search",
        {"aws:SourceIp": ("203.0.113.7",)},
    ),
    http="GET /x/_search",
)

SOURCE = """\
resource "aws_door" "front" {
  policy = jsonencode({
    Statement = [{
      Principal = "*"
    }]
  })
}
"""

FULL = Match(
    '`aws_door.front["a"]` can be opened by anyone',
    'aws_door.front["a"]',
    (
        Place(Location("main.tf", 4, 7, 4, 22), "anyone"),
        Place(Location("main.tf", 1, 1, 1, 28), "the door"),
        Place(Location("sub dir/net#work.tf", 3, 5, 5, 6), "it leads to the street"),
    ),
    witness=WITNESS,
    confidence=Confidence.POSSIBLE,
    severity=Severity.CRITICAL,
    remedy="name who may open it",
    principal="anonymous",
)

OPEN = rule(matches=[FULL])
DUSTY = rule(
    "OSR902",
    "dusty-floor",
    Severity.LOW,
    [match("other.tf", 2, "the floor of `hall` is dusty", "aws_floor.hall")],
)
QUIET = rule("OSR903", "quiet-rule", Severity.INFO)

REPORT = Report(
    findings=(
        Finding(OPEN, FULL),
        Finding(
            DUSTY,
            match("other.tf", 2, "the floor of `hall` is dusty", "aws_floor.hall"),
            Suppression("comment", "dust is harmless", at("other.tf", 2, 20)),
        ),
    ),
    problems=(Problem(at("broken.tf", 7, 3), "the brace of `resource` is never closed"),),
    coverage=Coverage(
        files=3,
        resources=41,
        access_resources=9,
        unknowns=(
            (Unknown("var.principals", "no default and no value given"), at("main.tf", 5, 2)),
            (Unknown("var.principals", "no default and no value given"), at("main.tf", 4, 2)),
        ),
    ),
)

EMPTY = Report(findings=())

HOSTILE = "x`|<b>@me</b>\x1b[31m%0A::error::\u202e,:&]]>\n*"
"""A name that would break out of every format that does not escape it."""

HOSTILE_REPORT = Report(
    findings=(
        Finding(OPEN, Match(f"name `{HOSTILE}`", HOSTILE, (Place(at(f"a/{HOSTILE}.tf", 1), HOSTILE),))),
    ),
    problems=(Problem(at(f"a/{HOSTILE}.tf", 1), HOSTILE),),
    failures=(("open-door", HOSTILE),),
)
