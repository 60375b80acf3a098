"""Only pages of this very site open sockets: scheme, host and port count, letter by letter."""

import asyncio

import pytest

from conduit.live.origins import ours_only

HOST = "conduit.example"


@pytest.fixture(autouse=True)
def _hosts(settings):
    settings.ALLOWED_HOSTS = [HOST, "localhost"]
    settings.ALLOWED_ORIGINS, settings.BEHIND_TLS = [], False


def enters(origin, host=HOST, path="/live"):
    """Whether a socket gets as far as the page's own door; else it is closed, unopened."""
    came, said = [], []

    async def inside(scope, receive, send):
        came.append(scope)

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        said.append(message["type"])

    named = {b"origin": origin, b"host": host}
    headers = [(name, value.encode("latin1")) for name, value in named.items() if value is not None]
    scope = {"type": "websocket", "path": path, "headers": headers}
    asyncio.run(ours_only(inside)(scope, receive, send))
    assert said == ([] if came else ["websocket.close"])
    return bool(came)


OTHERS = [
    None,
    "",
    "null",
    "http://",
    "://",
    "*",
    HOST,
    f"//{HOST}",
    f"https://{HOST}",
    f"ws://{HOST}",
    f"ftp://{HOST}",
    f"file://{HOST}",
    f"http://{HOST}:80",
    f"http://{HOST}:8000",
    f"http://{HOST}:",
    f"http://{HOST}/",
    f"http://{HOST}.",
    f"http://{HOST}?",
    f"http://{HOST} ",
    f" http://{HOST}",
    f"http://{HOST}, http://{HOST}",
    f"http://{HOST}\0",
    f"http://www.{HOST}",
    f"http://evil-{HOST}",
    f"http://{HOST}.evil.example",
    f"http://evil.example/{HOST}",
    f"http://evil.example#{HOST}",
    f"http://user@{HOST}",
    f"http://{HOST}@evil.example",
    f"http://{HOST}:80@evil.example",
    f"http:\\\\{HOST}",
    "http://con\xadduit.example",
    "http://localhost",
    "http://127.0.0.1",
]


def test_a_page_of_this_site_enters():
    assert enters(f"http://{HOST}")
    assert enters(f"http://{HOST}:8000", f"{HOST}:8000")
    assert enters("http://localhost:8000", "localhost:8000")


@pytest.mark.parametrize("origin", OTHERS, ids=map(repr, OTHERS))
def test_no_other_page_enters(origin, settings):
    assert not enters(origin)
    settings.ALLOWED_ORIGINS = [f"http://{HOST}"]
    assert not enters(origin)


def test_letters_are_the_same_in_capitals():
    assert enters(f"HTTP://{HOST.upper()}", HOST.upper())


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", f"user@{HOST}", f"{HOST}/", f"{HOST}:x", "a b", "[::1"]
)
def test_a_host_that_is_not_ours_makes_no_origin_ours(host):
    assert not enters(f"http://{host}", host)


def test_behind_tls_only_https_is_ours(settings):
    settings.BEHIND_TLS = True
    assert enters(f"https://{HOST}")
    assert not enters(f"http://{HOST}")


def test_where_origins_are_listed_these_are_all_whatever_the_host(settings):
    settings.ALLOWED_ORIGINS = ["https://a.example", "http://b.example:8000"]
    assert enters("https://a.example", "inner:9000")
    assert enters("http://b.example:8000", HOST)
    for origin in ("http://a.example", "https://a.example:444", "http://b.example", f"http://{HOST}"):
        assert not enters(origin)


@pytest.mark.parametrize("path", ["", "/", "/live/", "/LIVE", "/live2", "/live\0", "/admin/live"])
def test_there_is_one_place_for_sockets(path):
    assert not enters(f"http://{HOST}", path=path)
