"""The rules of an article's life: who may do what to it, when, and what comes of it."""

from datetime import UTC, datetime

import pytest

from blog.aggregates import article
from blog.commands import AlreadyPublished, EditedMeanwhile, NoSuchArticle, NotTheAuthor
from eventstore.messages import Claim
from eventstore.testing import given
from tests.blog.story import (
    DRAGONS,
    GONE,
    LIVING,
    MALLORY,
    SLUG,
    TEA,
    delete,
    deleted,
    edit,
    edited,
    publish,
    published,
    restore,
    restored,
)


def test_an_article_appears_as_it_was_written_and_takes_its_slug():
    given().when(publish()).then(published()).naming(SLUG, LIVING)


def test_what_was_written_long_before_elsewhere_keeps_its_date():
    long_ago = datetime(1999, 12, 31, 23, 59, tzinfo=UTC)
    given().when(publish(written_at=long_ago)).then(published(written_at=long_ago))


def test_an_article_is_published_once():
    given(published()).when(publish()).then_rejected(AlreadyPublished)


def test_nobody_else_can_publish_under_the_id_of_an_article():
    given(published()).when(publish(author_id=MALLORY)).then_rejected(AlreadyPublished)


def test_a_deleted_article_is_not_published_again_but_restored():
    given(published(), deleted()).when(publish()).then_rejected(AlreadyPublished)


@pytest.mark.parametrize(
    "command", [edit(title="Wyverns"), delete(), restore()], ids=["edited", "deleted", "restored"]
)
def test_what_was_never_written_cannot_be_edited_deleted_or_restored(command):
    given().when(command).then_rejected(NoSuchArticle)


@pytest.mark.parametrize(
    "words", [{"title": "Wyverns"}, {"description": "No"}, {"body": "Run."}, {"tags": ("run",)}], ids=str
)
def test_only_its_author_edits_an_article(words):
    given(published()).when(edit(author_id=MALLORY, **words)).then_rejected(NotTheAuthor)


def test_only_its_author_deletes_an_article():
    given(published()).when(delete(author_id=MALLORY)).then_rejected(NotTheAuthor)


def test_only_its_author_restores_an_article():
    given(published(), deleted()).when(restore(author_id=MALLORY)).then_rejected(NotTheAuthor)


@pytest.mark.parametrize("meddling", [edit, delete, restore], ids=["editing", "deleting", "restoring"])
@pytest.mark.parametrize("past", [(published(),), (published(), deleted())], ids=["living", "deleted"])
def test_a_stranger_is_refused_even_where_nothing_would_happen(past, meddling):
    given(*past).when(meddling(author_id=MALLORY)).then_rejected(NotTheAuthor)


def test_a_refused_stranger_reads_why():
    refusal = given(published()).when(delete(author_id=MALLORY)).then_rejected(NotTheAuthor)
    assert str(refusal) == "Only its author may change an article."


@pytest.mark.parametrize("words", [{"description": "At last!"}, {"body": "Feed it first."}], ids=str)
def test_an_edit_tells_only_what_changed(words):
    given(published()).when(edit(**words)).then(edited(**words)).naming()


def test_several_changes_at_once_are_one_fact():
    words = {"title": "Wyverns", "slug": "wyverns", "description": "Two legs", "body": "Run."}
    given(published()).when(edit(**words)).then(edited(**words)).naming(Claim("slug", "wyverns"))


def test_what_is_sent_unchanged_with_a_change_is_no_part_of_the_fact():
    whole = edit(title="How to train your dragon", description="Ever wonder how?", body="Feed it first.")
    given(published()).when(whole).then(edited(body="Feed it first."))


def test_saving_an_article_unchanged_changes_nothing():
    unchanged = {
        "title": "How to train your dragon",
        "slug": "how-to-train-your-dragon",
        "tags": ("training", "dragons"),
    }
    given(published()).when(edit(**unchanged, body="You have to believe.")).then_nothing()


def test_asking_for_no_change_at_all_changes_nothing():
    given(published()).when(edit()).then_nothing().naming()


def test_an_edit_is_compared_with_the_last_wording_not_the_first():
    past = given(published(), edited(body="Feed it first."))
    past.when(edit(body="Feed it first.")).then_nothing()
    past.when(edit(body="You have to believe.")).then(edited(body="You have to believe."))


def test_an_edit_that_knows_the_last_version_is_taken():
    given(published(), edited(body="Feed it.")).when(edit(body="Run.", expected_version=2)).then(
        edited(body="Run.")
    )


def test_an_edit_made_on_an_older_version_is_refused_so_that_nobodys_work_is_lost():
    refusal = given(published(), edited(body="Feed it.")).when(edit(body="Run.", expected_version=1))
    refusal.then_rejected(EditedMeanwhile)


def test_an_older_version_is_refused_even_where_nothing_would_change():
    given(published(), edited(body="Feed it.")).when(edit(expected_version=1)).then_rejected(EditedMeanwhile)


def test_so_is_a_deletion_that_was_meant_for_another_version():
    past = given(published(), edited(body="Feed it."))
    past.when(delete(expected_version=1)).then_rejected(EditedMeanwhile)
    past.when(delete(expected_version=2)).then(deleted())


def test_deleting_and_restoring_count_as_versions():
    past = given(published(), deleted(), restored())
    past.when(edit(body="Run.", expected_version=1)).then_rejected(EditedMeanwhile)
    past.when(edit(body="Run.", expected_version=3)).then(edited(body="Run."))


def test_who_expects_no_version_overwrites():
    given(published(), edited(body="Feed it.")).when(edit(body="Run.")).then(edited(body="Run."))


def test_a_deleted_article_cannot_be_edited():
    given(published(), deleted()).when(edit(body="Run.")).then_rejected(NoSuchArticle)


def test_deleting_an_article_keeps_its_slug_but_ends_its_life():
    given(published()).when(delete()).then(deleted()).naming(GONE)


def test_deleting_tells_the_tags_that_the_article_has_last():
    past = given(published(), edited(tags=("wyverns",), former_tags=("dragons", "training")))
    past.when(delete()).then(deleted(tags=("wyverns",)))


def test_deleting_what_is_deleted_changes_nothing():
    given(published(), deleted()).when(delete()).then_nothing().naming()


def test_undo_puts_a_deleted_article_back_as_it_was():
    given(published(), deleted()).when(restore()).then(restored()).naming(LIVING)


def test_what_was_edited_before_it_was_deleted_comes_back_edited():
    past = given(published(), edited(body="Feed it."), deleted(), restored())
    past.when(edit(body="Feed it.")).then_nothing()


def test_restoring_what_is_not_deleted_changes_nothing():
    given(published()).when(restore()).then_nothing().naming()


def test_an_article_can_be_deleted_and_restored_again_and_again():
    past = given(published(), deleted(), restored())
    past.when(delete()).then(deleted()).naming(GONE)
    given(published(), deleted(), restored(), deleted()).when(restore()).then(restored()).naming(LIVING)


def test_a_new_title_brings_its_slug_and_claims_it():
    command = edit(title="Wyverns", slug="wyverns")
    given(published()).when(command).then(edited(title="Wyverns", slug="wyverns")).naming(
        Claim("slug", "wyverns")
    )


def test_the_former_slug_stays_the_articles_own():
    outcome = given(published()).when(edit(title="Wyverns", slug="wyverns"))
    assert all(isinstance(name, Claim) for name in outcome.names)


def test_an_unchanged_title_keeps_the_slug_whatever_slug_comes_along():
    command = edit(title="How to train your dragon", slug="something-else", body="Run.")
    given(published()).when(command).then(edited(body="Run.")).naming()


def test_a_slug_does_not_change_without_the_title():
    given(published()).when(edit(slug="something-else")).then_nothing()


def test_a_new_title_of_the_same_slug_changes_no_address():
    command = edit(title="How to Train Your Dragon!", slug="how-to-train-your-dragon")
    given(published()).when(command).then(edited(title="How to Train Your Dragon!")).naming()


def test_going_back_to_a_former_title_goes_back_to_its_slug_and_claims_nothing():
    past = given(published(), edited(title="Wyverns", slug="wyverns"))
    back = {"title": "How to train your dragon", "slug": "how-to-train-your-dragon"}
    past.when(edit(**back)).then(edited(**back)).naming()


@pytest.mark.parametrize("slug", ["feed", "new", "preview"])
def test_a_slug_that_means_something_else_in_addresses_gets_the_end_of_the_articles_id(slug):
    outcome = given().when(publish(title=slug, slug=slug))
    outcome.then(published(title=slug, slug=f"{slug}-cafe0001")).naming(
        Claim("slug", f"{slug}-cafe0001"), LIVING
    )


def test_a_title_without_a_letter_gets_the_end_of_the_articles_id_for_a_slug():
    outcome = given().when(publish(title="!!!", slug=""))
    outcome.then(published(title="!!!", slug="cafe0001")).naming(Claim("slug", "cafe0001"), LIVING)


def test_an_edit_to_a_title_without_a_letter_gives_a_slug_all_the_same():
    given(published()).when(edit(title="!!!", slug="")).then(edited(title="!!!", slug="cafe0001"))


def test_from_one_title_without_a_letter_to_another_the_slug_stays():
    given(published(title="!!!", slug="cafe0001")).when(edit(title="???", slug="")).then(
        edited(title="???")
    ).naming()


def test_a_taken_slug_gets_the_end_of_the_articles_id():
    assert article.otherwise(publish(), "slug") == publish(slug="how-to-train-your-dragon-cafe0001")
    asked = edit(title="Wyverns", slug="wyverns")
    assert article.otherwise(asked, "slug") == edit(title="Wyverns", slug="wyverns-cafe0001")


def test_two_articles_of_one_title_get_two_slugs():
    first, second = (article.otherwise(publish(article_id=which), "slug").slug for which in (DRAGONS, TEA))
    assert first != second


def test_a_slug_with_its_suffix_taken_too_is_given_up():
    assert article.otherwise(publish(slug="how-to-train-your-dragon-cafe0001"), "slug") is None


@pytest.mark.parametrize(
    "command", [delete(), restore(), edit(body="Run.")], ids=["delete", "restore", "no slug"]
)
def test_who_asks_for_no_slug_is_not_given_another(command):
    assert article.otherwise(command, "slug") is None


def test_a_taken_name_that_is_no_slug_is_not_worked_around():
    assert article.otherwise(publish(), "article") is None


def test_a_small_change_of_the_title_keeps_a_suffixed_slug():
    past = given(published(title="Dragons", slug="dragons-cafe0001"))
    past.when(edit(title="Dragons!", slug="dragons")).then(edited(title="Dragons!")).naming()


def test_every_article_is_a_stream_of_its_own():
    assert {article.stream(command) for command in (publish(), edit(), delete(), restore())} == {
        f"article-{DRAGONS}"
    }
