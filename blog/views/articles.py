"""Articles: reading, writing, editing, hearts; taking one down, and putting it back."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog import live, queries
from blog.commands import (
    DeleteArticle,
    EditedMeanwhile,
    FavoriteArticle,
    NoSuchArticle,
    NotTheAuthor,
    RestoreArticle,
    UnfavoriteArticle,
)
from blog.forms import CommentForm, EditorForm, PreviewForm
from blog.intents import signed_in, to_sign_in
from blog.rendering import rendered
from eventstore.dispatch import Receipt, dispatch
from eventstore.messages import Rejection
from eventstore.web import (
    CONFLICT,
    READ_OR_SEND,
    UNPROCESSABLE,
    Request,
    come_back,
    next_url,
    notify,
    offer_undo,
    page_behind,
    sent,
)

GONE = 410


@require_safe
def article(request: Request, slug: str) -> HttpResponse:
    article = any_article_or_404(request, slug)
    if article.deleted_at:
        return _gone(request, article)
    if article.slug != slug:
        return redirect("article", article.slug, permanent=True)
    return article_page(request, article, CommentForm())


def _gone(request: Request, article: queries.Article) -> HttpResponse:
    """What was here, and for its author the way to put it back."""
    context = {"article": article, "title": article.title, "deleted_at": article.deleted_at}
    return render(request, "410.html", {**context, "mine": is_mine(request, article)}, status=GONE)


def article_page(
    request: Request, article: queries.Article, form: CommentForm, status: int = 200
) -> HttpResponse:
    context = {
        "article": article,
        "mine": is_mine(request, article),
        "comments": queries.comments(article, request.user.pk),
        "comment_form": form,
        "revisions": queries.revisions(article),
        "live": live.article_page(article, request.user.pk),
    }
    return render(request, "blog/article.html", context, status=status)


def any_article_or_404(request: Request, slug: str) -> queries.Article:
    """The article at this address, or a former one; a deleted one too."""
    if article := queries.article_at(slug, request.user.pk):
        return article
    raise NoSuchArticle


def article_or_404(request: Request, slug: str) -> queries.Article:
    """The living article at this address, or a former one."""
    article = any_article_or_404(request, slug)
    if article.deleted_at:
        raise NoSuchArticle
    return article


def is_mine(request: Request, article: queries.Article) -> bool:
    return bool(article.author_id == request.user.pk)


@login_required
@require_http_methods(READ_OR_SEND)
def write(request: Request) -> HttpResponse:
    form = EditorForm(sent(request))
    if request.method == "POST" and form.is_valid():
        command = form.publish(request.user.pk)
        rendered(command.body)  # now, so that the projector finds it done while others wait for it
        try:
            receipt = dispatch(command, id=form.id)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _saved(request, receipt, command.article_id)
    return _editor(request, form)


@login_required
@require_http_methods(READ_OR_SEND)
def edit(request: Request, slug: str) -> HttpResponse:
    article = article_or_404(request, slug)
    if not is_mine(request, article):
        raise NotTheAuthor
    form = EditorForm(sent(request), initial=_wording(article))
    if request.method == "POST" and form.is_valid():
        rendered(form.cleaned_data["body"])  # as above
        try:
            receipt = dispatch(form.edit(article.id, request.user.pk), id=form.id)
        except EditedMeanwhile:
            return _conflict(request, form, article)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _saved(request, receipt, article.id)
    return _editor(request, form, article)


def _saved(request: Request, receipt: Receipt, article_id: UUID) -> HttpResponse:
    if not receipt.shown:
        return come_back(request, "Your article")
    return redirect("article", queries.article(article_id).slug)


def _wording(article: queries.Article) -> dict[str, str | int]:
    return {
        "title": article.title,
        "description": article.description,
        "body": article.body,
        "tags": ", ".join(article.tags),
        "version": article.version,
    }


def _editor(request: Request, form: EditorForm, article: queries.Article | None = None) -> HttpResponse:
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "blog/editor.html", {"form": form, "article": article}, status=status)


def _conflict(request: Request, form: EditorForm, article: queries.Article) -> HttpResponse:
    """Both texts: what was typed, in the form, and what somebody saved in between. Sent again, the form wins."""
    form.refuse(EditedMeanwhile())
    form.say_instead("version", str(article.version))
    context = {"form": form, "article": article, "conflict": _wording(article) | {"tags": article.tags}}
    return render(request, "blog/editor.html", context, status=CONFLICT)


@require_POST
def preview(request: Request) -> HttpResponse:
    """An article's text as the page will show it."""
    if not request.user.is_authenticated:
        return to_sign_in(request, page_behind(request, reverse("new-article")))
    form = PreviewForm(request.POST)
    if form.is_valid():
        html = rendered(form.cleaned_data["body"])  # harmless, which is what rendering is for
        return render(request, "blog/editor.html#preview", {"html": mark_safe(html)})  # noqa: S308
    return render(
        request, "blog/editor.html#preview", {"error": "; ".join(said.text for said in form.summary)}
    )


@require_POST
@signed_in
def favorite(request: Request, slug: str) -> HttpResponse:
    """A heart, filled. htmx gets the button back; everyone else, the page."""
    article = article_or_404(request, slug)
    receipt = dispatch(FavoriteArticle(article_id=article.id, reader_id=request.user.pk))
    return _heart(request, article, receipt)


@require_POST
@signed_in
def unfavorite(request: Request, slug: str) -> HttpResponse:
    article = any_article_or_404(request, slug)
    receipt = dispatch(UnfavoriteArticle(article_id=article.id, reader_id=request.user.pk))
    return _heart(request, article, receipt)


def _heart(request: Request, article: queries.Article, receipt: Receipt) -> HttpResponse:
    if not request.htmx:
        return redirect(next_url(request, "article", article.slug))
    article = queries.article(article.id, request.user.pk)
    fragment = (
        "blog/article.html#hearts" if request.POST.get("place") == "article" else "blog/_articles.html#heart"
    )
    context = {"article": article, "mine": is_mine(request, article), "position": receipt.position}
    return render(request, fragment, context)


@require_POST
@signed_in
def delete(request: Request, slug: str) -> HttpResponse:
    article = article_or_404(request, slug)
    dispatch(DeleteArticle(article_id=article.id, author_id=request.user.pk))
    offer_undo(request, f"“{article.title}” is deleted.", reverse("restore-article", args=[article.slug]))
    return redirect("home")


@require_POST
@signed_in
def restore(request: Request, slug: str) -> HttpResponse:
    article = any_article_or_404(request, slug)
    dispatch(RestoreArticle(article_id=article.id, author_id=request.user.pk))
    notify(request, f"“{article.title}” is back.")
    return redirect("article", article.slug)
