"""The rules of following."""

import pytest

from blog.aggregates import follow
from blog.commands import FollowAuthor, FollowingOneself, UnfollowAuthor
from eventstore.testing import given
from tests.blog.story import AN_AUTHOR, BOND, JAKE, JANE, followed, unfollowed

FOLLOW, UNFOLLOW = FollowAuthor(**BOND), UnfollowAuthor(**BOND)


def test_a_reader_follows_an_author_if_there_is_such_an_author():
    given().when(FOLLOW).then(followed()).naming(AN_AUTHOR)


def test_a_reader_who_follows_an_author_can_unfollow_whoever_there_is():
    given(followed()).when(UNFOLLOW).then(unfollowed()).naming()


def test_following_twice_is_following():
    given(followed()).when(FOLLOW).then_nothing().naming()


@pytest.mark.parametrize("past", [(), (followed(), unfollowed())], ids=["never followed", "unfollowed"])
def test_unfollowing_whom_one_does_not_follow_changes_nothing(past):
    given(*past).when(UNFOLLOW).then_nothing()


def test_a_reader_can_follow_again():
    given(followed(), unfollowed()).when(FOLLOW).then(followed()).naming(AN_AUTHOR)


def test_nobody_follows_themselves():
    refusal = given().when(FollowAuthor(author_id=JAKE, follower_id=JAKE)).then_rejected(FollowingOneself)
    assert str(refusal) == "Nobody can follow themselves."


def test_unfollowing_oneself_changes_nothing():
    given().when(UnfollowAuthor(author_id=JAKE, follower_id=JAKE)).then_nothing()


def test_every_pair_of_reader_and_author_is_a_stream_so_that_readers_do_not_wait_for_each_other():
    assert follow.stream(FOLLOW) == follow.stream(UNFOLLOW) == f"follow-{JANE}-{JAKE}"
    assert follow.stream(FollowAuthor(author_id=JANE, follower_id=JAKE)) == f"follow-{JAKE}-{JANE}"
