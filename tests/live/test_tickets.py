"""Which pages may listen: those with a ticket that the site has signed, if they are of whom it was signed for; nothing
else that a socket may come with is any trouble."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from django.core import signing

from eventstore import log
from eventstore.live.pages import SALT
from tests.live.listening import cookie, ticket_for
from tests.live.wire import Page, answer, broken, handshake, said


def knock(port, *arguments, **headers):
    """The status that a handshake gets."""

    async def knocked():
        async with Page(port, *arguments, **headers) as page:
            return page.status

    return asyncio.run(knocked())


def signed(*words, key="only for tests", salt=SALT, compress=True):
    return signing.Signer(key=key, salt=salt).sign_object([*words], compress=compress)


def flipped(good):
    """With another letter in the middle of what is signed."""
    middle = good.index(":") // 2
    return good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]


FORGED = {
    "none": "",
    "words": "article:1",
    "not signed": signed("", "articles").rpartition(":")[0],
    "signed with another key": signed("", "articles", key="another"),
    "signed for something else": signed("", "articles", salt="accounts"),
    "of another salt that begins the same": signed("", "articles", salt=f"{SALT}."),
    "altered": flipped(signed("", "articles")),
    "with more behind it": signed("", "articles") + "A",
    "the signature of another one": signed("", "articles").rpartition(":")[0]
    + ":"
    + signed("", "tags").rpartition(":")[2],
    "a null": "\0",
    "no letters": "\u2603:\ud7ff:\U0001f600",
}


def test_a_ticket_that_the_site_has_signed_lets_a_page_in(site):
    assert knock(site[0], signed("", "articles")) == 101


@pytest.mark.parametrize("page", FORGED.values(), ids=FORGED)
def test_a_ticket_that_the_site_has_not_signed_lets_nobody_in(site, page):
    assert knock(site[0], page) == 403
    assert answer(site[0], f"/live?{urlencode({'page': page})}", if_none_match='"0"')[0] == 400


def test_a_reader_s_page_listens_for_this_reader_alone(site, people, article):
    port, jane = site[0], people.jane
    ours = ticket_for(article, reader=jane.id)
    assert knock(port, ours, Cookie=cookie(jane)) == 101
    assert knock(port, ours, Cookie=f'odd="; 1=;{cookie(jane)}; x="') == 101
    assert knock(port, ours) == 403
    assert knock(port, ours, Cookie=cookie(people.mallory)) == 403
    assert knock(port, ours, Cookie="sessionid=" + "s" * 32) == 403
    assert knock(port, ticket_for(article), Cookie=cookie(jane)) == 101


ODD_COOKIES = (
    "sessionid=",
    'sessionid="a\\000bcdefghijk"',
    "sessionid=\xff\xfe" * 10,
    "sessionid=" + "x" * 9000,
)


@pytest.mark.parametrize("odd", ODD_COOKIES, ids=["empty", "null", "no text", "long"])
def test_a_session_that_never_was_is_nobody_s(site, people, article, odd):
    assert knock(site[0], ticket_for(article, reader=people.jane.id), Cookie=odd) == 403
    assert "nobody can be let in" not in said(site[1])


GOOD = signed("", "articles")
ODD = {
    "nothing": "",
    "no position": f"page={GOOD}",
    "no ticket": "after=1",
    "an empty position": f"page={GOOD}&after=",
    "a negative position": f"page={GOOD}&after=-1",
    "a position with a sign": f"page={GOOD}&after=%2B1",
    "a fraction": f"page={GOOD}&after=1.5",
    "an exponent": f"page={GOOD}&after=1e3",
    "not a number": f"page={GOOD}&after=NaN",
    "digits of elsewhere": f"page={GOOD}&after=%D9%A3",
    "a superscript": f"page={GOOD}&after=%C2%B2",
    "more than there can be": f"page={GOOD}&after={2**63}",
    "5,000 digits": f"page={GOOD}&after={'9' * 5000}",
    "5,000 zeros and a one": f"page={GOOD}&after={'0' * 5000}1",
    "a null": f"page={GOOD}&after=%00",
    "a null in the ticket": f"page={GOOD}%00&after=1",
    "half a character": f"page=%ff%fe{GOOD}&after=1",
    "half a surrogate pair": "page=%ed%a0%80&after=1",
    "a position that is a list": f"page={GOOD}&after[]=1",
    "2,000 names": "&".join(f"n{nth}=1" for nth in range(2000)),
    "ampersands": "&" * 5000,
    "a percent sign": "%",
}


@pytest.mark.parametrize("query", ODD.values(), ids=ODD)
def test_an_odd_query_is_refused_in_peace(site, query):
    assert knock(site[0], query=query) == 403
    assert answer(site[0], f"/live?{query}", if_none_match='"x"')[0] == 400


def test_of_repeated_keys_one_counts_and_the_last_position_there_can_be_is_one(site):
    forged = signed("", "articles", key="another")
    assert knock(site[0], query=f"page={GOOD}&page={GOOD}&after=1&after=2") == 101
    assert knock(site[0], query=f"page={forged}&page={forged}&page={forged}&after=1") == 403
    assert knock(site[0], query=f"page={GOOD}&after={2**63 - 1}") == 101


HEADERS = {
    "a protocol in no alphabet": {"Sec_WebSocket_Protocol": "\xff"},
    "an agent in no alphabet": {"User_Agent": "\xff\xfe"},
    "an old version": {"Sec_WebSocket_Version": "1"},
    "no version": {"Sec_WebSocket_Version": None},
    "no key": {"Sec_WebSocket_Key": None},
    "a short key": {"Sec_WebSocket_Key": "x"},
    "an odd extension": {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits=99;;,=\xff"},
    "a body": {"Content_Length": "5"},
    "an end elsewhere": {"Connection": "close"},
    "no host": {"Host": None},
    "an odd host": {"Host": "a b:-1"},
    "a root path": {"Daphne_Root_Path": "\xff"},
}


def status(port, request):
    """What is answered to whatever was sent; 0 if nothing is."""
    with socket.create_connection(("127.0.0.1", port), 20) as client, suppress(ConnectionError):
        client.sendall(request)
        with client.makefile("rb") as answer:
            return int((answer.readline() or b"- 0").split()[1])
    return 0


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_an_odd_handshake_is_no_trouble(site, headers):
    request = handshake(site[0], f"page={GOOD}&after=0", **headers)
    assert status(site[0], request + b"x" * 5) < 500


@pytest.mark.parametrize("path", ["/", "/live/", "/live//", "//live", "/admin/", "/live%00", "/Live"])
def test_there_is_no_socket_elsewhere(site, path):
    request = handshake(site[0], f"page={GOOD}&after=0")
    assert status(site[0], request) == 101
    assert status(site[0], request.replace(b"/live", path.encode(), 1)) in {400, 403, 404}


@pytest.mark.parametrize(
    ("method", "expected"), [("POST", 403), ("PUT", 403), ("DELETE", 403), ("HEAD", 304)]
)
def test_one_only_asks(site, method, expected):
    port = site[0]
    at = log.head()
    found, headers, body = answer(port, f"/live?page={GOOD}", method, if_none_match=f'"{at}"')
    assert found == expected
    assert headers["ETag"] == (f'"{at}"' if method == "HEAD" else None)
    assert body == b"" or method != "HEAD"


def test_none_of_it_has_left_a_traceback(site):
    """The last of this file: it looks back at the others."""
    assert broken(site[1]) == []
