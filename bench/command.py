"""A whole command, from `dispatch` until the read models show it, against saving the row with Django."""

from collections.abc import Iterator
from functools import cache
from itertools import cycle
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bench import raw
from bench.crew import Crew, Work
from bench.replay import fill
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, at_most, compare
from blog.commands import CommentOnArticle, FavoriteArticle
from blog.models import Article, Comment, Favorite
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7

SENTENCE = "what was written there yesterday is still true today because nothing is ever erased"


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    with logs.copy(scale.middle) as database, Crew(database) as crew:
        crew.do(fill)

        def told(name: str, work: Work) -> Reference:
            return Reference(name, crew.does(work, scale.seconds), at_most(3))

        alone, counted = (
            told("saving its row (ORM)", save_favorite),
            told("saving its row and count", save_favorite_and_count),
        )
        ours = crew.does(favorite, scale.seconds)
        yield from compare("dispatch a favorite until shown", ours, alone, counted, rounds=scale.rounds)
        ours, counted = (
            crew.does(comment, scale.seconds),
            told("saving its row and count", save_comment_and_count),
        )
        yield from compare("dispatch a comment until shown", ours, counted, rounds=scale.rounds)


@cache
def articles() -> Iterator[UUID]:
    """Living articles, one after the other, for ever."""
    return cycle(
        Article.objects.filter(deleted_at=None).order_by("position").values_list("id", flat=True)[:1000]
    )


def favorite(seconds: float) -> int:
    def fill_a_heart() -> int:
        return len(dispatch(FavoriteArticle(article_id=next(articles()), reader_id=uuid7())).events)

    return raw.for_seconds(seconds, fill_a_heart)


def comment(seconds: float) -> int:
    def say() -> int:
        told = {"comment_id": uuid7(), "article_id": next(articles()), "author_id": uuid7(), "body": SENTENCE}
        return len(dispatch(CommentOnArticle(**told)).events)

    return raw.for_seconds(seconds, say)


def save_favorite(seconds: float) -> int:
    def save() -> int:
        Favorite.objects.create(article_id=next(articles()), reader_id=uuid7())
        return 1

    return raw.for_seconds(seconds, save)


def save_favorite_and_count(seconds: float) -> int:
    @transaction.atomic
    def save() -> int:
        article_id = next(articles())
        Favorite.objects.create(article_id=article_id, reader_id=uuid7())
        Article.objects.filter(id=article_id).update(favorites_count=F("favorites_count") + 1)
        return 1

    return raw.for_seconds(seconds, save)


def save_comment_and_count(seconds: float) -> int:
    @transaction.atomic
    def save() -> int:
        article_id, number = next(articles()), uuid7().int & (2**62 - 1)
        told = {"author_id": uuid7(), "body": SENTENCE, "created_at": timezone.now()}
        Comment.objects.create(id=uuid7(), number=number, article_id=article_id, **told)
        Article.objects.filter(id=article_id).update(comments_count=F("comments_count") + 1)
        return 1

    return raw.for_seconds(seconds, save)
