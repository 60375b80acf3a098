"""Whatever is asked, by whomever, in whatever order: what must always hold, holds."""

from collections import Counter
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as any_

from accounts import commands as accounts
from accounts.models import User
from blog import commands as blog
from blog.models import Article, Author, Comment, Favorite, Follow, FormerSlug, Revision, Tag, Tagging, Tally
from blog.wording import slug_of
from eventstore import codec
from eventstore.decider import fold
from eventstore.text import identity
from tests.blog.story import DOUBT, DRAGONS, JAKE, JANE, MALLORY, PRAISE, TEA, publish
from tests.golden.history import DECIDERS
from tests.golden.world import World

BUSY = [HealthCheck.too_slow]
"""Others may be using the machine."""

people = any_.sampled_from([JAKE, JANE, MALLORY])
articles = any_.sampled_from([DRAGONS, TEA])
comments = any_.sampled_from([PRAISE, DOUBT])
usernames = any_.sampled_from(["jake", "JAKE", "ｊａｋｅ", "jane", "jane2", "admin", "j ane", "\x00"])
emails = any_.sampled_from(
    ["jake@conduit.example", "Jake@Conduit.example", "jane@conduit.example", "nowhere"]
)
titles = any_.sampled_from(["Dragons", "dragons!", "Tea", "!!!", "???", "feed", "x" * 201, "你好"])
slugs = titles.map(slug_of)
texts = any_.sampled_from(["a", "b", "c", "d", "", "\ud800"])
words = any_.sampled_from(["a", "b", "c"])
tags = any_.lists(any_.sampled_from(["a", "b", " b ", "c", ""]), max_size=3).map(tuple)
versions = any_.sampled_from([None, None, None, None, 1, 2])


def maybe(values):
    return any_.none() | values


def asking(command, **fields):
    return any_.builds(command, **fields)


by_somebody = any_.one_of(
    asking(accounts.RegisterUser, user_id=people, username=usernames, email=emails),
    asking(
        accounts.UpdateUser,
        user_id=people,
        username=maybe(usernames),
        email=maybe(emails),
        bio=maybe(texts),
        image=maybe(texts),
        password_changed=any_.booleans(),
    ),
    asking(accounts.ChangeUsername, user_id=people, username=usernames),
    asking(accounts.ChangeEmail, user_id=people, email=emails),
    asking(accounts.ChangePassword, user_id=people),
    asking(accounts.UpdateProfile, user_id=people, bio=maybe(texts), image=maybe(texts)),
    asking(accounts.SignIn, user_id=people, password_matched=any_.booleans()),
    asking(accounts.GrantStaff, user_id=people, superuser=any_.booleans()),
    asking(
        accounts.GrantPermissions,
        user_id=people,
        permissions=any_.sampled_from([(), ("blog.look",), ("blog.see", "blog.look")]),
    ),
    asking(accounts.RevokeStaff, user_id=people),
    asking(accounts.CloseAccount, user_id=people),
)
of_an_article = {"article_id": articles, "author_id": any_.sampled_from([JAKE, JAKE, JAKE, JANE])}
by_an_author = any_.one_of(
    titles.flatmap(
        lambda title: asking(
            blog.PublishArticle,
            **of_an_article,
            slug=any_.just(slug_of(title)),
            title=any_.just(title),
            description=words,
            body=words,
            tags=tags,
        )
    ),
    titles.flatmap(
        lambda title: asking(
            blog.EditArticle,
            **of_an_article,
            slug=any_.just(slug_of(title)),
            title=any_.just(title),
            body=maybe(words),
            tags=maybe(tags),
            expected_version=versions,
        )
    ),
    asking(blog.DeleteArticle, **of_an_article),
    asking(blog.RestoreArticle, **of_an_article),
)
by_a_reader = any_.one_of(
    asking(blog.FollowAuthor, author_id=people, follower_id=people),
    asking(blog.UnfollowAuthor, author_id=people, follower_id=people),
    asking(blog.FavoriteArticle, article_id=articles, reader_id=people),
    asking(blog.UnfavoriteArticle, article_id=articles, reader_id=people),
    asking(blog.CommentOnArticle, comment_id=comments, article_id=articles, author_id=people, body=texts),
    asking(blog.DeleteComment, comment_id=comments, author_id=people),
    asking(blog.RestoreComment, comment_id=comments, author_id=people),
)
BEGINNING: list[object] = [
    accounts.RegisterUser(user_id=JAKE, username="jake", email="jake@conduit.example"),
    accounts.RegisterUser(user_id=JANE, username="jane", email="jane@conduit.example"),
    publish(),
]
whatever = any_.lists(any_.one_of(by_somebody, by_an_author, by_a_reader), min_size=15, max_size=60)
written = any_.lists(by_an_author, min_size=15, max_size=60)
often = settings(max_examples=50, deadline=None, suppress_health_check=BUSY)


def world_of(commands):
    world = World()
    for command in BEGINNING + commands:
        world.ask(command)
    return world


@often
@given(whatever)
def test_a_stream_read_from_the_log_is_in_the_state_that_it_was_in_when_it_was_written(commands):
    for name, events in world_of(commands).streams.items():
        decider = DECIDERS[name.partition("-")[0]]
        stored = [codec.decode(*codec.encode(event)) for event in events]
        assert stored == events
        assert fold(decider, stored) == fold(decider, events)


@often
@given(whatever)
def test_asking_for_the_same_again_never_records_the_same_change_twice(commands):
    world = world_of([command for command in commands for _ in range(2)])
    for name, events in world.streams.items():
        if name.startswith(("favorite-", "follow-", "comment-", "article-")):
            kinds = [type(event).__name__ for event in events]
            toggles = [kind for kind in kinds if kind != "ArticleEdited"]
            assert all(one != other for one, other in pairwise(toggles))


@often
@given(whatever)
def test_every_count_is_what_there_is_to_count(commands):
    rows = world_of(commands).rows()
    living = [row for row in rows.all(Article) if row["deleted_at"] is None]
    of_author = Counter(row["author_id"] for row in living)
    followers = Counter(row["author_id"] for row in rows.all(Follow))
    hearts = Counter(row["article_id"] for row in rows.all(Favorite))
    said = Counter(row["article_id"] for row in rows.all(Comment) if not row["deleted"])
    carried = Counter(tag for row in living for tag in row["tags"])
    assert sum(row["count"] for row in rows.all(Tally)) == len(living)
    assert all(row["articles_count"] == of_author[row["id"]] for row in rows.all(Author))
    assert all(row["followers_count"] == followers[row["id"]] for row in rows.all(Author))
    assert all(row["favorites_count"] == hearts[row["id"]] for row in rows.all(Article))
    assert all(row["comments_count"] == said[row["id"]] for row in rows.all(Article))
    assert {row["name"]: row["count"] for row in rows.all(Tag) if row["count"]} == carried
    assert Counter(row["tag"] for row in rows.all(Tagging)) == carried


@often
@given(written)
def test_every_address_is_one_articles_and_stays_so(commands):
    world = world_of(commands)
    rows = world.rows()
    slugs = {row["slug"]: row["article_id"] for row in rows.all(FormerSlug)}
    assert all(slugs[row["slug"]] == row["id"] for row in rows.all(Article))
    assert {key: holder for (kind, key), holder in world.claims.items() if kind == "slug"} == {
        slug: f"article-{article_id}" for slug, article_id in slugs.items()
    }


@often
@given(whatever)
def test_no_two_people_have_one_name_or_one_address(commands):
    world = world_of(commands)
    rows = world.rows().all(User)
    for kind, column, key in (("username", "username", identity), ("email", "email", str.casefold)):
        keys = [key(row[column]) for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(world.claims[kind, key(row[column])] == f"user-{row['id']}" for row in rows)


@often
@given(whatever)
def test_an_article_is_a_name_that_hearts_need_while_it_lives(commands):
    world = world_of(commands)
    living = {str(row["id"]) for row in world.rows().all(Article) if row["deleted_at"] is None}
    assert {key for kind, key in world.claims if kind == "article"} == living


@often
@given(whatever)
def test_every_version_of_an_article_is_marked_once(commands):
    world = world_of(commands)
    articles_written = sum(
        len(events) for name, events in world.streams.items() if name.startswith("article-")
    )
    assert len(world.rows().all(Revision)) == articles_written
