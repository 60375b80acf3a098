"""Hostile texts at every door that is no page of the tour: programs' answers, feeds, exports, errors, heads of pages."""

import ast
import json
from io import StringIO
from itertools import cycle, islice

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.commands import Bio, UpdateProfile
from blog.commands import MOST_TAGS, CommentBody, Description, Tag, Title
from blog.rendering import TAGS
from blog.wording import tidy
from eventstore.dispatch import dispatch
from eventstore.feed.pages import next_page
from eventstore.feed.public import PUBLIC
from tests.cast import Cast
from tests.pages.admin import LOG, superuser
from tests.pages.reading import see
from tests.xss import payloads
from tests.xss.packing import accepted, bodies, packed

TRICKS = [
    '"""',
    "'''",
    "\\",
    "\\'",
    "#",
    "{0}{x}%s%(x)s",
    "\\N{DRAGON FACE}",
    "\\x00",
    '"""\nimport os\n"""',
    "\r\ndata: x\r\n\r\n",
]


NEVER_OURS = {
    "iframe",
    "object",
    "embed",
    "math",
    "marquee",
    "template",
    "base",
    "style",
    "video",
    "audio",
    "b",
    "xmp",
}


@pytest.fixture(scope="module")
def world(fresh_database):
    """Jake has published everything that a field may hold."""
    with fresh_database():
        yield hostile(Cast())


def hostile(cast):
    jake, said = cast.jake, cycle(packed(payloads.FOR_FIELDS, Description))
    tags = cycle(tidy(text for text in accepted(payloads.FOR_FIELDS, Tag) if "," not in text))
    dispatch(
        UpdateProfile(user_id=jake.id, bio=packed(payloads.FOR_FIELDS, Bio)[0], image=payloads.IMAGES[0])
    )
    for title in packed(payloads.FOR_FIELDS, Title):
        jake.publishes(title, description=next(said), tags=tidy(islice(tags, MOST_TAGS)))
    text, *_ = [
        jake.publishes(f"Text {nth}", body=body) for nth, body in enumerate(bodies(payloads.FOR_MARKDOWN))
    ]
    for words in (*packed(payloads.FOR_MARKDOWN, CommentBody, "\n\n"), *TRICKS):
        jake.says(words, text)
    return cast


@pytest.fixture(scope="module")
def articles(world):
    """As the API tells of them, which is as they were typed."""
    return Client().get("/api/articles?limit=100").json()["articles"]


def test_heads_of_pages_say_what_was_typed_and_no_more(world, articles):
    wrong = {}
    for article in articles:
        page = see(Client().get(f"/article/{article['slug']}"))
        title, said = " ".join(article["title"].split()), article["description"]
        about = json.loads(page.one('script[type="application/ld+json"]').raw_text)
        expected = {
            "title": (page.one("title").text, f"{title} · Conduit"),
            "h1": (page.one("h1").raw_text, article["title"]),
            "og": (page.one('meta[property="og:title"]')["content"], article["title"]),
            "for machines": (about["headline"], article["title"]),
            "said to machines": (about["description"], said),
            "tags": (sorted(page.texts("ul.tag-list a")), sorted(article["tagList"])),
            "scripts": (len(page.all("script:not([src])")), 1),
            "headers": (page.all("meta[http-equiv]"), []),
        }
        if differs := {what: pair for what, pair in expected.items() if pair[0] != pair[1]}:
            wrong[article["slug"]] = differs
    assert len(articles) > 30
    assert wrong == {}


def test_programs_get_json_that_no_browser_takes_for_a_page(world, articles):
    slug = next(article["slug"] for article in articles if article["slug"].startswith("text-0"))
    for path in (
        "/api/articles", f"/api/articles/{slug}", f"/api/articles/{slug}/comments", "/api/tags",
        "/api/profiles/jake", "/api/events?limit=100", "/api/openapi.json", "/api/articles/<script>hit()</script>",
        "/api/profiles/<b>", "/api/articles?limit=<script>hit()</script>", "/api/events?after=<script>",
    ):  # fmt: skip
        answer = Client().get(path)
        assert answer["Content-Type"].partition(";")[0] == "application/json", path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert isinstance(answer.json(), dict), path


def test_a_fact_of_the_feed_is_one_line_whatever_it_says(world):
    at, seen = 0, 0
    while facts := next_page(at, PUBLIC, 100).facts:
        assert [fact.json for fact in facts if b"\n" in fact.json or b"\r" in fact.json] == []
        at, seen = facts[-1].position, seen + len(facts)
    assert seen > 50


@pytest.mark.parametrize("form", ["ndjson", "fixture"])
def test_an_export_is_a_file_that_says_what_was_said(world, form):
    answer = superuser(f"ada-{form}").post(f"{LOG}/export/?kind=comment", {"form": form, "personal": "yes"})
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    text = b"".join(answer.streaming_content).decode()
    if form == "ndjson":
        said = {json.loads(line).get("data", {}).get("body") for line in text.split("\n")[:-1]}
    else:
        parsed = ast.parse(text)
        assert {type(each) for each in parsed.body} == {ast.Expr, ast.ImportFrom, ast.FunctionDef}
        said = {each.value for each in ast.walk(parsed) if isinstance(each, ast.Constant)}
    assert {trick.strip() for trick in TRICKS} <= {each.strip() for each in said if isinstance(each, str)}


def test_pages_for_what_went_wrong_quote_nothing_but_letters(world):
    """Whatever is wrong with an address: the page has the policy of all pages, and no element that was typed."""
    found, markup = {}, accepted([*payloads.RAW, *payloads.BREAKOUTS], Title)
    texts = packed(markup, Bio)
    for text in texts:
        for path in (
            "/article/{}",
            "/profile/{}",
            "/tag/{}",
            "/editor/{}",
            "/{}",
            "/?feed={}",
            "/?page={}",
            "/login?next={}",
        ):
            address = path.replace("{}", text.replace("?", "%3F").replace("#", "%23").replace("%", "%25"))
            answer = Client().get(address)
            page = see(answer) if answer.content else None
            policy = answer.headers.get("Content-Security-Policy", "")
            if answer.status_code >= 500 or "default-src 'self'" not in policy:
                found[address] = answer.status_code
            if page and (typed := [each for each in page if is_typed(each)]):
                found[address] = str(typed[0])
    assert found == {}


def is_typed(element):
    return element.tag in NEVER_OURS or any(name.startswith("on") for name in element.attributes)


FRONT_MATTER = """---
title: {title}
description: {said}
tags: [{tag}]
---
{body}
"""


def test_imported_files_are_texts_like_others(world, tmp_path):
    titles = packed(payloads.FOR_FIELDS, Title)
    for nth, title in enumerate(titles):
        words, body = json.dumps(title, ensure_ascii=False), "\n\n".join(payloads.RAW[nth::9])
        text = FRONT_MATTER.format(title=words, said=words, tag=json.dumps("<b>"), body=body)
        (tmp_path / f"<img src=x onerror=hit()> {nth}.md").write_text(text)
    call_command("import_markdown", str(tmp_path), author=world.mallory.name, stdout=StringIO())
    found = Client().get("/api/articles?author=mallory&limit=100").json()["articles"]
    assert len(found) == len(titles)
    for article in found[::4]:
        page = see(Client().get(f"/article/{article['slug']}"))
        assert page.one("h1").text == " ".join(article["title"].split())
        assert {each.tag for each in page.one(".article-content")} <= TAGS
