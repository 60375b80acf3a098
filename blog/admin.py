"""Articles, comments and authors in Django admin, to be read."""

from django.contrib import admin

from blog.models import Article, Author, Comment
from eventstore.admin import ReadOnly


@admin.register(Article)
class ArticleAdmin(ReadOnly):
    list_display = ("title", "author", "created_at", "version", "deleted_at")
    list_select_related = ("author",)
    search_fields = ("title", "slug")
    ordering = ("-created_at",)


@admin.register(Author)
class AuthorAdmin(ReadOnly):
    list_display = ("name", "joined_at", "articles_count", "followers_count")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Comment)
class CommentAdmin(ReadOnly):
    list_display = ("number", "author", "article", "created_at", "deleted")
    list_select_related = ("author", "article")
    ordering = ("-number",)
