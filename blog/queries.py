"""Every question that a page asks: one function each, a fixed number of SQL statements."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import MD5
from django.utils.safestring import mark_safe

from blog.models import Article as Article
from blog.models import Author as Author
from blog.models import Comment as Comment
from blog.models import Favorite, Follow, FormerSlug, Revision, Tag, Tagging, Tally
from blog.projectors import ARTICLES
from eventstore.claims import holder
from eventstore.freshness import shown_with_it
from eventstore.live.position import passed, passed_with_it
from eventstore.text import identity

Viewer = UUID | None
Listed = tuple[list[Article], int]
"""The articles of one page, newest first, and how many there are in all."""

NEWEST = "-created_at", "-position"

CARD = ("body", "html")
"""What a preview does not need."""


def everything(viewer: Viewer, part: slice) -> Listed:
    """All articles. At most two statements."""
    total = Tally.objects.filter(name=ARTICLES).values_list("count", flat=True).first() or 0
    return _listed(_living(viewer), part, total)


def by_followed(viewer: UUID, part: slice) -> Listed:
    """What the authors that a reader follows have written. At most two statements."""
    followed = Follow.objects.filter(follower_id=viewer).values("author_id")
    total = Author.objects.filter(pk__in=followed).aggregate(total=Sum("articles_count"))["total"] or 0
    return _listed(_living(viewer).filter(author_id__in=followed), part, total)


def tagged(tag: str, viewer: Viewer, part: slice) -> Listed:
    """What carries a tag. At most two statements."""
    total = Tag.objects.filter(name=tag).values_list("count", flat=True).first() or 0
    carrying = Tagging.objects.filter(tag=tag).values("article_id")
    return _listed(_living(viewer).filter(pk__in=carrying), part, total)


def written_by(author: Author, viewer: Viewer, part: slice) -> Listed:
    """What an author has written. At most one statement: the author's row has the count."""
    return _listed(_living(viewer).filter(author_id=author.id), part, author.articles_count)


def favorited_by(author: Author, viewer: Viewer, part: slice) -> Listed:
    """What a reader took to heart and is still there. At most two statements; counted, since a heart may outlive its
    article.
    """
    hearts = Favorite.objects.filter(reader_id=author.id).values("article_id")
    living = Article.objects.filter(pk__in=hearts, deleted_at=None)
    return _listed(_living(viewer).filter(pk__in=hearts), part, living.count())


def filtered(tag: str, author: str, favorited: str, viewer: Viewer, part: slice) -> Listed:
    """What meets all conditions that are said; a name that is nobody's leaves nothing. At most two statements,
    and one for each name (three for a former one).
    """
    if not (tag or author or favorited):
        return everything(viewer, part)
    articles = _living(viewer)
    if tag:
        articles = articles.filter(pk__in=Tagging.objects.filter(tag=tag).values("article_id"))
    if author:
        articles = articles.filter(author_id__in=_named(author))
    if favorited:
        hearts = Favorite.objects.filter(reader_id__in=_named(favorited))
        articles = articles.filter(pk__in=hearts.values("article_id"))
    return _listed(articles, part, articles.count())


def _listed(articles: "QuerySet[Article]", part: slice, total: int) -> Listed:
    """A part of a list; one that begins behind its end is empty unasked, for skipping rows costs reading them."""
    return (list(articles[part]) if (part.start or 0) < total else []), total


def _named(name: str) -> list[UUID]:
    author = author_named(name)
    return [author.id] if author else []


def _living(viewer: Viewer) -> "QuerySet[Article]":
    articles = Article.objects.filter(deleted_at=None).select_related("author").defer(*CARD)
    return articles.annotate(**_personal(viewer), passed=passed_with_it()).order_by(*NEWEST)


def position_of(articles: Iterable[Article]) -> int:
    """The position that a list shows; one statement more if there is nothing on it."""
    return next((article.passed for article in articles), None) or passed()  # type: ignore[attr-defined]


def _personal(viewer: Viewer) -> dict[str, Any]:
    """What an article is to whoever looks at it."""
    return {"favorited": _favorited(viewer), "author_followed": _followed(viewer, "author_id")}


def _favorited(viewer: Viewer) -> Any:
    if viewer is None:
        return Value(value=False, output_field=BooleanField())
    return Exists(Favorite.objects.filter(article_id=OuterRef("pk"), reader_id=viewer))


def _followed(viewer: Viewer, author: str) -> Any:
    if viewer is None:
        return Value(value=False, output_field=BooleanField())
    return Exists(Follow.objects.filter(author_id=OuterRef(author), follower_id=viewer))


def article_at(slug: str, viewer: Viewer = None) -> Article | None:
    """The article that has, or ever had, this address; deleted ones included. One statement."""
    article = _at(slug, viewer).first()
    if article:
        article.html = mark_safe(article.html)  # noqa: S308  blog.rendering made it
        article.author.followed = article.author_followed  # type: ignore[attr-defined]
    return article


def text_at(slug: str, viewer: Viewer = None) -> Article | None:
    """The living article that has, or ever had, this address, as it was written. One statement."""
    living = _at(slug, viewer).filter(deleted_at=None).defer("html")
    return living.annotate(shown=shown_with_it()).first()


def _at(slug: str, viewer: Viewer) -> "QuerySet[Article]":
    known = FormerSlug.objects.filter(slug=slug).values("article_id")
    articles = Article.objects.filter(pk__in=known).select_related("author")
    return articles.annotate(**_personal(viewer), passed=passed_with_it())


def article(article_id: UUID, viewer: Viewer = None) -> Article:
    """The article with this id, without its text. One statement."""
    articles = Article.objects.select_related("author").defer(*CARD)
    return articles.annotate(favorited=_favorited(viewer)).get(pk=article_id)


def comments(article: Article, viewer: Viewer = None) -> list[Comment]:
    """What was said below an article, in the order in which it was said. One statement."""
    said = (
        Comment.objects.filter(article_id=article.id, deleted=False)
        .select_related("author")
        .order_by("number")
    )
    mine = Q(author_id=viewer) if viewer else Value(value=False)
    return list(said.annotate(mine=mine, author_followed=_followed(viewer, "author_id")))


def comment(article: Article, number: int, viewer: Viewer = None) -> Comment | None:
    """One comment of an article by its number, one that was taken back included. One statement."""
    said = Comment.objects.filter(article_id=article.id, number=number).select_related("author")
    return said.annotate(author_followed=_followed(viewer, "author_id")).first()


def revisions(article: Article) -> list[Revision]:
    """The marks in an article's margin, oldest first. One statement."""
    return list(Revision.objects.filter(article_id=article.id).order_by("version"))


def slugs_by_text(author_id: UUID) -> dict[tuple[str, str], str | None]:
    """Where an author's texts are, by title and MD5 of the body; None: taken down. One statement."""
    written = Article.objects.filter(author_id=author_id).order_by("deleted_at")
    return {
        (title, digest): None if deleted_at else slug
        for title, digest, slug, deleted_at in written.values_list("title", MD5("body"), "slug", "deleted_at")
    }


class Tags(NamedTuple):
    """Tags in use, the most used first, and whether there are others."""

    names: list[str]
    more: bool


def tags(most: int) -> Tags:
    """All tags in use if they are at most so many; else for one half those of the newest articles, so that nobody misses
    their own, and for the rest the most used. One statement.
    """
    in_use = Tag.objects.filter(count__gt=0).values_list("name", "count")
    used = in_use.annotate(new=Value(value=False)).order_by("-count", "name")[: most + 1]
    new = in_use.annotate(new=Value(value=True)).filter(name__in=_newest_tags(most // 2))
    found = list(used.union(new).order_by("-count", "name"))
    names = list(dict.fromkeys(name for name, *_ in found))
    kept = {name for name, _, is_new in found if is_new}
    kept |= set([name for name in names if name not in kept][: most - len(kept)])
    return Tags([name for name in names if name in kept], more=len(names) > most)


def _newest_tags(most: int) -> Any:
    """Tags of the newest articles, however many of them carry none."""
    newest = Article.objects.filter(deleted_at=None).order_by(*NEWEST)
    each = Func("tags", function="jsonb_array_elements_text", output_field=TextField(), set_returning=True)
    return newest.filter(pk__in=newest.values("pk")[:most]).annotate(tag=each).values("tag")[:most]


def author_named(name: str, viewer: Viewer = None) -> Author | None:
    """The author who has, or ever had, this name, in any spelling. One statement; two more for a former name."""
    authors = Author.objects.annotate(followed=_followed(viewer, "pk"), passed=passed_with_it())
    if found := authors.filter(name=name).first():
        return found
    stream = holder("username", identity(name))
    return authors.filter(pk=stream.removeprefix("user-")).first() if stream else None


def favorites_count(article_id: UUID) -> int:
    """How many hearts an article has. One statement, like each of those below."""
    return _number(Article.objects.filter(pk=article_id), "favorites_count")


def comments_count(article_id: UUID) -> int:
    return _number(Article.objects.filter(pk=article_id), "comments_count")


def followers_count(author_id: UUID) -> int:
    return _number(Author.objects.filter(pk=author_id), "followers_count")


def articles_count(author_id: UUID) -> int:
    return _number(Author.objects.filter(pk=author_id), "articles_count")


def _number(row: "QuerySet[Any]", column: str) -> int:
    return row.values_list(column, flat=True).first() or 0


def comment_with(comment_id: UUID) -> Comment | None:
    """A comment, one that was taken back included, as nobody in particular sees it."""
    return Comment.objects.select_related("author", "article").filter(pk=comment_id).first()


def followers_among(author_id: UUID, readers: Iterable[UUID]) -> list[UUID]:
    """Those of these readers who follow an author."""
    follows = Follow.objects.filter(author_id=author_id, follower_id__in=readers)
    return list(follows.values_list("follower_id", flat=True))


def what_changed(article_id: UUID, version: int) -> str:
    """What an article's version says about itself in the margin."""
    marks = Revision.objects.filter(article_id=article_id, version=version)
    return marks.values_list("what", flat=True).first() or ""
