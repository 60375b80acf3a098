"""What each fact about readers does to the tables, and what all rows have in common."""

from datetime import datetime

from django.test import override_settings

from blog.models import (
    Article,
    Author,
    Comment,
    Favorite,
    Follow,
)
from blog.projectors import blog
from tests.blog.story import (
    DOUBT,
    DRAGONS,
    JAKE,
    JANE,
    PRAISE,
    commented,
    deleted,
    edited,
    favorited,
    followed,
    published,
    restored,
    said_after_all,
    taken_back,
    unfavorited,
    unfollowed,
)
from tests.blog.tables import RETAGGED, after, at, columns, the_article


def test_a_follow_is_a_row_and_one_follower_more():
    rows = after(followed())
    assert rows.all(Follow) == [{"follower_id": JANE, "author_id": JAKE}]
    assert rows.row(Author, JAKE)["followers_count"] == 1
    assert rows.row(Author, JANE)["followers_count"] == 0


def test_an_unfollow_leaves_neither():
    rows = after(followed(), unfollowed())
    assert rows.all(Follow) == []
    assert rows.row(Author, JAKE)["followers_count"] == 0


def test_a_heart_is_a_row_and_one_more_on_the_article():
    rows = after(published(), favorited(), favorited(reader_id=JAKE))
    assert columns(rows, Favorite, "article_id", "reader_id") == [(DRAGONS, JAKE), (DRAGONS, JANE)]
    assert rows.row(Article, DRAGONS)["favorites_count"] == 2


def test_a_heart_taken_back_leaves_neither():
    rows = after(published(), favorited(), unfavorited())
    assert rows.all(Favorite) == []
    assert rows.row(Article, DRAGONS)["favorites_count"] == 0


def test_hearts_outlive_a_deletion():
    assert the_article(published(), favorited(), deleted(), restored())["favorites_count"] == 1


def test_a_comment_is_numbered_by_the_position_of_its_fact():
    rows = after(published(), commented())
    assert rows.all(Comment) == [
        {
            "id": PRAISE,
            "number": 4,
            "article_id": DRAGONS,
            "author_id": JANE,
            "body": "So true!",
            "created_at": at(4),
            "deleted": False,
        }
    ]
    assert rows.row(Article, DRAGONS)["comments_count"] == 1


def test_a_comment_taken_back_is_hidden_and_not_counted():
    rows = after(published(), commented(), taken_back())
    assert rows.row(Comment, PRAISE)["deleted"] is True
    assert rows.row(Article, DRAGONS)["comments_count"] == 0


def test_a_comment_said_after_all_is_where_it_was():
    rows = after(published(), commented(), commented(comment_id=DOUBT), taken_back(), said_after_all())
    assert rows.row(Comment, PRAISE) == after(published(), commented()).row(Comment, PRAISE)
    assert rows.row(Article, DRAGONS)["comments_count"] == 2


STORY = (
    published(body="# Fire\n\n- [ ] run[^1]\n\n[^1]: *fast*"),
    edited(title="Wyverns", slug="wyverns"),
    RETAGGED,
    favorited(),
    followed(),
    commented(),
    taken_back(),
    deleted(tags=("dragons", "wyverns")),
)


def everything(rows):
    return [rows.all(table) for table in blog.tables]


def test_the_same_facts_make_the_same_rows():
    assert everything(after(*STORY)) == everything(after(*STORY))


@override_settings(LANGUAGE_CODE="de", TIME_ZONE="Asia/Tokyo", USE_TZ=False, SECRET_KEY="other", DEBUG=True)
def test_the_same_facts_make_the_same_rows_whatever_the_settings():
    changed = everything(after(*STORY))
    with override_settings(LANGUAGE_CODE="en", TIME_ZONE="UTC", USE_TZ=True, SECRET_KEY="this", DEBUG=False):
        assert changed == everything(after(*STORY))


def test_no_row_has_a_date_that_no_fact_has():
    dates = {
        value
        for rows in everything(after(*STORY))
        for row in rows
        for value in row.values()
        if isinstance(value, datetime)
    }
    assert dates <= {at(position) for position in range(1, len(STORY) + 3)}
