"""Comments: saying something, taking it back, saying it after all."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from blog import queries
from blog.commands import DeleteComment, NoSuchComment, RestoreComment
from blog.forms import CommentForm
from blog.intents import signed_in
from blog.limits import one_more_comment
from blog.views.articles import article_or_404, article_page, is_mine
from eventstore.dispatch import dispatch
from eventstore.messages import Rejection
from eventstore.web import UNPROCESSABLE, Request, go, later, notify, offer_undo


@require_POST
@signed_in
def post(request: Request, slug: str) -> HttpResponse:
    article, form = article_or_404(request, slug), CommentForm(request.POST)
    if form.is_valid():
        try:
            one_more_comment(request.user.pk)
            dispatch(form.comment(article.id, request.user.pk), id=form.id)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _discussion(request, article)
    again = _fragment if request.htmx else article_page
    return later(form.refusal, again(request, article, form, UNPROCESSABLE))


@require_POST
@signed_in
def delete(request: Request, slug: str, number: int) -> HttpResponse:
    article = article_or_404(request, slug)
    dispatch(DeleteComment(comment_id=_comment_or_404(article, number).id, author_id=request.user.pk))
    offer_undo(request, "Your comment is deleted.", reverse("restore-comment", args=[article.slug, number]))
    return _discussion(request, article)


@require_POST
@signed_in
def restore(request: Request, slug: str, number: int) -> HttpResponse:
    article = article_or_404(request, slug)
    dispatch(RestoreComment(comment_id=_comment_or_404(article, number).id, author_id=request.user.pk))
    if not request.htmx:
        notify(request, "Your comment is back.")
    return _discussion(request, article)


def _comment_or_404(article: queries.Article, number: int) -> queries.Comment:
    if comment := queries.comment(article, number):
        return comment
    raise NoSuchComment


def _discussion(request: Request, article: queries.Article) -> HttpResponse:
    """The comments as they are now; everyone without htmx gets the page back."""
    if request.htmx:
        return _fragment(request, article, CommentForm())
    return go(request, reverse("article", args=[article.slug]) + "#comments")


def _fragment(
    request: Request, article: queries.Article, form: CommentForm, status: int = 200
) -> HttpResponse:
    context = {
        "article": article,
        "mine": is_mine(request, article),
        "comments": queries.comments(article, request.user.pk),
        "comment_form": form,
    }
    return render(request, "blog/article.html#comments", context, status=status)
