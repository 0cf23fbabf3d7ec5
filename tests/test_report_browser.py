"""The HTML report in a real browser: Debian's chromium, or what `OSREACH_BROWSER` names, driven by Playwright.

Without a browser these tests are skipped, each by its name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from osreach.cli.main import main

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = "</script><img src=x onerror=document.title='hacked'>"
HOSTILE = f"""\
resource "aws_opensearch_domain" "{EVIL}" {{
  domain_name = "logs"
  access_policies = jsonencode({{
    Statement = [{{
      Sid       = "{EVIL}"
      Effect    = "Allow"
      Principal = {{ AWS = "${{aws_iam_role.x.arn}}" }}
      Action    = "es:*"
      Resource  = "*"
    }}]
  }})
}}
resource "aws_iam_role" "x" {{
  name               = "<b onclick=alert(1)>"
  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", Principal = {{ AWS = "*" }}, Action = "sts:AssumeRole" }}] }})
}}
resource "aws_iam_role_policy" "{EVIL}" {{
  role   = aws_iam_role.x.name
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "es:*", Resource = "*" }}] }})
}}
"""


def missing() -> str:
    """What is missing for these tests, empty where nothing is."""
    if find_spec("playwright") is None:
        return "playwright is not installed"
    return "" if program() else "no browser is installed (apt-get install chromium)"


def program() -> str | None:
    return os.environ.get("OSREACH_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def launched() -> Iterator[Browser | None]:
    if missing():
        yield None
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may not be installed

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=program(), args=OPTIONS)
        yield found
        found.close()


@pytest.fixture
def browser(launched: Browser | None, request: pytest.FixtureRequest) -> Browser:
    if launched is None:
        pytest.skip(f"{request.node.name}: {missing()}")
    return launched


def written(target: Path, scanned: str) -> str:
    arguments = [
        "scan",
        "--fail-on",
        "never",
        "--no-cache",
        "--format",
        "html",
        "--output",
        str(target),
        scanned,
    ]
    assert main(arguments) == 0
    return target.as_uri()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return written(
            tmp_path_factory.mktemp("report") / "report.html", "fixtures/projects/logging-platform"
        )


Open = Callable[..., "Page"]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens a page; what it complains of, or asks of the network, fails the test when it ends."""
    told: list[str] = []
    contexts = []

    def open_page(address: str, *, scheme: str = "light", width: int = 1280) -> Page:
        context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if request.url != address else None)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []


def shown(page: Page) -> list[str]:
    """The rules of the findings that can be seen."""
    cards = page.locator(".finding:visible")
    return [card.get_attribute("data-rule") or "" for card in cards.all()]


def test_findings_are_filtered_by_words_severity_and_rule(opened: Open, report: str) -> None:
    page = opened(report)
    everything = shown(page)
    assert page.locator("#findings-count").inner_text() == f"{len(everything)} findings"
    page.get_by_role("searchbox", name="Text").fill("aws_iam_role.operator replace")
    assert shown(page) == ["domain-takeover"]
    assert page.locator("#findings-count").inner_text() == f"1 of {len(everything)} findings"
    page.get_by_role("checkbox", name="high").uncheck()
    assert shown(page) == []
    assert page.get_by_text("No finding matches.").is_visible()
    page.get_by_role("searchbox", name="Text").fill("")
    page.get_by_role("combobox", name="Rule").select_option("boundary-bypassed")
    assert set(shown(page)) == {"boundary-bypassed"}
    page.get_by_role("button", name="Open all").click()
    assert page.locator(".finding:visible .source").count() >= 2


def test_a_finding_is_followed_into_the_graph_and_back(opened: Open, report: str) -> None:
    page = opened(report)
    card = page.locator(".finding[data-rule='domain-takeover']")
    card.locator("summary").click()
    card.get_by_role("button", name="Follow it in the graph").click()
    assert page.evaluate("document.activeElement.id") == "canvas"
    lit = page.locator(".box.lit title").all_text_contents()
    assert sorted(each.split("\n")[0] for each in lit) == [
        "aws_iam_role.operator",
        "aws_opensearch_domain.logs",
    ]
    detail = page.locator("#graph-detail")
    assert "aws_iam_role.operator can give itself access to aws_opensearch_domain.logs" in detail.inner_text()
    card.locator("summary").click()
    page.get_by_role("link", name="Back to the finding").click()
    assert card.locator(".source").first.is_visible()
    page.locator("#canvas").press("Escape")
    assert page.locator(".box.lit").count() == 0
    assert not detail.is_visible()


def test_the_graph_moves_and_zooms(opened: Open, report: str) -> None:
    page = opened(report)
    layer = page.locator("#canvas svg > g")

    def placed() -> tuple[float, float, float]:
        words = (layer.get_attribute("transform") or "").replace("(", " ").replace(")", " ").split()
        return float(words[1]), float(words[2]), float(words[4])

    canvas = page.locator("#canvas")
    canvas.scroll_into_view_if_needed()
    x, y, scale = placed()
    canvas.press("ArrowRight")
    assert placed() == pytest.approx((x - 60, y, scale))
    canvas.press("+")
    assert placed()[2] == pytest.approx(scale * 1.3)
    canvas.press("0")
    assert placed() == pytest.approx((x, y, scale))
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 25)
    page.mouse.up()
    assert placed() == pytest.approx((x + 40, y + 20, scale))
    page.mouse.wheel(0, -200)
    page.wait_for_function(
        f"document.querySelector('#canvas svg > g').transform.baseVal[1].matrix.a > {scale * 1.2}"
    )
    page.get_by_role("button", name="Fit").click()
    assert placed() == pytest.approx((x, y, scale))
    page.locator(".box", has_text="aws_iam_user.dana").click()
    assert (
        "aws_iam_user.dana is a member of aws_iam_group.developers"
        in page.locator("#graph-detail").inner_text()
    )


def test_the_matrix_is_filtered_and_explains_a_cell(opened: Open, report: str) -> None:
    page = opened(report)
    rows = page.locator("#matrix tbody tr:visible")
    assert page.locator("#access-count").inner_text() == f"{rows.count()} principals, 4 resources"
    page.get_by_role("combobox", name="Can").select_option("administer")
    assert [row.locator("th code").inner_text() for row in rows.all()] == [
        "aws_iam_role.operator",
        "aws_iam_user.admin",
    ]
    page.get_by_role("searchbox", name="Principal").fill("operator")
    assert page.locator("#access-count").inner_text().startswith("1 principal, ")
    page.locator("#matrix button.cell:visible").first.click()
    assert (
        "aws_iam_role.operator → aws_opensearch_domain.logs: read, write"
        in page.locator("#access-detail").inner_text()
    )
    page.get_by_role("searchbox", name="Principal").fill("nobody at all")
    assert page.get_by_text("Nobody matches.").is_visible()


def test_everything_is_reached_with_the_keyboard(opened: Open, report: str) -> None:
    page = opened(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    passed: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("(e => e.id || e.className || e.tagName.toLowerCase())(document.activeElement)")
        passed.append(here)
        if here == "zoom-fit":
            break
        if here == "cell":
            page.keyboard.press("Enter")
            assert page.locator("#access-detail").is_visible()
            first = page.evaluate("document.activeElement.dataset.row")
            page.keyboard.press("ArrowDown")
            assert page.evaluate("document.activeElement.dataset.row") > first
    order = [
        "findings-text",
        "findings-rule",
        "open-all",
        "access-principal",
        "access-level",
        "cell",
        "graph-choice",
        "zoom-fit",
    ]
    assert [each for each in passed if each in order] == order
    # One stop for the whole matrix: the arrows move inside it.
    assert passed.count("cell") == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "canvas"


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_colours_follow_the_system_until_they_are_switched(
    opened: Open, report: str, scheme: str, other: str
) -> None:
    page = opened(report, scheme=scheme)
    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == grounds[scheme]
    page.get_by_role("button", name=f"Switch to {other} colours").click()
    assert page.evaluate(ground) == grounds[other]
    page.wait_for_timeout(300)  # the browser writes what a page keeps a moment later
    page.reload()
    assert page.evaluate(ground) == grounds[other]


def test_a_narrow_window_scrolls_downwards_only(opened: Open, report: str) -> None:
    page = opened(report, width=360)
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_paper_shows_every_finding_and_the_whole_graph(opened: Open, report: str) -> None:
    page = opened(report)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    sources = page.locator(".finding .source")
    assert sources.count() > 16
    assert all(each.is_visible() for each in sources.all())
    assert page.locator("#canvas svg").get_attribute("viewBox") is not None
    assert not page.locator("#findings-filter").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".finding[open]").count() == 1


def test_hostile_names_are_inert(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<img src=x onerror=document.title='hacked'>.tf").write_text(HOSTILE)
    page = opened(written(tmp_path / "report.html", "."))
    page.get_by_role("button", name="Open all").click()
    page.locator("button.cell").first.click()
    for value in page.locator("#graph-choice option").evaluate_all("all => all.map(one => one.value)"):
        page.get_by_role("combobox", name="Follow").select_option(value)
    page.get_by_role("checkbox", name="show policies").check()
    assert EVIL in page.locator("#graph-detail").inner_text() + page.locator("#findings").inner_text()
    assert page.locator("img, b, [onclick], [onerror]").count() == 0
    assert page.title().startswith("osreach: ")


def test_the_policy_of_the_page_stops_what_is_put_into_it(browser: Browser, report: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(report)
    attempts = {
        "markup": "document.body.innerHTML = '<p>'",
        "script": "(s => { s.textContent = 'document.title = 1'; document.body.append(s); })(document.createElement('script'))",
    }
    for attempt in attempts.values():
        assert (
            page.evaluate(
                f"(() => {{ try {{ {attempt}; return 'done'; }} catch (e) {{ return e.name; }} }})()"
            )
            != "done"
        )
    image = "new Promise(r => { const i = new Image(); i.onload = () => r('loaded'); i.onerror = () => r('refused'); i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; })"
    assert page.evaluate(image) == "refused"
    context.close()
