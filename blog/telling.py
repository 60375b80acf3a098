"""What happened on the blog, in a few words each."""

from typing import Any

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
from eventstore.telling import say


def edited(said: dict[str, Any]) -> str:
    """The parts that an edit changed: "Title and tags changed"."""
    parts = {
        "title": "title",
        "description": "description",
        "body": "text",
        "tags": "tags",
        "slug": "address",
    }
    changed = [word for name, word in parts.items() if said.get(name) is not None]
    *most, last = changed or ["nothing"]
    words = f"{', '.join(most)} and {last}" if most else last
    title = f", to “{said['title']}”" if said.get("title") else ""
    return f"{words.capitalize()} changed{title}"


say(AuthorCreated, "Can write here")
say(AuthorFollowed, "A reader follows the author")
say(AuthorUnfollowed, "A reader does not follow the author any more")
say(ArticlePublished, "“{title}” was published")
say(ArticleEdited, edited)
say(ArticleDeleted, "Taken down")
say(ArticleRestored, "Put back as it was")
say(ArticleFavorited, "A reader took it to heart")
say(ArticleUnfavorited, "A reader's heart is elsewhere now")
say(ArticleCommented, "Somebody said: “{body}”")
say(CommentDeleted, "Taken back")
say(CommentRestored, "Said after all")
