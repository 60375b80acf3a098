"""Tables shaped like the pages that read them. Only projectors write here, only queries read."""

from typing import Any

from django.db import models
from django.db.models import Q


def link(to: str, **options: Any) -> Any:
    """A reference for joins only: read models have no foreign keys in the database."""
    return models.ForeignKey(to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, **options)


class Author(models.Model):
    """Whoever can write, as articles and profiles show them."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=40, db_index=True)
    bio = models.TextField(default="")
    image = models.TextField(default="")
    joined_at = models.DateTimeField()
    articles_count = models.IntegerField(default=0)
    followers_count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Follow(models.Model):
    """A reader follows an author."""

    pk = models.CompositePrimaryKey("follower_id", "author_id")
    follower = link("blog.Author", related_name="follows")
    author = link("blog.Author", related_name="followers")

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.author_id}"


class Article(models.Model):
    """An article as its page and its previews show it, rendered once, when it was written."""

    id = models.UUIDField(primary_key=True)
    position = models.BigIntegerField()
    version = models.IntegerField()
    author = link("blog.Author", related_name="articles")
    slug = models.TextField()
    title = models.TextField()
    description = models.TextField()
    body = models.TextField()
    html = models.TextField()
    reading_minutes = models.IntegerField()
    tags = models.JSONField(default=list)
    favorites_count = models.IntegerField(default=0)
    comments_count = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    edited = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-created_at", "-position"], name="blog_article_newest", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["author", "-created_at", "-position"],
                name="blog_article_by_author",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FormerSlug(models.Model):
    """Every address that an article ever had, the present one among them."""

    slug = models.TextField(primary_key=True)
    article = link("blog.Article", related_name="slugs")

    def __str__(self) -> str:
        return self.slug


class Revision(models.Model):
    """A mark in an article's margin: when it changed, and what."""

    pk = models.CompositePrimaryKey("article_id", "version")
    article = link("blog.Article", related_name="revisions")
    version = models.IntegerField()
    at = models.DateTimeField()
    what = models.TextField()

    def __str__(self) -> str:
        return f"version {self.version}: {self.what}"


class Favorite(models.Model):
    """A reader's heart for an article."""

    pk = models.CompositePrimaryKey("article_id", "reader_id")
    article = link("blog.Article", related_name="favorites")
    reader = link("blog.Author", related_name="favorites")

    class Meta:
        indexes = [models.Index(fields=["reader", "article"], name="blog_favorite_by_reader")]

    def __str__(self) -> str:
        return f"{self.reader_id} favorites {self.article_id}"


class Comment(models.Model):
    """What somebody said below an article. Its number is the position of its first fact in the log."""

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    article = link("blog.Article", related_name="comments")
    author = link("blog.Author", related_name="comments")
    body = models.TextField()
    created_at = models.DateTimeField()
    deleted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["article", "number"], name="blog_comment_by_article")]

    def __str__(self) -> str:
        return f"comment {self.number}"


class Tagging(models.Model):
    """An article carries a tag."""

    pk = models.CompositePrimaryKey("tag", "article_id")
    tag = models.TextField()
    article = link("blog.Article", related_name="taggings")

    def __str__(self) -> str:
        return f"{self.tag}: {self.article_id}"


class Tag(models.Model):
    """A tag, and how many living articles carry it."""

    name = models.TextField(primary_key=True)
    count = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["-count", "name"], name="blog_tag_by_count", condition=Q(count__gt=0))
        ]

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """How many there are of something that pages count, so that no page has to."""

    name = models.TextField(primary_key=True)
    count = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.count} {self.name}"
