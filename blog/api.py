"""The blog through the API: as its pages do, ask with a query, tell with a command, answer."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from blog import queries, wire
from blog.commands import (
    MOST_TAGS,
    Body,
    CommentBody,
    DeleteArticle,
    DeleteComment,
    Description,
    FavoriteArticle,
    FollowAuthor,
    NoSuchArticle,
    NoSuchAuthor,
    NoSuchComment,
    NotTheAuthor,
    Tag,
    Title,
    UnfavoriteArticle,
    UnfollowAuthor,
)
from blog.forms import ArticleForm, CommentForm
from blog.limits import one_more_comment
from blog.rendering import rendered
from eventstore.api import LATER, Step, Word, answer, body, done, operation, sent, shown, text_schema
from eventstore.api_headers import command_id, expected_version, paged, tell, versioned
from eventstore.web import Request

router = Router(tags=["blog"])

MOST_AT_ONCE = 100
FARTHEST = 999_999_999
MOST_TAGS_LISTED = 1_000
TAG_LIST = {"type": "array", "items": text_schema(Tag), "maxItems": MOST_TAGS}
DRAGON = {
    "title": "How to train your dragon",
    "description": "Ever wonder how?",
    "body": "You have to believe",
    "tagList": ["dragons", "training"],
}
WORDS: dict[str, Any] = {"title": Title, "description": Description, "body": Body}
ARTICLE = body("article", *WORDS, example=DRAGON, **WORDS, tagList=TAG_LIST | {"type": ["array", "null"]})
CHANGES = body("article", example={"title": "Did you train your dragon?"}, **WORDS, tagList=TAG_LIST)
COMMENT = body("comment", "body", example={"body": "Thank you so much!"}, body=CommentBody)

NO_ARTICLE = {404: {"article": ["not found"]}}
NOT_MINE = {403: {"article": ["forbidden"]}}
NO_COMMENT = {404: {"comment": ["not found"]}}
NOT_MY_COMMENT = {403: {"comment": ["forbidden"]}}
NOBODY = {404: {"profile": ["not found"]}}
ONESELF = {422: {"profile": ["Nobody can follow themselves."]}}
BLANK_TITLE = {422: {"title": ["can't be blank"]}}
BLANK_BODY = {422: {"body": ["can't be blank"]}}
BAD_NUMBER = {422: {"limit": ["must be a whole number"]}}


def _plain(value: Any) -> Any:
    """ASCII digits only: a number has other spellings, but none that anybody would mean."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("whole", "must be a whole number")
    return value


def whole(least: int, **more: Any) -> Any:
    """A number in a query, within reason."""
    return Field(ge=least, le=FARTHEST, **more)


Whole = Annotated[int, BeforeValidator(_plain)]


class Window(Schema):
    limit: Whole = whole(1, default=20, description=f"At most {MOST_AT_ONCE} are answered.")
    offset: Whole = whole(0, default=0)

    @property
    def part(self) -> slice:
        return slice(self.offset, self.offset + min(self.limit, MOST_AT_ONCE))


class Filters(Window):
    tag: Word = ""
    author: Annotated[Word, Field(description="A username.")] = ""
    favorited: Annotated[Word, Field(description="The username of whoever favorited them.")] = ""


# Lists


@router.get("/articles", **operation({200: wire.Articles}, BAD_NUMBER, knows_token=True))
def list_articles(request: Request, asked: Query[Filters]) -> HttpResponse:
    """Newest first; all conditions hold at once."""
    names = asked.tag, asked.author, asked.favorited
    return _listed(request, asked, queries.filtered(*names, request.user.pk, asked.part))


@router.get("/articles/feed", **operation({200: wire.Articles}, BAD_NUMBER, needs_token=True))
def feed(request: Request, asked: Query[Window]) -> HttpResponse:
    """What the authors that one follows wrote, newest first."""
    return _listed(request, asked, queries.by_followed(request.user.pk, asked.part))


def _listed(request: Request, asked: Window, listed: queries.Listed) -> HttpResponse:
    articles, total = listed
    said = answer(articles=[wire.preview(article) for article in articles], articlesCount=total)
    return paged(request, said, asked.part, total)


@router.get("/tags", **operation({200: wire.Tags}))
def tags(request: Request) -> HttpResponse:
    """Tags in use, the most used first; of more than 1,000 the most used and those of the newest articles."""
    return answer(tags=queries.tags(MOST_TAGS_LISTED).names)


# Articles


@router.post(
    "/articles", **operation({201: wire.OneArticle} | LATER, BLANK_TITLE, needs_token=True, takes=ARTICLE)
)
def publish(request: Request) -> HttpResponse:
    said = _said(request)
    if said.get("tags") is None:
        said["tags"] = []
    command = ArticleForm.said(said, command_id=command_id(request)).checked().publish(request.user.pk)
    rendered(command.body)  # now, so that the projector finds it done while others wait for it
    [published] = shown(tell(request, command)).events
    return _article(request, published.slug, HTTPStatus.CREATED)


@router.get("/articles/{slug}", **operation({200: wire.OneArticle}, NO_ARTICLE, knows_token=True))
def read(request: Request, slug: Step) -> HttpResponse:
    """A former slug finds its article too."""
    return _article(request, slug)


@router.put(
    "/articles/{slug}",
    **operation(
        {200: wire.OneArticle} | LATER, NOT_MINE, NO_ARTICLE, BLANK_TITLE, needs_token=True, takes=CHANGES
    ),
)
def edit(request: Request, slug: Step) -> HttpResponse:
    article = article_or_404(request, slug)
    if article.author_id != request.user.pk:
        raise NotTheAuthor
    form = ArticleForm.said(_said(request), partly=True).checked()
    version = expected_version(request, article.version)
    command = form.edit(article.id, request.user.pk, version)
    rendered(command.body or "")  # as above
    shown(tell(request, command))
    return _article(request, slug)


@router.delete("/articles/{slug}", **operation({204: None}, NOT_MINE, NO_ARTICLE, needs_token=True))
def delete(request: Request, slug: Step) -> HttpResponse:
    article = article_or_404(request, slug)
    version = expected_version(request, article.version)
    tell(request, DeleteArticle(article_id=article.id, author_id=request.user.pk, expected_version=version))
    return done()


def _said(request: Request) -> dict[str, Any]:
    """What was sent of an article, by the names of our fields."""
    said = sent(request, "article")
    return {"tags" if name == "tagList" else name: value for name, value in said.items() if name != "tags"}


def article_or_404(request: Request, slug: str) -> queries.Article:
    if article := queries.text_at(slug, request.user.pk):
        return article
    raise NoSuchArticle


def _article(request: Request, slug: str, status: int = 200) -> HttpResponse:
    article: Any = article_or_404(request, slug)
    response = versioned(answer(status, article=wire.article(article)), article.version)
    response.headers["Conduit-Position"] = str(article.shown)
    return response


# Hearts


@router.post(
    "/articles/{slug}/favorite", **operation({200: wire.OneArticle} | LATER, NO_ARTICLE, needs_token=True)
)
def favorite(request: Request, slug: Step) -> HttpResponse:
    article = article_or_404(request, slug)
    shown(tell(request, FavoriteArticle(article_id=article.id, reader_id=request.user.pk)))
    return _article(request, slug)


@router.delete(
    "/articles/{slug}/favorite", **operation({200: wire.OneArticle} | LATER, NO_ARTICLE, needs_token=True)
)
def unfavorite(request: Request, slug: Step) -> HttpResponse:
    article = article_or_404(request, slug)
    shown(tell(request, UnfavoriteArticle(article_id=article.id, reader_id=request.user.pk)))
    return _article(request, slug)


# Comments


@router.get("/articles/{slug}/comments", **operation({200: wire.Comments}, NO_ARTICLE, knows_token=True))
def list_comments(request: Request, slug: Step) -> HttpResponse:
    """In the order in which they were said."""
    comments = queries.comments(article_or_404(request, slug), request.user.pk)
    return answer(comments=[wire.comment(comment) for comment in comments])


@router.post(
    "/articles/{slug}/comments",
    **operation({201: wire.OneComment} | LATER, NO_ARTICLE, BLANK_BODY, needs_token=True, takes=COMMENT),
)
def add_comment(request: Request, slug: Step) -> HttpResponse:
    article = article_or_404(request, slug)
    form = CommentForm.said(sent(request, "comment"), command_id=command_id(request)).checked()
    one_more_comment(request.user.pk)
    receipt = shown(tell(request, form.comment(article.id, request.user.pk)))
    comment = comment_or_404(article, receipt.position or 0, request.user.pk)
    return answer(HTTPStatus.CREATED, comment=wire.comment(comment))


Number = Annotated[str, WithJsonSchema({"type": "integer", "minimum": 1})]
"""A comment's id; what is no number is nobody's."""


@router.delete(
    "/articles/{slug}/comments/{number}",
    **operation({204: None}, NOT_MY_COMMENT, NO_COMMENT, needs_token=True),
)
def delete_comment(request: Request, slug: Step, number: Number) -> HttpResponse:
    article = article_or_404(request, slug)
    nth = int(number) if number.isascii() and number.isdigit() and len(number) <= len(str(2**63)) else 0
    comment = comment_or_404(article, nth)
    tell(request, DeleteComment(comment_id=comment.id, author_id=request.user.pk))
    return done()


def comment_or_404(article: queries.Article, number: int, viewer: queries.Viewer = None) -> queries.Comment:
    comment = queries.comment(article, number, viewer)
    if comment is None or comment.deleted:
        raise NoSuchComment
    return comment


# People


@router.get("/profiles/{username}", **operation({200: wire.OneProfile}, NOBODY, knows_token=True))
def profile(request: Request, username: Step) -> HttpResponse:
    """A former name finds its owner too."""
    return _profile(author_or_404(username, request.user.pk))


@router.post(
    "/profiles/{username}/follow",
    **operation({200: wire.OneProfile} | LATER, NOBODY, ONESELF, needs_token=True),
)
def follow(request: Request, username: Step) -> HttpResponse:
    author = author_or_404(username)
    shown(tell(request, FollowAuthor(author_id=author.id, follower_id=request.user.pk)))
    return _profile(author_or_404(author.name, request.user.pk))


@router.delete(
    "/profiles/{username}/follow", **operation({200: wire.OneProfile} | LATER, NOBODY, needs_token=True)
)
def unfollow(request: Request, username: Step) -> HttpResponse:
    author = author_or_404(username)
    shown(tell(request, UnfollowAuthor(author_id=author.id, follower_id=request.user.pk)))
    return _profile(author_or_404(author.name, request.user.pk))


def author_or_404(username: str, viewer: queries.Viewer = None) -> Any:
    if author := queries.author_named(username, viewer):
        return author
    raise NoSuchAuthor


def _profile(author: Any) -> HttpResponse:
    return answer(profile=wire.profile(author, following=author.followed))
