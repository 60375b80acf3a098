"""One stop at every kind of page, in a world in which each has something to show."""

from typing import NamedTuple

from django.test import Client

from blog.commands import DeleteArticle, EditArticle
from eventstore.dispatch import dispatch
from tests.cast import Article, Cast, Person

TEXT = """An opening paragraph with a [link](https://example.com/), `code` and **weight**.

## What was tried

> Somebody said this.

1. First
2. Second

| figure | before | after |
|---|---:|---:|
| requests | 12 | 6 |

```python
def fold(state, events):
    return reduce(evolve, events, state)
```

- [x] done
- [ ] to do

A word.[^1]

[^1]: And a note.
"""


class Stop(NamedTuple):
    """A page, who looks at it (None: whoever comes along), and the status that it has."""

    name: str
    who: Person | None
    path: str
    status: int = 200

    @property
    def browser(self) -> Client:
        return self.who.browser if self.who else Client()


def tour(cast: Cast) -> list[Stop]:
    """Jake has written a lot, Jane follows him, and Mallory has only just joined."""
    jake, jane, mallory = cast.jake, cast.jane, cast.mallory
    for number in range(1, 13):
        jake.publishes(f"Dragon {number}", tags=("dragons", f"part {number}"))
    long = a_long_article(cast)
    gone = jake.publishes("Gone for good")
    dispatch(DeleteArticle(article_id=gone.id, author_id=jake.id))
    jane.follows(jake)
    jane.favorites(long)
    return [
        Stop("home", None, "/"),
        Stop("home of a reader", jane, "/"),
        Stop("page 2", jane, "/?page=2"),
        Stop("your feed", jane, "/?feed=following"),
        Stop("empty feed", mallory, "/?feed=following"),
        Stop("tag", None, "/tag/dragons"),
        Stop("tag that nothing has", jane, "/tag/none"),
        Stop("article", None, long.path),
        Stop("article of one's own", jake, long.path),
        Stop("article of somebody else", jane, long.path),
        Stop("article without comments", None, "/article/dragon-1"),
        Stop("new article", jake, "/editor"),
        Stop("edit article", jake, f"/editor/{long.slug}"),
        Stop("profile", None, jake.path),
        Stop("profile of one's own", jane, jane.path),
        Stop("profile of somebody else", jane, jake.path),
        Stop("favorites", None, f"{jane.path}/favorites"),
        Stop("no favorites", mallory, f"{mallory.path}/favorites"),
        Stop("settings", jane, "/settings"),
        Stop("close the account", jane, "/settings/close"),
        Stop("the API", None, "/api/docs"),
        Stop("sign in", None, "/login"),
        Stop("sign up", None, "/register"),
        Stop("forgotten password", None, "/password-reset"),
        Stop("look at your mail", None, "/password-reset/sent"),
        Stop("no leave to set a password", None, "/password-reset/new", 410),
        Stop("bad request", None, "/?feed=%00", 400),
        Stop("forbidden", mallory, f"/editor/{long.slug}", 403),
        Stop("nowhere", jane, "/nowhere/at/all", 404),
        Stop("gone", None, gone.path, 410),
        Stop("gone, for its author", jake, gone.path, 410),
    ]


def a_long_article(cast: Cast) -> Article:
    """With everything that Markdown makes, tags, a second version, and two comments."""
    jake, jane = cast.jake, cast.jane
    long = jake.publishes("The long one", body=TEXT, tags=("dragons", "你好", "a/b"))
    dispatch(EditArticle(article_id=long.id, author_id=jake.id, description="Longer than the others"))
    jane.says("Very long.\n\nAnd yet.", long)
    jake.says("Thank you.", long)
    return long
