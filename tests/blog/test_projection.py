"""What each fact about people and articles does to the tables that the pages read."""

from datetime import UTC, datetime

import pytest

from accounts.events import ProfileUpdated, SignedIn, UsernameChanged
from blog.models import (
    Article,
    Author,
    FormerSlug,
    Revision,
    Tag,
    Tagging,
    Tally,
)
from blog.projectors import ARTICLES, blog
from blog.rendering import rendered
from eventstore.testing import project
from tests.blog.story import (
    DRAGONS,
    JAKE,
    TEA,
    WORDS,
    deleted,
    edited,
    published,
    restored,
)
from tests.blog.tables import JAKE_JOINED, RETAGGED, after, at, columns, the_article

LONG_AGO = datetime(1999, 12, 31, 23, 59, tzinfo=UTC)


def counts(rows):
    """Everything that is counted of articles: in all, by author, by tag."""
    tags = {row["name"]: row["count"] for row in rows.all(Tag)}
    return sum(row["count"] for row in rows.all(Tally)), rows.row(Author, JAKE)["articles_count"], tags


def taggings(rows):
    return {(row["tag"], row["article_id"]) for row in rows.all(Tagging)}


def words(*events):
    """What stands in the margin of the article."""
    return [row["what"] for row in after(*events).all(Revision)]


def test_whoever_registers_can_write_and_be_followed():
    assert project(blog, JAKE_JOINED).all(Author) == [
        {
            "id": JAKE,
            "name": "jake",
            "bio": "",
            "image": "",
            "joined_at": at(1),
            "articles_count": 0,
            "followers_count": 0,
        }
    ]


def test_a_new_name_is_the_authors_everywhere():
    assert after(UsernameChanged(user_id=JAKE, username="jacob")).row(Author, JAKE)["name"] == "jacob"


def test_a_profile_shows_what_was_said_last_of_each_thing():
    rows = after(
        ProfileUpdated(user_id=JAKE, bio="Hi", image="/me.svg"), ProfileUpdated(user_id=JAKE, bio="")
    )
    assert (rows.row(Author, JAKE)["bio"], rows.row(Author, JAKE)["image"]) == ("", "/me.svg")


def test_a_visit_changes_no_page():
    assert after(SignedIn(user_id=JAKE)).all(Author) == after().all(Author)


def test_a_published_article_is_there_as_its_page_shows_it():
    assert the_article(published()) == {
        "id": DRAGONS,
        "position": 3,
        "version": 3,
        "author_id": JAKE,
        "slug": "how-to-train-your-dragon",
        "title": "How to train your dragon",
        "description": "Ever wonder how?",
        "body": "You have to believe.",
        "html": "<p>You have to believe.</p>",
        "reading_minutes": 1,
        "tags": ["dragons", "training"],
        "favorites_count": 0,
        "comments_count": 0,
        "created_at": at(3),
        "updated_at": at(3),
        "edited": False,
        "deleted_at": None,
    }


def test_what_was_written_elsewhere_is_dated_when_it_was_written():
    rows = after(published(written_at=LONG_AGO))
    assert [rows.row(Article, DRAGONS)[name] for name in ("created_at", "updated_at")] == [LONG_AGO, LONG_AGO]
    assert columns(rows, Revision, "at") == [(LONG_AGO,)]


def test_a_published_article_counts_in_all_for_its_author_and_for_its_tags():
    assert counts(after(published())) == (1, 1, {"dragons": 1, "training": 1})


def test_an_edit_changes_what_it_says_and_nothing_else():
    before = the_article(published())
    changed = {"title": "Wyverns", "version": 4, "updated_at": at(4), "edited": True}
    assert the_article(published(), edited(title="Wyverns")) == before | changed


def test_an_edited_text_is_rendered_and_measured_anew():
    row = the_article(published(), edited(body="*Run.* " * 600))
    assert row["body"] == "*Run.* " * 600
    assert row["html"] == rendered("*Run.* " * 600)
    assert row["reading_minutes"] == 3


def test_an_edit_of_other_things_leaves_the_rendered_text_alone():
    assert the_article(published(), edited(description="Hm"))["html"] == "<p>You have to believe.</p>"


def test_every_slug_that_an_article_ever_had_leads_to_it():
    rows = after(published(), edited(title="Wyverns", slug="wyverns"), edited(title="Drakes", slug="drakes"))
    assert columns(rows, FormerSlug, "slug", "article_id") == [
        ("drakes", DRAGONS),
        ("how-to-train-your-dragon", DRAGONS),
        ("wyverns", DRAGONS),
    ]
    assert rows.row(Article, DRAGONS)["slug"] == "drakes"


def test_a_slug_that_comes_back_is_kept_once():
    back = edited(title=WORDS["title"], slug=WORDS["slug"])
    assert len(after(published(), edited(title="Wyverns", slug="wyverns"), back).all(FormerSlug)) == 2


def test_slugs_lead_to_deleted_articles_too():
    assert columns(after(published(), deleted()), FormerSlug, "article_id") == [(DRAGONS,)]


def test_an_edit_moves_the_article_from_its_former_tags_to_the_new_ones():
    rows = after(published(), RETAGGED)
    assert counts(rows) == (1, 1, {"dragons": 1, "training": 0, "wyverns": 1})
    assert taggings(rows) == {("dragons", DRAGONS), ("wyverns", DRAGONS)}
    assert rows.row(Article, DRAGONS)["tags"] == ["dragons", "wyverns"]


def test_an_edit_can_take_the_last_tag_away():
    rows = after(published(), edited(tags=(), former_tags=("dragons", "training")))
    assert counts(rows) == (1, 1, {"dragons": 0, "training": 0})
    assert taggings(rows) == set()
    assert rows.row(Article, DRAGONS)["tags"] == []


def test_an_edit_that_says_nothing_of_tags_moves_none():
    rows = after(published(), edited(title="Wyverns"))
    assert counts(rows) == (1, 1, {"dragons": 1, "training": 1})
    assert taggings(rows) == {("dragons", DRAGONS), ("training", DRAGONS)}


def test_articles_share_a_tag():
    tea = published(article_id=TEA, slug="tea", tags=("training",))
    assert counts(after(published(), tea)) == (2, 2, {"dragons": 1, "training": 2})
    assert counts(after(published(), tea, deleted())) == (1, 1, {"dragons": 0, "training": 1})


def test_a_deleted_article_counts_nowhere_but_is_kept():
    rows = after(published(), deleted())
    assert counts(rows) == (0, 0, {"dragons": 0, "training": 0})
    assert taggings(rows) == set()
    assert rows.row(Article, DRAGONS)["deleted_at"] == at(4)


def test_a_restored_article_counts_everywhere_again():
    rows = after(published(), deleted(), restored())
    assert counts(rows) == counts(after(published()))
    assert taggings(rows) == taggings(after(published()))
    assert rows.row(Article, DRAGONS) == the_article(published()) | {"version": 5}


def test_an_article_leaves_and_comes_back_with_the_tags_that_it_had_last():
    now = ("dragons", "wyverns")
    rows = after(published(), RETAGGED, deleted(tags=now), restored(tags=now))
    assert counts(rows) == (1, 1, {"dragons": 1, "training": 0, "wyverns": 1})


@pytest.mark.parametrize("events", [(deleted(),), (deleted(), restored())], ids=["deleting", "restoring"])
def test_neither_deleting_nor_restoring_is_an_edit(events):
    row = the_article(published(), *events)
    assert (row["edited"], row["updated_at"]) == (False, at(3))


def test_every_version_of_an_article_is_marked_in_its_margin():
    rows = after(published(), edited(title="Wyverns"), deleted(), restored())
    assert columns(rows, Revision, "version", "at", "what") == [
        (3, at(3), "Published"),
        (4, at(4), "Title reworded"),
        (5, at(5), "Taken down"),
        (6, at(6), "Put back"),
    ]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"title": "T"}, "Title reworded"),
        ({"title": "T", "slug": "t"}, "Title reworded"),
        ({"description": "D"}, "Description reworded"),
        ({"body": "B"}, "Text reworded"),
        ({"title": "T", "body": "B"}, "Title and text reworded"),
        ({"title": "T", "description": "D", "body": "B"}, "Title, description and text reworded"),
        ({"tags": (), "former_tags": ("a",)}, "Tags changed"),
        ({"body": "B", "tags": (), "former_tags": ("a",)}, "Text reworded, tags changed"),
    ],
    ids=lambda said: said if isinstance(said, str) else "",
)
def test_the_margin_says_in_words_what_an_edit_changed(said, what):
    assert words(published(), edited(**said)) == ["Published", what]


def test_the_tally_is_of_articles():
    assert columns(after(published()), Tally, "name", "count") == [(ARTICLES, 1)]
