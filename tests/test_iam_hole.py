"""Unknown parts of texts, and how they are written for people."""

from __future__ import annotations

import pytest

from osreach.iam.hole import Holes

LONG = 'var.environment == "sandbox" ? "sandbox-reader" : join("-", [var.project, var.environment, "reader"])'
SHORT = 'var.environment == "sandbox" ? "sand...vironment, "reader"])'


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("var.name", "role/${var.name}!"),
        ("x" * 60, "role/${" + "x" * 60 + "}!"),
        ("x" * 61, "role/${" + "x" * 36 + "..." + "x" * 21 + "}!"),
        (LONG, f"role/${{{SHORT}}}!"),
        ("local.account", "role/<account>!"),
    ],
)
def test_an_unknown_part_is_written_as_its_expression(expression: str, written: str) -> None:
    holes = Holes({"local.account": "<account>"})
    assert holes.fill(f"role/{holes.hole(expression)}!") == written


def test_long_expressions_that_differ_only_in_the_middle_are_not_written_alike() -> None:
    holes = Holes()
    other = LONG.replace("-reader", "-writer")
    first, second = holes.hole(LONG), holes.hole(other)
    assert holes.fill(first + second) == f"${{{SHORT}}}${{{other}}}"
    assert holes.fill(second + first) == f"${{{other}}}${{{SHORT}}}"


def test_a_shortened_expression_is_still_known_whole() -> None:
    holes = Holes()
    hole = holes.hole(LONG)
    assert holes.expression(hole) == LONG
    assert holes.expressions([f"a{hole}", hole]) == (LONG,)
