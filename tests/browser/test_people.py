"""People come back in, look where they are signed in, and leave: in a browser, without scripts as well."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import MAILS
from tests.cast import PASSWORD
from tests.live.listening import becomes

NEW = "a brand new password"
END = b"Conduit, http"
"""How every mail ends."""

WITH_AND_WITHOUT = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def mails(folder: Path) -> Callable[[], str]:
    """Waits for the next mail, and gives its text."""
    known = set((folder / MAILS).glob("*"))

    def new() -> list[Path]:
        return [path for path in set((folder / MAILS).glob("*")) - known if END in path.read_bytes()]

    def arrives() -> str:
        assert becomes(new), "no mail"
        [path] = new()
        known.add(path)
        return str(message_from_bytes(path.read_bytes(), policy=policy.default).get_content())

    return arrives


def sign_in(page: Page, email: str, password: str) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Sign in").click()


@WITH_AND_WITHOUT
def test_who_has_forgotten_the_password_comes_in_again_by_a_mail(browse, cast, mails, site, scripts):
    page = browse(None, "/login", java_script_enabled=scripts)
    assert cast.jake
    page.get_by_role("link", name="Forgot your password?").click()
    page.fill("[name=email]", cast.jake.email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.locator("h1")).to_have_text("Look at your mail")
    [link] = re.findall(r"^http\S+token=\S+$", mails(), re.MULTILINE)
    assert link.startswith(f"{site}/password-reset/link?"), "the port that the site is on"
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.headers.get("referer", ""))))
    page.goto(link)
    expect(page).to_have_url(f"{site}/password-reset/new")
    page.fill("[name=password]", NEW)
    page.get_by_role("button", name="Set new password").click()
    expect(page).to_have_url(f"{site}/login")
    expect(page.locator(".cx-notice")).to_contain_text("Sign in with it")
    sign_in(page, cast.jake.email, NEW)
    expect(page.locator("nav .cx-me")).to_have_text("jake")
    assert [referrer for _, referrer in asked if "token" in referrer] == []
    assert "was changed" in mails()


@WITH_AND_WITHOUT
def test_another_browser_is_seen_and_signed_out_and_in_the_end_the_account_is_closed(browse, cast, scripts):
    here, there = (browse(None, "/login", java_script_enabled=scripts) for _ in range(2))
    for page in (here, there):
        sign_in(page, cast.jake.email, PASSWORD)
        expect(page.locator("nav .cx-me")).to_have_text("jake")
    here.goto("/settings")
    places = here.locator("section[aria-labelledby=sessions]")
    expect(places.get_by_text("This browser")).to_have_count(1)
    places.get_by_role("button", name=re.compile("^Sign out .* on Linux")).click()
    expect(here.locator(".cx-notice")).to_have_text("That browser is signed out.")
    there.goto("/settings")
    expect(there.locator("h1")).to_have_text("Sign in")
    here.get_by_role("link", name="Close your account").click()
    here.fill("[name=password]", PASSWORD)
    here.get_by_role("button", name="Close my account").click()
    expect(here.locator(".cx-notice")).to_contain_text("Your account is closed")
    expect(here.locator("nav a[href='/login']")).to_be_visible()
