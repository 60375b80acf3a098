"""The rows that facts come to, for specifications of what is projected."""

from datetime import timedelta

from blog.models import Article
from blog.projectors import blog
from eventstore.testing import BEGINNING, project
from tests.blog.story import DRAGONS, JAKE, JANE, edited, registered

JAKE_JOINED, JANE_JOINED = registered(JAKE, "jake"), registered(JANE, "jane")


def at(position):
    """When the fact at this position was recorded."""
    return BEGINNING + timedelta(seconds=position)


def after(*events):
    """The rows after these facts, Jake and Jane having joined before."""
    return project(blog, JAKE_JOINED, JANE_JOINED, *events)


def the_article(*events):
    return after(*events).row(Article, DRAGONS)


def columns(rows, model, *names):
    return [tuple(row[name] for name in names) for row in rows.all(model)]


RETAGGED = edited(tags=("dragons", "wyverns"), former_tags=("dragons", "training"))
