"""What becomes of words: slugs out of titles, tags in order."""

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as any_

from blog.commands import TooManyTags
from blog.wording import SLUG_LENGTH, needs_suffix, slug_of, tidy, with_suffix
from eventstore.testing import given
from eventstore.text import Text
from tests.blog.story import DRAGONS, edit, edited, publish, published


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("How to train your dragon", "how-to-train-your-dragon"),
        ("  Spaces   and\ttabs ", "spaces-and-tabs"),
        ("C++ & C#", "c-c"),
        ("Version 2.0 (final)", "version-2-0-final"),
        ("under_score", "under-score"),
        ("a/b/../c", "a-b-c"),
        ("-- dashes --", "dashes"),
    ],
)
def test_a_slug_is_a_titles_letters_and_digits_with_hyphens(title, slug):
    assert slug_of(title) == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("你好", "你好"),
        ("Ångström", "ångström"),
        ("Привет, мир", "привет-мир"),
        ("नमस्ते दुनिया", "नमस्ते-दुनिया"),
        ("สวัสดี", "สวัสดี"),
        ("עִבְרִית", "עִבְרִית"),
    ],
    ids=["Chinese", "Swedish", "Russian", "Hindi", "Thai", "Hebrew"],
)
def test_every_script_makes_slugs_its_vowel_signs_included(title, slug):
    assert slug_of(title) == slug


@pytest.mark.parametrize(
    "title", ["It's Jake's", "It\N{RIGHT SINGLE QUOTATION MARK}s Jake\N{RIGHT SINGLE QUOTATION MARK}s"]
)
def test_an_apostrophe_does_not_cut_a_word(title):
    assert slug_of(title) == "its-jakes"


@pytest.mark.parametrize(
    "title", ["!!!", "\N{DRAGON FACE}\N{FIRE}", "...", "—", "\u200d", "\u0301"], ids=ascii
)
def test_nothing_may_be_left_of_a_title(title):
    assert slug_of(title) == ""
    assert needs_suffix(slug_of(title))


def test_emoji_beside_words_are_left_out():
    assert slug_of("\N{DRAGON FACE} dragons \N{FIRE}") == "dragons"


def test_titles_that_look_the_same_make_the_same_slug():
    assert slug_of("ＤＲＡＧＯＮＳ") == slug_of("Dragons") == slug_of("dragons")
    assert slug_of("Cafe\u0301") == slug_of("Caf\u00e9")


@pytest.mark.parametrize("word", ["feed", "new", "preview", "Feed", "NEW!"])
def test_words_that_addresses_use_cannot_be_slugs_alone(word):
    assert needs_suffix(slug_of(word))


def test_other_words_can():
    assert not needs_suffix("feeding")


def test_a_long_title_is_cut_between_words():
    slug = slug_of("word " * 40)
    assert slug == "-".join(["word"] * 16)
    assert len(slug) <= SLUG_LENGTH


def test_one_long_word_is_cut_anywhere():
    assert slug_of("x" * 200) == "x" * SLUG_LENGTH


def test_a_suffix_is_the_end_of_the_articles_id():
    assert with_suffix("dragons", DRAGONS) == "dragons-cafe0001"
    assert with_suffix("", DRAGONS) == "cafe0001"


@whenever(any_.text(max_size=200))
def test_whatever_the_title_the_slug_stands_in_an_address_and_passes_the_gate(title):
    slug = slug_of(title)
    assert not set(slug) & set(" /?#%&.\\\"'<>_\x00\n")
    assert slug == slug.strip("-")
    assert not list(Text(100).problems(with_suffix(slug, DRAGONS)))


@whenever(any_.text(alphabet="abc' -!XYZ09éß你", max_size=200))
def test_the_slug_of_a_slug_is_itself(title):
    assert slug_of(slug_of(title)) == slug_of(title)


def test_tags_are_trimmed_and_their_inner_blanks_are_single():
    assert tidy([" dragons ", "fire   breathing"]) == ("dragons", "fire breathing")


def test_tags_are_told_once_and_alphabetically():
    assert tidy(["training", "dragons", "training "]) == ("dragons", "training")


def test_blank_tags_are_none():
    assert tidy(["", "  ", "\u00a0"]) == ()


def test_a_control_character_is_no_blank_but_stays_to_be_refused():
    for character in "\x0b\x0c\x1c\x1f\x85":
        assert tidy([f"a{character}b", character]) == tuple(sorted((f"a{character}b", character)))


def test_tags_of_different_letter_case_are_different():
    assert tidy(["Django", "django"]) == ("Django", "django")


@whenever(any_.lists(any_.text(max_size=10)))
def test_tidy_tags_stay_as_they_are(tags):
    assert tidy(tidy(tags)) == tidy(tags)


def test_an_article_may_have_no_tags():
    given().when(publish(tags=())).then(published(tags=()))


def test_published_tags_are_tidied():
    given().when(publish(tags=(" training", "dragons", "", "training"))).then(published())


THIRTY = tuple(f"tag {nth:02}" for nth in range(30))


def test_an_article_has_at_most_30_tags():
    given().when(publish(tags=THIRTY)).then(published(tags=THIRTY))
    given().when(publish(tags=(*THIRTY, "one more"))).then_rejected(TooManyTags)


def test_tags_are_counted_when_they_are_tidy():
    given().when(publish(tags=(*THIRTY, " tag 07 ", ""))).then(published(tags=THIRTY))


def test_an_edit_cannot_bring_more_than_30_tags_either():
    given(published()).when(edit(tags=(*THIRTY, "one more"))).then_rejected(TooManyTags)


def test_too_many_tags_is_said_of_the_tags():
    refusal = given().when(publish(tags=(*THIRTY, "one more"))).then_rejected(TooManyTags)
    assert (refusal.field, str(refusal)) == ("tags", "can be at most 30")


def test_new_tags_come_with_those_that_they_replace():
    changed = edited(tags=("wyverns",), former_tags=("dragons", "training"))
    given(published()).when(edit(tags=("wyverns",))).then(changed)


def test_an_edit_can_take_all_tags_away():
    given(published()).when(edit(tags=())).then(edited(tags=(), former_tags=("dragons", "training")))


def test_an_edit_that_says_nothing_of_tags_keeps_them():
    given(published()).when(edit(body="Run.")).then(edited(body="Run."))


def test_the_same_tags_in_another_order_are_no_change():
    given(published()).when(edit(tags=("training ", "dragons"))).then_nothing()
