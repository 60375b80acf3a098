"""No text can do anything to its readers but be read."""

import re

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as any_

from blog import rendering
from blog.rendering import ATTRIBUTES, COLORS_OF_CODE, TAGS, rendered
from tests.blog.markup import elements
from tests.xss import payloads

SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
MADE_HERE = re.compile(r"at-\S+|fn\d+|fnref\d+(:\d+)?")
STYLED = re.compile(r"highlight|footnote[a-z-]*|contains-task-list|task-list-item(-checkbox)?")


def scheme(address):
    """What a browser would take for the scheme of an address; empty if it is one of this site."""
    found = SCHEME.match(re.sub("[\t\n\r]", "", address))
    return found[1].lower() if found else ""


def harmless(markdown):
    """The elements that it makes, each of which is allowed, with no attribute but the allowed ones."""
    found = elements(rendered(markdown))
    for element in found:
        allowed = (
            ATTRIBUTES["*"] | ATTRIBUTES.get(element.tag, set()) | ({"rel"} if element.tag == "a" else set())
        )
        assert element.tag in TAGS
        assert element.attributes.keys() <= allowed
        assert scheme(element["href"] or element["src"] or "") in {"", "http", "https", "mailto"}
        assert MADE_HERE.fullmatch(element["id"] or "at-all")
        assert all(
            STYLED.fullmatch(name) or name in COLORS_OF_CODE for name in (element["class"] or "").split()
        )
        assert element.tag != "img" or not re.match("http:|//", element["src"] or "")
    return found


def test_what_is_allowed_can_do_nothing():
    assert {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "form",
        "button",
        "link",
        "meta",
        "base",
    }.isdisjoint(TAGS)
    for names in ATTRIBUTES.values():
        assert not [
            name
            for name in names
            if re.match("on|hx-|data-|style|srcdoc|srcset|action|formaction|target", name)
        ]


RAW = {
    "a script": "<script>alert(1)</script>",
    "a script of another letter case": "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "an image with a handler": "<img src=x onerror=alert(1)>",
    "an svg": "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "math": "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "an iframe": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "a form": '<form action="/settings" method=post><button>Win!</button></form>',
    "a box that handles": "<div onmouseover=alert(1) style='position:fixed'>x</div>",
    "htmx": '<b hx-get="/settings" hx-trigger="load">x</b>',
    "htmx by data": '<b data-hx-post="/settings" data-hx-trigger="load">x</b>',
    "a partial": '<hx-partial hx-target="#main">x</hx-partial>',
    "a style": "<style>body { display: none }</style>",
    "a link": "<a href=javascript:alert(1) target=_blank>x</a>",
    "a base": "<base href='//evil.example'>",
    "a refresh": "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "a comment": "<!-- <img src=x onerror=alert(1)> -->",
    "CDATA": "<![CDATA[<script>alert(1)</script>]]>",
    "an instruction": "<?php echo 1 ?>",
    "an id of the page": '<h1 id="main" class="navbar">x</h1>',
    "a tag that never ends": "<img src=x onerror=alert(1)//",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "entities by number": "&#60;script&#62;alert(1)&#x3c;/script&#x3e;",
}
PLACES = {
    "a paragraph": "{}",
    "the middle of a line": "a {} b",
    "a heading": "## {}",
    "a list": "- [ ] {}",
    "a quotation": "> {}",
    "a table": "|a|\n|-|\n|{}|",
    "a footnote": "a[^b]\n\n[^b]: {}",
    "code": "`{}`",
    "a block of code": "```html\n{}\n```",
    "the words of a link": "[{}](https://conduit.example)",
    "the words of an image": "![{}](https://conduit.example/x.png)",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_raw_html_is_words_and_no_markup(raw, place):
    """The same place with harmless words has the same elements, but for the colors of code."""
    found = [element.tag for element in harmless(place.format(raw)) if element.tag != "span"]
    assert found == [element.tag for element in harmless(place.format("words")) if element.tag != "span"]


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_raw_html_in_a_title_is_words(raw):
    title = raw.replace("'", "\\'")
    assert [element.tag for element in harmless(f"[x](https://conduit.example '{title}')")] == ["p", "a"]


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_raw_html_can_be_read_as_it_was_typed(raw):
    [code] = [element for element in harmless(f"```\n{raw}\n```") if element.tag == "code"]
    assert code.text == f"{raw}\n"


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_hostile_text_does_anything_in(place):
    """The corpus, all of which `tests/browser/test_hostile_text.py` shows to a browser; here each place has a third."""
    assert len(payloads.FOR_MARKDOWN) > 1_000
    found = {}
    for text in payloads.FOR_MARKDOWN[len(place) % 3 :: 3]:
        try:
            harmless(place.format(text))
        except AssertionError as harm:
            found[text] = str(harm).partition("\n")[0]
    assert found == {}


BAD_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "%6aavascript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg/onload=alert(1)>",
    "data:image/png;base64,iVBORw0KGgo=",
    "file:///etc/passwd",
    "blob:https://conduit.example/x",
]


@pytest.mark.parametrize(
    "markdown", ["[x]({})", "[x](<{}>)", "![x]({})", "<{}>", "[x][y]\n\n[y]: {}", "![x][y]\n\n[y]: <{}>"]
)
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_no_link_and_no_image_leads_to(address, markdown):
    for element in harmless(markdown.format(address)):
        assert scheme(element["href"] or element["src"] or "") == ""


@pytest.mark.parametrize(
    "markdown",
    [
        '[x](https://conduit.example/"onclick="alert(1))',
        "[x](https://conduit.example '\"onclick=\"alert(1)')",
        '![" onerror="alert(1)](x)',
        '![x](https://conduit.example/x.png"onerror="alert(1))',
        "![x](<x onerror=alert(1)>)",
        '```" onload="alert(1)\nx\n```',
        '## " onclick="alert(1)',
        'a[^" onclick="alert(1)]\n\n[^" onclick="alert(1)]: b',
    ],
)
def test_no_quote_breaks_out_of_an_attribute(markdown):
    assert harmless(markdown)


def test_pictures_come_by_https_or_from_here():
    """By any other way the page's own policy would refuse them, and say so; their words stay."""
    for address in ("http://conduit.example/a.png", "//conduit.example/a.png", "mailto:jake@conduit.example"):
        [picture] = [element for element in harmless(f"![words]({address})") if element.tag == "img"]
        assert (picture["src"], picture["alt"]) == (None, "words")
    for address in (
        "https://conduit.example/a.png",
        "HTTPS://conduit.example",
        "/a.png",
        "a/b.png",
        "?a:b",
        "#a",
    ):
        [picture] = [element for element in harmless(f"![words]({address})") if element.tag == "img"]
        assert picture["src"] == address


def test_no_class_of_the_page_can_be_had():
    """Not even the short ones, such as those of buttons and rows, of which code has many like it."""
    assert COLORS_OF_CODE.isdisjoint({"btn", "row", "nav"})
    assert rendering._kept("span", "class", "btn k row nf nav cx-bar highlight") == "k nf highlight"


def test_no_id_of_the_page_can_be_had():
    assert [
        rendering._kept("li", "id", name) for name in ("main", "comments", "fn", "at-", "fn1", "at-x")
    ] == [
        *(None, None, None, None),
        *("fn1", "at-x"),
    ]


@pytest.mark.parametrize(
    "markdown",
    [
        "# main",
        "# Main {#main}",
        "## x {.navbar}",
        "```navbar\nx\n```",
        "[^main]: x\n\na[^main]",
        "- [ ] <i id=main>",
        "[main]: x '#main'\n\n[main]",
    ],
)
def test_no_text_can_name_a_part_of_the_page(markdown):
    for element in harmless(markdown):
        assert element["id"] != "main"
        assert "navbar" not in (element["class"] or "")


@whenever(
    any_.lists(
        any_.sampled_from(
            [*RAW.values(), *BAD_ADDRESSES, *"[]()<>!*_`~#|-\n\"'&:^ x", "\n\n", "](", "[^", "]: "]
        ),
        max_size=30,
    )
)
def test_whatever_is_typed_is_harmless(parts):
    harmless("".join(parts))
