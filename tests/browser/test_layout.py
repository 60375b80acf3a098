"""Every page fits: on a narrow screen, with text twice as large, without its pictures; and nothing on it complains."""

from playwright.sync_api import Page

from tests.browser.pages import every_page

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const inside = box => box.closest("pre, table, textarea, .cx-hidden, .cx-status, .cx-skip, svg, [hidden]");
  return [...document.body.querySelectorAll("*")]
    .filter(box => !inside(box) && box.getClientRects().length && box.getBoundingClientRect().right > width + 1)
    .map(box => box.outerHTML.slice(0, 120));
}"""
SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll("a, button, h1, h2, h3, h4, p, label, li")]
  .filter(box => box.clientWidth && getComputedStyle(box).overflowX !== "visible" && !box.closest(".cx-hidden")
    && box.scrollWidth > box.clientWidth + 1)
  .map(box => box.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll("a, button, input, textarea, summary")]
  .filter(box => !box.closest(".cx-prose, .cx-hint, p, .error-messages, [hidden]") && box.getClientRects().length)
  .filter(box => box.type !== "hidden" && box.tabIndex >= 0 && !box.matches(".cx-skip"))
  .map(box => [box.getBoundingClientRect(), box.outerHTML.slice(0, 120)])
  .filter(([size]) => size.width < 24 || size.height < 24)
  .map(([size, html]) => `${size.width} x ${size.height} ${html}`)"""


def overflow(page: Page) -> list[str]:
    return page.evaluate(TOO_WIDE) or (["the page"] if page.evaluate(SCROLLS) else [])


def test_no_page_scrolls_sideways_on_the_narrowest_screen(browse, cast):
    found = {}
    for name, page in every_page(browse, cast, viewport={"width": 320, "height": 640}):
        found[name] = overflow(page)
    assert {name: boxes for name, boxes in found.items() if boxes} == {}


def test_no_page_breaks_with_text_twice_as_large(browse, cast):
    found = {}
    for name, page in every_page(browse, cast, viewport={"width": 1280, "height": 800}):
        page.add_style_tag(content="html { font-size: 200% !important }")
        found[name] = overflow(page) or page.evaluate(CUT_OFF)
    assert {name: boxes for name, boxes in found.items() if boxes} == {}


def test_every_control_is_large_enough_to_be_hit(browse, cast):
    found = {}
    for name, page in every_page(browse, cast, viewport={"width": 360, "height": 640}):
        found[name] = page.evaluate(SMALL)
    assert {name: boxes for name, boxes in found.items() if boxes} == {}


def test_pages_are_whole_without_their_pictures(browse, cast):
    """Neither icons nor avatars say anything that no words say, and both keep their place."""
    article = cast.jake.publishes("Dragons")
    cast.jane.says("Mine", article)
    page = browse(cast.jane, "/login")
    page.route("**/*.svg*", lambda route: route.abort())
    page.goto(article.path)
    for button in page.get_by_role("button").all():
        assert button.get_attribute("aria-label") or button.inner_text().strip()
    for picture in ("i.ion-trash-a", ".comment-form .comment-author-img", "nav .user-pic"):
        box = page.locator(picture).last.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 16
