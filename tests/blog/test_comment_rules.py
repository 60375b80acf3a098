"""The rules of comments: said below a living article, taken back by whoever said them."""

import pytest

from blog.aggregates import comment
from blog.commands import AlreadyCommented, NoSuchComment, NotTheCommenter
from eventstore.testing import given
from tests.blog.story import (
    ALIVE,
    JAKE,
    MALLORY,
    PRAISE,
    commented,
    said_after_all,
    say,
    say_after_all,
    take_back,
    taken_back,
)


def test_a_reader_comments_on_an_article_if_it_is_alive():
    given().when(say()).then(commented()).naming(ALIVE)


@pytest.mark.parametrize("past", [(commented(),), (commented(), taken_back())], ids=["said", "taken back"])
def test_a_comment_is_posted_once(past):
    given(*past).when(say()).then_rejected(AlreadyCommented)


@pytest.mark.parametrize("command", [take_back(), say_after_all()], ids=["taken back", "restored"])
def test_what_was_never_said_cannot_be_taken_back_or_restored(command):
    given().when(command).then_rejected(NoSuchComment)


def test_whoever_said_it_can_take_it_back_even_below_a_deleted_article():
    given(commented()).when(take_back()).then(taken_back()).naming()


def test_undo_says_it_after_all_if_the_article_is_still_alive():
    given(commented(), taken_back()).when(say_after_all()).then(said_after_all()).naming(ALIVE)


@pytest.mark.parametrize("who", [MALLORY, JAKE], ids=["a stranger", "the author of the article"])
@pytest.mark.parametrize("past", [(commented(),), (commented(), taken_back())], ids=["said", "taken back"])
@pytest.mark.parametrize("meddling", [take_back, say_after_all], ids=["taking back", "restoring"])
def test_nobody_else_takes_a_comment_back_or_restores_it(meddling, past, who):
    refusal = given(*past).when(meddling(author_id=who)).then_rejected(NotTheCommenter)
    assert str(refusal) == "Only its author may take back a comment."


def test_taking_back_what_is_taken_back_changes_nothing():
    given(commented(), taken_back()).when(take_back()).then_nothing().naming()


@pytest.mark.parametrize(
    "past", [(commented(),), (commented(), taken_back(), said_after_all())], ids=["said", "restored"]
)
def test_restoring_what_stands_changes_nothing(past):
    given(*past).when(say_after_all()).then_nothing().naming()


def test_a_comment_can_be_taken_back_and_restored_again_and_again():
    given(commented(), taken_back(), said_after_all()).when(take_back()).then(taken_back())
    given(commented(), taken_back(), said_after_all(), taken_back()).when(say_after_all()).then(
        said_after_all()
    )


def test_every_comment_is_a_stream_of_its_own():
    assert {comment.stream(command) for command in (say(), take_back(), say_after_all())} == {
        f"comment-{PRAISE}"
    }
