"""Keys can be changed while people are signed in: gently, or so that everybody has to sign in again."""

import pytest

OLD, NEW = "the key of last year " * 3, "the key of this year " * 3


@pytest.fixture
def signed_in(cast, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    browser = cast.jake.browser
    assert browser.get("/settings").status_code == 200
    return browser


def test_a_key_that_is_still_good_signs_nobody_out(signed_in, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert signed_in.get("/settings").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert signed_in.get("/settings").status_code == 200  # signed with the new one by now


def test_a_key_that_is_good_no_more_signs_everybody_out(signed_in, settings):
    settings.SECRET_KEY = NEW
    assert signed_in.get("/settings").status_code == 302
