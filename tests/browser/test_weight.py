"""What a visit costs: the budgets of the design, measured on the demo as it is really served."""

from gzip import compress

import pytest
from playwright.sync_api import Page, Response

from conduit.demo import loading

KB = 1024
LAZY = "() => [...document.querySelectorAll('img[loading=lazy]')].map(image => image.src)"
SHIFTED = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(shift => { sum += shift.value; }))
    .observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""
ARTICLE = "/article/what-a-log-remembers"


@pytest.fixture
def demo(database):
    for _ in loading.load():
        pass


def visit(page: Page, path: str) -> list[Response]:
    """Everything that a visit loads, but for the pictures that can wait."""
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))  # noqa: PLW0108  Playwright marks its handlers
    page.goto(path, wait_until="networkidle")
    lazy = page.evaluate(LAZY)
    return [response for response in loaded if response.url not in lazy]


def weight(loaded: list[Response], kind: str) -> int:
    return sum(
        len(compress(response.body(), 9)) for response in loaded if response.request.resource_type == kind
    )


@pytest.mark.parametrize(("path", "html"), [("/", 14 * KB), (ARTICLE, 20 * KB)])
def test_a_first_visit_is_light(browse, demo, path, html):
    loaded = visit(browse(path="about:blank"), path)
    weights = {kind: weight(loaded, kind) for kind in ("document", "stylesheet", "script", "font")}
    assert weights["document"] <= html
    assert weights["stylesheet"] <= 12 * KB
    assert weights["script"] <= 20 * KB
    assert weights["font"] == 0
    assert len(loaded) <= 6, [response.url for response in loaded]


def test_what_is_loaded_once_is_kept(browse, demo):
    loaded = visit(browse(path="about:blank"), ARTICLE)
    for response in loaded:
        kept = response.headers.get("cache-control", "")
        assert ("immutable" in kept) == ("/static/" in response.url), response.url


@pytest.mark.parametrize("path", ["/", ARTICLE])
def test_nothing_moves_while_a_page_loads(browse, demo, path):
    page = browse(path=path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTED) <= 0.02
