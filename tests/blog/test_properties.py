"""The blog against models of it: whatever is asked, by whomever, in whatever order, comes to the same."""

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as any_
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from blog.aggregates.article import Deleted, Published
from blog.aggregates.author import Writing
from blog.aggregates.comment import Said, TakenBack
from blog.aggregates.favorite import Empty, Filled
from blog.aggregates.follow import Apart, Following
from blog.commands import (
    AlreadyAnAuthor,
    AlreadyCommented,
    AlreadyPublished,
    CommentOnArticle,
    CreateAuthor,
    DeleteArticle,
    DeleteComment,
    EditArticle,
    EditedMeanwhile,
    FavoriteArticle,
    FollowAuthor,
    FollowingOneself,
    NoSuchArticle,
    NoSuchComment,
    NotTheAuthor,
    NotTheCommenter,
    PublishArticle,
    RestoreArticle,
    RestoreComment,
    UnfavoriteArticle,
    UnfollowAuthor,
)
from blog.events import (
    ArticleCommented,
    ArticleDeleted,
    ArticleEdited,
    ArticleFavorited,
    ArticlePublished,
    ArticleRestored,
    ArticleUnfavorited,
    AuthorCreated,
    AuthorFollowed,
    AuthorUnfollowed,
    CommentDeleted,
    CommentRestored,
)
from eventstore.messages import Missing
from tests.blog.story import DOUBT, DRAGONS, JAKE, JANE, MALLORY, PRAISE, TEA
from tests.golden.world import World, in_short

BUSY = [HealthCheck.too_slow]
"""Others may be using the machine."""

SLUGS = {"Dragons": "dragons", "dragons!": "dragons", "Tea": "tea", "Tea?": "tea", "!!!": "", "feed": "feed"}
"""Every title, and the address that it would like."""

TAGS = {(): (), ("b", " a "): ("a", "b"), ("b",): ("b",), ("a", "a", ""): ("a",)}
"""Tags as they may be typed, and tidy."""

people = any_.sampled_from([JAKE, JANE, MALLORY])
articles = any_.sampled_from([DRAGONS, TEA])
comments = any_.sampled_from([PRAISE, DOUBT])
titles = any_.sampled_from(list(SLUGS))
tags = any_.sampled_from(list(TAGS))
words = any_.sampled_from(["a", "b"])
authors = any_.sampled_from([JAKE, JAKE, JAKE, JANE])


def maybe(values):
    return any_.none() | values


class Articles(RuleBasedStateMachine):
    """Each article as it was last saved, and how often; every address with the article that first had it."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.articles, self.deleted, self.slugs = {}, set(), {}

    def ask(self, command):
        return in_short(self.world.ask(command))

    def state(self, article):
        return self.world.states[f"article-{article}"]

    def slug(self, article, title):
        """The address that an article gets by a title: with the end of its id, unless it may stand alone."""
        wanted = SLUGS[title]
        with_end = "-".join(filter(None, (wanted, article.hex[-8:])))
        taken = self.slugs.get(wanted, article) != article
        kept = article in self.articles and self.articles[article]["slug"] == with_end
        return with_end if taken or kept or wanted in ("", "feed") else wanted

    def save(self, article, **said):
        self.articles.setdefault(article, {"version": 0}).update(said)
        self.articles[article]["version"] += 1
        self.slugs[self.articles[article]["slug"]] = article

    @rule(article=articles, author=authors, title=titles, description=words, body=words, typed=tags)
    def publish(self, article, author, title, description, body, typed):
        said = {"author_id": author, "title": title, "description": description, "body": body}
        answer = self.ask(PublishArticle(article_id=article, slug=SLUGS[title], tags=typed, **said))
        if article in self.articles:
            assert answer is AlreadyPublished
        else:
            assert answer == [ArticlePublished]
            self.save(article, tags=TAGS[typed], slug=self.slug(article, title), **said)

    def refusal(self, article, author):
        """What anybody hears who may not change an article."""
        if article not in self.articles:
            return NoSuchArticle
        return NotTheAuthor if author != self.articles[article]["author_id"] else None

    @rule(
        article=articles,
        author=authors,
        said=any_.fixed_dictionaries(
            {"title": maybe(titles), "description": maybe(words), "body": maybe(words)}
        ),
        typed=maybe(tags),
        opened=any_.sampled_from([None, None, 0, 1]),
    )
    def edit(self, article, author, said, typed, opened):
        """`opened`: how many versions ago the author opened it, if the form says so."""
        before = self.articles.get(article, {"version": 5})
        version = None if opened is None else before["version"] - opened
        slug = SLUGS[said["title"]] if said["title"] else None
        answer = self.ask(
            EditArticle(
                article_id=article, author_id=author, slug=slug, tags=typed, expected_version=version, **said
            )
        )
        refusal = self.refusal(article, author) or (NoSuchArticle if article in self.deleted else None)
        if refusal or opened:
            assert answer is (refusal or EditedMeanwhile)
            return
        wanted = said | {"tags": None if typed is None else TAGS[typed]}
        new = {name: text for name, text in wanted.items() if text is not None and text != before[name]}
        assert answer == [ArticleEdited] * bool(new)
        if "title" in new:
            new["slug"] = self.slug(article, new["title"])
        if new:
            self.save(article, **new)

    @rule(article=articles, author=authors)
    def delete(self, article, author):
        answer = self.ask(DeleteArticle(article_id=article, author_id=author))
        if refusal := self.refusal(article, author):
            assert answer is refusal
            return
        assert answer == [ArticleDeleted] * (article not in self.deleted)
        if article not in self.deleted:
            self.deleted.add(article)
            self.save(article)

    @rule(article=articles, author=authors)
    def restore(self, article, author):
        answer = self.ask(RestoreArticle(article_id=article, author_id=author))
        if refusal := self.refusal(article, author):
            assert answer is refusal
            return
        assert answer == [ArticleRestored] * (article in self.deleted)
        if article in self.deleted:
            self.deleted.remove(article)
            self.save(article)

    @precondition(lambda self: set(self.articles) - self.deleted)
    @rule()
    def undo_a_deletion(self):
        article = min(set(self.articles) - self.deleted)
        before, claims, author = self.state(article), self.world.claims, self.articles[article]["author_id"]
        self.delete(article, author)
        self.restore(article, author)
        assert self.state(article) == replace(before, version=before.version + 2)
        assert self.world.claims == claims

    @invariant()
    def every_article_is_as_it_was_saved(self):
        for article, said in self.articles.items():
            held = frozenset(slug for slug, whose in self.slugs.items() if whose == article)
            published = Published(**said, slugs_held=held)
            expected = Deleted(article=published) if article in self.deleted else published
            assert self.state(article) == expected

    @invariant()
    def every_address_stays_whose_it_was_and_every_living_article_is_a_name(self):
        addresses = {("slug", slug): f"article-{whose}" for slug, whose in self.slugs.items()}
        living = set(self.articles) - self.deleted
        assert self.world.claims == addresses | {
            ("article", str(article)): f"article-{article}" for article in living
        }


class Readers(RuleBasedStateMachine):
    """Who can write, who follows whom, whose heart is where, and who said what below which article."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.authors, self.follows, self.hearts, self.living, self.comments = set(), set(), set(), {}, {}

    def ask(self, command):
        return in_short(self.world.ask(command))

    @rule(person=people)
    def become_an_author(self, person):
        answer = self.ask(CreateAuthor(author_id=person, user_id=person))
        assert answer == (AlreadyAnAuthor if person in self.authors else [AuthorCreated])
        self.authors.add(person)

    @rule(article=articles)
    def publish_or_delete_or_restore(self, article):
        said = {"article_id": article, "author_id": JAKE}
        if article not in self.living:
            texts = {"slug": "a", "title": "a", "description": "a", "body": "a"}
            assert self.ask(PublishArticle(**said, **texts)) == [ArticlePublished]
        elif self.living[article]:
            assert self.ask(DeleteArticle(**said)) == [ArticleDeleted]
        else:
            assert self.ask(RestoreArticle(**said)) == [ArticleRestored]
        self.living[article] = not self.living.get(article)

    @rule(author=people, follower=people)
    def follow(self, author, follower):
        answer = self.ask(FollowAuthor(author_id=author, follower_id=follower))
        if author == follower:
            assert answer is FollowingOneself
        elif (author, follower) in self.follows:
            assert answer == []
        elif author not in self.authors:
            assert answer is Missing
        else:
            assert answer == [AuthorFollowed]
            self.follows.add((author, follower))

    @rule(author=people, follower=people)
    def unfollow(self, author, follower):
        answer = self.ask(UnfollowAuthor(author_id=author, follower_id=follower))
        assert answer == [AuthorUnfollowed] * ((author, follower) in self.follows)
        self.follows.discard((author, follower))

    @rule(article=articles, reader=people)
    def favorite(self, article, reader):
        answer = self.ask(FavoriteArticle(article_id=article, reader_id=reader))
        if (article, reader) in self.hearts:
            assert answer == []
        elif not self.living.get(article):
            assert answer is Missing
        else:
            assert answer == [ArticleFavorited]
            self.hearts.add((article, reader))

    @rule(article=articles, reader=people)
    def unfavorite(self, article, reader):
        answer = self.ask(UnfavoriteArticle(article_id=article, reader_id=reader))
        assert answer == [ArticleUnfavorited] * ((article, reader) in self.hearts)
        self.hearts.discard((article, reader))

    @rule(comment=comments, article=articles, author=people, body=words)
    def say(self, comment, article, author, body):
        answer = self.ask(
            CommentOnArticle(comment_id=comment, article_id=article, author_id=author, body=body)
        )
        if comment in self.comments:
            assert answer is AlreadyCommented
        elif not self.living.get(article):
            assert answer is Missing
        else:
            assert answer == [ArticleCommented]
            self.comments[comment] = Said(article_id=article, author_id=author)

    @rule(comment=comments, author=people)
    def take_back(self, comment, author):
        answer, said = (
            self.ask(DeleteComment(comment_id=comment, author_id=author)),
            self.comments.get(comment),
        )
        if refusal := self.refusal(said, author):
            assert answer is refusal
        else:
            assert answer == [CommentDeleted] * isinstance(said, Said)
            self.comments[comment] = TakenBack(article_id=said.article_id, author_id=author)

    @rule(comment=comments, author=people)
    def say_after_all(self, comment, author):
        answer, said = (
            self.ask(RestoreComment(comment_id=comment, author_id=author)),
            self.comments.get(comment),
        )
        if refusal := self.refusal(said, author):
            assert answer is refusal
        elif isinstance(said, TakenBack) and not self.living[said.article_id]:
            assert answer is Missing
        else:
            assert answer == [CommentRestored] * isinstance(said, TakenBack)
            self.comments[comment] = Said(article_id=said.article_id, author_id=author)

    def refusal(self, said, author):
        """What anybody hears who may not change a comment."""
        if said is None:
            return NoSuchComment
        return NotTheCommenter if author != said.author_id else None

    @invariant()
    def everything_is_as_it_was_left(self):
        states = {name: state for name, state in self.world.states.items() if not name.startswith("article-")}
        left = {name: state for name, state in states.items() if state not in (Empty(), Apart())}
        assert left == self.expected()

    def expected(self):
        return {
            **{f"author-{person}": Writing() for person in self.authors},
            **{f"follow-{follower}-{author}": Following() for author, follower in self.follows},
            **{f"favorite-{article}-{reader}": Filled() for article, reader in self.hearts},
            **{f"comment-{comment}": said for comment, said in self.comments.items()},
        }

    @invariant()
    def authors_and_living_articles_are_names(self):
        held = {name for name in self.world.claims if name[0] != "slug"}
        living = {("article", str(article)) for article, lives in self.living.items() if lives}
        assert held == {("author", str(person)) for person in self.authors} | living


OFTEN = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=BUSY)


def test_articles_come_to_what_was_asked_of_them():
    run_state_machine_as_test(Articles, settings=OFTEN)


def test_authors_hearts_follows_and_comments_come_to_what_was_asked_of_them():
    run_state_machine_as_test(Readers, settings=OFTEN)
