"""After secrets came in by every door and in every disguise, nothing that is stored, written or told has any of them.

One test of many rules: it takes two sites and a thousand requests to ask the first of them, and no more to ask them all.
"""

from collections import Counter
from http import HTTPStatus

from conduit.technical import STARS
from tests.secrets.canaries import derived, found
from tests.secrets.world import CONTENT

EVERY_STATUS = {200, 201, 302, 400, 401, 403, 404, 405, 410, 413, 415, 422, 429, 431, 500, 503}
PUBLIC = ("public.eventstore_event", "public.blog_article", "ear: the feed", "ear: an article's page",
          "public: GET /",
          "admin: GET /admin/blog/article/", "admin: POST /admin/eventstore/export/",
          "log", "log with DEBUG")  # fmt: skip
COOKIES = {"sessionid", "csrftoken", "known_device", "intent"}


def test_no_secret_is_anywhere(left):
    broken = [f"{rule.__name__}: {what}" for rule in RULES for what in rule(left)]
    assert not broken, "\n".join(broken)


def whatever_may_become_of_a_request_became_of_some(left):
    counts = Counter(answer.status for answer in left.heard)
    yield from (f"none was answered {status}" for status in EVERY_STATUS - {*counts})
    if len(left.heard) < 1_000:
        yield f"only {len(left.heard)} were sent"


def what_is_public_is_found(left):
    """Or nobody looks where it would be."""
    for channel in PUBLIC:
        if CONTENT.lower() not in left.channels[channel].decode(errors="replace").lower():
            yield f"not in {channel}"
    if not any(
        b"manage.py" in said for channel, said in left.channels.items() if channel.startswith("process")
    ):
        yield "not the site's own command line"


def no_channel_has_a_canary(left):
    return in_words({channel: found(blob) for channel, blob in left.channels.items()})


def no_channel_has_what_the_site_made(left):
    return in_words({channel: left.made.found(blob) for channel, blob in left.channels.items()})


def no_answer_repeats_a_canary_but_to_lead_back_to_where_it_was_asked(left):
    return in_words({each.label: found(each.whole) - found(each.address.encode()) for each in left.heard})


def a_page_about_a_bug_shows_variables_and_no_secret(left):
    about = [answer for answer in left.pages if b"Traceback" in answer.body]
    pages = [answer.text for answer in about if "Local vars" in answer.text]
    if len(pages) < 6 or len(about) < 12:
        yield f"there are {len(about)}, and {len(pages)} with variables"
    if not all("password" in page and STARS in page for page in pages):
        yield "one had nothing to hide"
    yield from in_words({answer.label: found(answer.whole) for answer in about})


def what_proves_who_somebody_is_is_kept_by_no_cache_on_its_way(left):
    telling = [
        each for each in left.heard if "sessionid=" in each.header("Set-Cookie") or '"token":"' in each.text
    ]
    if len(telling) < 10:
        yield f"only {len(telling)} tell"
    yield from (each.label for each in telling if "no-store" not in each.header("Cache-Control"))


def every_cookie_is_for_the_browser_alone_and_for_this_site(left):
    said = [value for answer in left.heard for name, value in answer.headers if name.lower() == "set-cookie"]
    given = [value for value in said if "Max-Age=0" not in value]
    yield from COOKIES ^ {value.partition("=")[0] for value in given}
    yield from (value for value in given if not ("HttpOnly" in value and "SameSite=Lax" in value))


def no_address_of_ours_is_told_to_others_as_where_somebody_came_from(left):
    for answer in left.heard:
        is_link = (
            answer.address.startswith("GET /password-reset/link") and answer.status != HTTPStatus.BAD_REQUEST
        )
        allowed = {"no-referrer"} if is_link else {"no-referrer", "same-origin"}
        if (
            answer.header("Content-Type").startswith("text/html")
            and answer.header("Referrer-Policy") not in allowed
        ):
            yield answer.label


def no_table_has_what_anybody_could_make_of_a_password(left):
    for table, rows in left.channels.items():
        for name, password in left.passwords.items():
            if table.startswith("public.") and any(digest in rows for digest in derived(password)):
                yield f"{table}, of {name}"


RULES = [
    whatever_may_become_of_a_request_became_of_some,
    what_is_public_is_found,
    no_channel_has_a_canary,
    no_channel_has_what_the_site_made,
    no_answer_repeats_a_canary_but_to_lead_back_to_where_it_was_asked,
    a_page_about_a_bug_shows_variables_and_no_secret,
    what_proves_who_somebody_is_is_kept_by_no_cache_on_its_way,
    every_cookie_is_for_the_browser_alone_and_for_this_site,
    no_address_of_ours_is_told_to_others_as_where_somebody_came_from,
    no_table_has_what_anybody_could_make_of_a_password,
]


def in_words(leaks):
    """Where, and the first of what is there."""
    return [f"{where}: {'; '.join(sorted(names)[:4])}" for where, names in leaks.items() if names]
