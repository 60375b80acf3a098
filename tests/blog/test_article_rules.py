"""The rules of an article's life."""

from uuid import UUID

from blog.commands import DeleteArticle, NoSuchArticle
from eventstore.testing import given

ARTICLE, JAKE = UUID(int=1), UUID(int=2)


def test_what_was_never_written_cannot_be_deleted():
    given().when(DeleteArticle(article_id=ARTICLE, author_id=JAKE)).then_rejected(NoSuchArticle)
