"""The rules of hearts."""

import pytest

from blog.aggregates import favorite
from blog.commands import FavoriteArticle, UnfavoriteArticle
from eventstore.testing import given
from tests.blog.story import ALIVE, DRAGONS, HEART, JANE, favorited, unfavorited

FAVORITE, UNFAVORITE = FavoriteArticle(**HEART), UnfavoriteArticle(**HEART)


def test_a_reader_favorites_an_article_if_it_is_alive():
    given().when(FAVORITE).then(favorited()).naming(ALIVE)


def test_a_reader_can_take_the_heart_back_even_from_a_deleted_article():
    given(favorited()).when(UNFAVORITE).then(unfavorited()).naming()


def test_favoriting_twice_is_one_heart():
    given(favorited()).when(FAVORITE).then_nothing().naming()


@pytest.mark.parametrize("past", [(), (favorited(), unfavorited())], ids=["never favorited", "unfavorited"])
def test_unfavoriting_what_is_not_a_favorite_changes_nothing(past):
    given(*past).when(UNFAVORITE).then_nothing()


def test_a_heart_can_be_filled_again():
    given(favorited(), unfavorited()).when(FAVORITE).then(favorited()).naming(ALIVE)


def test_every_pair_of_article_and_reader_is_a_stream_so_that_readers_do_not_wait_for_each_other():
    assert favorite.stream(FAVORITE) == favorite.stream(UNFAVORITE) == f"favorite-{DRAGONS}-{JANE}"
