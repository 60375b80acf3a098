"""Articles through the API: writing, reading, lists, feeds, hearts, tags."""

import re
from itertools import product

from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore.log import head
from tests.api.program import Program

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DRAGON = {"title": "Dragons", "description": "How?", "body": "Believe.\n"}


def publish(program, **changes):
    answer = program.post("/articles", {"article": DRAGON | changes})
    assert answer.status == 201, answer
    return answer.said["article"]


def titles(answer):
    assert answer.status == 200
    assert not [article for article in answer.said["articles"] if "body" in article]
    return [article["title"] for article in answer.said["articles"]]


def test_what_is_published_is_echoed(jake):
    article = publish(jake, tagList=["training", "dragons"])
    for at in (article["createdAt"], article["updatedAt"]):
        assert MOMENT.fullmatch(at)
    author = {"username": "jake", "bio": None, "image": None, "following": False}
    assert {name: value for name, value in article.items() if not name.endswith("At")} == DRAGON | {
        "slug": "dragons",
        "tagList": ["dragons", "training"],
        "favorited": False,
        "favoritesCount": 0,
        "author": author,
    }
    assert jake.get("/articles/dragons").said["article"] == article
    assert Program().get("/articles/dragons").said["article"] == article


def test_an_article_without_tags_has_an_empty_list(jake):
    for tags in ({}, {"tagList": None}, {"tagList": []}, {"tagList": [" ", ""]}):
        assert publish(jake, **tags)["tagList"] == []


def test_a_title_may_be_used_again(jake):
    assert publish(jake)["slug"] != publish(jake)["slug"]


def test_nothing_of_an_article_may_be_blank(jake):
    publish(jake)
    before = head()
    for name, blank in product(("title", "description", "body"), ("", " \n", None)):
        for answer in (
            jake.post("/articles", {"article": DRAGON | {name: blank}}),
            jake.put("/articles/dragons", {"article": {name: blank}}),
        ):
            assert (answer.status, answer.errors) == (422, {name: ["can't be blank"]})
    assert head() == before


def test_everything_that_is_wrong_with_an_article_is_said_at_once(jake):
    said = {"title": ["T"], "description": "d" * 501, "body": 1.5, "tagList": "dragons"}
    assert jake.post("/articles", {"article": said}).errors == {
        "title": ["must be a string"],
        "description": ["is too long (maximum is 500 characters)"],
        "body": ["must be a string"],
        "tagList": ["must be a list of strings"],
    }


NO_TAGS: tuple[object, ...] = ("dragons", [1], [None], {}, 0, False, [["a"]])
TOO_MUCH = (["t" * 41], [str(n) for n in range(31)], ["a\u0000"])


def test_tags_are_a_short_list_of_short_strings(jake):
    for tags in (*NO_TAGS, *TOO_MUCH):
        answer = jake.post("/articles", {"article": DRAGON | {"tagList": tags}})
        assert (answer.status, [*answer.errors]) == (422, ["tagList"]), tags


def test_an_edit_of_the_text_changes_the_text_and_the_time_of_change(jake):
    before = publish(jake, tagList=["a"])
    after = jake.put("/articles/dragons", {"article": {"body": "Other."}}).said["article"]
    assert {name for name in after if after[name] != before[name]} == {"body", "updatedAt"}
    assert jake.get("/articles/dragons").said["article"] == after


def test_tags_stay_go_or_are_replaced(jake):
    publish(jake, tagList=["a", "b"])
    tags = lambda said: jake.put("/articles/dragons", {"article": said}).said["article"]["tagList"]  # noqa: E731
    assert tags({"title": "Dragons"}) == ["a", "b"]
    assert tags({"tagList": ["c", "a"]}) == ["a", "c"]
    assert tags({"tagList": []}) == []
    assert jake.get("/articles/dragons").said["article"]["tagList"] == []
    assert jake.put("/articles/dragons", {"article": {"tagList": None}}).errors.keys() == {"tagList"}


def test_the_slug_goes_with_the_title_and_the_former_one_finds_the_article(jake):
    publish(jake)
    assert (
        jake.put("/articles/dragons", {"article": {"title": "Wyverns"}}).said["article"]["slug"] == "wyverns"
    )
    assert jake.get("/articles/dragons").said == jake.get("/articles/wyverns").said
    assert jake.put("/articles/dragons", {"article": {"body": "x"}}).said["article"]["slug"] == "wyverns"


def test_what_a_client_may_not_say_of_an_article_is_ignored(jake, jane):
    said = {
        "slug": "mine",
        "author": "jane",
        "favoritesCount": 9,
        "version": 7,
        "tags": ["x"],
        "createdAt": "1999",
    }
    article = publish(jake, **said)
    assert (article["slug"], article["author"]["username"], article["favoritesCount"]) == (
        "dragons",
        "jake",
        0,
    )
    assert article["tagList"] == []
    assert jake.put("/articles/dragons", {"article": {"version": 7, "body": "x"}}).status == 200


def test_a_deleted_article_is_nowhere(jake):
    publish(jake, tagList=["a"])
    answer = jake.delete("/articles/dragons")
    assert (answer.status, answer.said) == (204, None)
    assert jake.get("/articles/dragons").errors == {"article": ["not found"]}
    assert titles(jake.get("/articles")) == []
    assert jake.get("/tags").said == {"tags": []}
    assert jake.delete("/articles/dragons").status == 404


def test_only_its_author_changes_an_article(jake, mallory):
    publish(jake)
    before = head()
    for answer in (
        mallory.put("/articles/dragons", {"article": {"title": ""}}),
        mallory.delete("/articles/dragons"),
    ):
        assert (answer.status, answer.errors) == (403, {"article": ["forbidden"]})
    assert head() == before


def test_lists_are_newest_first_in_parts(jake):
    for nth in range(3):
        publish(jake, title=f"Dragon {nth}")
    assert titles(jake.get("/articles")) == ["Dragon 2", "Dragon 1", "Dragon 0"]
    for path in ("/articles?", "/articles?author=jake&"):
        part = jake.get(f"{path}limit=1&offset=1")
        assert titles(part) == ["Dragon 1"]
        assert part.said["articlesCount"] == 3
    assert titles(jake.get("/articles?offset=999999999")) == []


def test_behind_the_end_of_a_list_the_database_skips_nothing(cast, jake, jane):
    """It would read all that it skips."""
    publish(jake, tagList=["x"])
    jane.post("/articles/dragons/favorite")
    jane.post("/profiles/jake/follow")
    for path in ("?", "?author=jake&", "?favorited=jane&", "?tag=x&", "?author=nobody&", "/feed?"):
        for offset in (1, 999_999_999):
            with CaptureQueriesContext(connection) as asked:
                answer = jane.get(f"/articles{path}offset={offset}")
            assert titles(answer) == []
            assert answer.said["articlesCount"] == (0 if "nobody" in path else 1), path
            assert "OFFSET" not in str(asked.captured_queries), path


def test_twenty_unless_said_and_a_hundred_at_most(cast, jake):
    for nth in range(103):
        cast.jake.publishes(f"Dragon {nth}")
    assert len(titles(jake.get("/articles"))) == 20
    assert len(titles(jake.get("/articles?limit=103"))) == 100
    assert jake.get("/articles?limit=999999999").said["articlesCount"] == 103


def test_conditions_hold_at_once(cast, jake, jane):
    publish(jake, title="A", tagList=["x"])
    publish(jake, title="B", tagList=["x", "y"])
    publish(jane, title="C", tagList=["x"])
    jane.post("/articles/a/favorite")
    jane.post("/articles/c/favorite")
    found = {
        "tag=x": ["C", "B", "A"],
        "tag=y": ["B"],
        "author=jake": ["B", "A"],
        "author=JAKE&tag=x": ["B", "A"],
        "favorited=jane": ["C", "A"],
        "favorited=jane&author=jake&tag=x": ["A"],
        "favorited=jake": [],
        "tag=z": [],
        "author=nobody": [],
        "author=nobody&tag=x": [],
        "favorited=nobody": [],
        "tag=&author=&favorited=": ["C", "B", "A"],
        "unknown=1": ["C", "B", "A"],
    }
    for query, expected in found.items():
        answer = Program().get(f"/articles?{query}")
        assert (titles(answer), answer.said["articlesCount"]) == (expected, len(expected)), query


def test_lists_are_seen_with_the_eyes_of_who_asks(jake, jane):
    publish(jake)
    jane.post("/articles/dragons/favorite")
    jane.post("/profiles/jake/follow")
    for path in ("/articles", "/articles?author=jake", "/articles?favorited=jane"):
        seen = []
        for program in (jane, jake, Program()):
            [article] = program.get(path).said["articles"]
            seen.append((article["favorited"], article["favoritesCount"], article["author"]["following"]))
        assert seen == [(True, 1, True), (False, 1, False), (False, 1, False)]


def test_the_feed_has_what_followed_authors_wrote_before_and_after(jake, jane, mallory):
    publish(jake, title="Before")
    publish(mallory, title="Not followed")
    assert jane.get("/articles/feed").said == {"articles": [], "articlesCount": 0}
    jane.post("/profiles/jake/follow")
    publish(jake, title="After")
    publish(jane, title="One's own")
    assert titles(jane.get("/articles/feed")) == ["After", "Before"]
    part = jane.get("/articles/feed?limit=1&offset=1")
    assert (titles(part), part.said["articlesCount"]) == (["Before"], 2)
    assert part.said["articles"][0]["author"]["following"] is True
    assert Program().get("/articles/feed").errors == {"token": ["is missing"]}


def test_of_very_many_tags_the_most_used_and_the_newest_are_listed(cast, jake, monkeypatch):
    monkeypatch.setattr("blog.api.MOST_TAGS_LISTED", 60)
    for title in ("One", "Two"):
        publish(jake, title=title, tagList=["loved"])
    for letter in "abc":
        publish(jake, title=letter, tagList=[f"{letter}-{nth}" for nth in range(30)])
        tags = Program().get("/tags").said["tags"]
        assert tags[0] == "loved"
        assert {f"{letter}-{nth}" for nth in range(30)} < {*tags}
    assert len(tags) == len({*tags}) == 60


def test_a_heart_counts_once_and_can_be_taken_back(jake, jane):
    publish(jake)
    for _ in range(2):
        article = jane.post("/articles/dragons/favorite").said["article"]
        assert (article["favorited"], article["favoritesCount"], article["body"]) == (True, 1, DRAGON["body"])
    assert jake.post("/articles/dragons/favorite").said["article"]["favoritesCount"] == 2
    for _ in range(2):
        article = jane.delete("/articles/dragons/favorite").said["article"]
        assert (article["favorited"], article["favoritesCount"]) == (False, 1)
    assert jane.get("/articles/dragons").said["article"] == article


def test_all_tags_in_use_are_there(jake):
    names = [f"tag-{nth}" for nth in range(30)]
    publish(jake, tagList=names)
    publish(jake, tagList=["one more", "tag-7"])
    assert sorted(Program().get("/tags").said["tags"]) == sorted([*names, "one more"])


def test_any_title_makes_an_address_that_works(jake):
    for title in ("你好", "!!!", "🐉", "feed", "t" * 200):
        slug = publish(jake, title=title)["slug"]
        assert jake.get(f"/articles/{slug}").said["article"]["title"] == title


def test_markup_comes_back_as_it_was_sent(jake):
    body = "<script>alert('1')</script> & \"x\" \u2028 😀"
    assert publish(jake, body=body)["body"] == body
