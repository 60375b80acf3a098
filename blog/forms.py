"""What may be typed on the blog, and the commands that it amounts to."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from blog.commands import (
    Body,
    CommentBody,
    CommentOnArticle,
    Description,
    EditArticle,
    PublishArticle,
    Tag,
    Title,
)
from blog.wording import slug_of, tidy
from eventstore.forms import CommandForm, TextField


class TagsInput(forms.TextInput):
    """Any number of inputs of one name, with any number of tags in each, between commas."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        values = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
        return ", ".join(tidy(",".join(values).split(",")))


class TagsField(TextField):
    """Tags between commas, as a tuple."""

    def __init__(self, widget: type[forms.TextInput] = TagsInput) -> None:
        attributes = {"placeholder": "Enter tags", "autocomplete": "off"}
        super().__init__(Tag, blank=True, widget=widget(attrs=attributes))

    def to_python(self, value: Any) -> Any:
        return tidy(super().to_python(value).split(","))

    def problems(self, value: tuple[str, ...]) -> Iterator[str]:  # type: ignore[override]  # each tag is a text
        for tag in value:
            yield from super().problems(tag)


class TagListField(TagsField):
    """Tags as a list."""

    def __init__(self) -> None:
        super().__init__(forms.TextInput)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
            raise forms.ValidationError("must be a list of strings")
        return super().to_python(",".join(value))


class EditorForm(CommandForm):
    title = TextField(Title, widget=forms.TextInput(attrs={"placeholder": "Article Title"}))
    description = TextField(
        Description, widget=forms.TextInput(attrs={"placeholder": "What's this article about?"})
    )
    body = TextField(
        Body,
        strip=False,
        widget=forms.Textarea(attrs={"placeholder": "Write your article (in markdown)", "rows": 18}),
    )
    tags = TagsField()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def publish(self, author_id: UUID) -> PublishArticle:
        """The article's id is the command's: sent twice, it is one article."""
        said = self.cleaned_data
        return PublishArticle(
            article_id=self.id,
            author_id=author_id,
            slug=slug_of(said["title"]),
            title=said["title"],
            description=said["description"],
            body=said["body"],
            tags=said["tags"],
        )

    def edit(self, article_id: UUID, author_id: UUID, version: int | None = None) -> EditArticle:
        """What was asked for; None is what the form did not ask for. `version`: the one that is to be replaced."""
        said = self.cleaned_data
        return EditArticle(
            article_id=article_id,
            author_id=author_id,
            slug=slug_of(said["title"]) if "title" in said else None,
            title=said.get("title"),
            description=said.get("description"),
            body=said.get("body"),
            tags=said.get("tags"),
            expected_version=said.get("version") if version is None else version,
        )


class ArticleForm(EditorForm):
    """An article from a client that says its tags as a list."""

    tags = TagListField()


class PreviewForm(CommandForm):
    """Text on its way to becoming an article's; it may still be empty."""

    body = TextField(Body, blank=True, strip=False)


class CommentForm(CommandForm):
    body = TextField(
        CommentBody,
        strip=False,
        widget=forms.Textarea(
            attrs={"placeholder": "Write a comment...", "rows": 3, "aria-label": "Comment"}
        ),
    )

    def comment(self, article_id: UUID, author_id: UUID) -> CommentOnArticle:
        return CommentOnArticle(
            comment_id=self.id, article_id=article_id, author_id=author_id, body=self.cleaned_data["body"]
        )
