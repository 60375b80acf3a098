"""Browsers have names that people know them by; what can't be told is not guessed at."""

import pytest

from accounts.browsers import in_words

FIREFOX = "Mozilla/5.0 ({}; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROMIUM = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}Chrome/138.0.0.0 Safari/537.36{}"
WEBKIT = "Mozilla/5.0 ({} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {} Safari/605.1.15"
WINDOWS, LINUX, IPHONE = "Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "iPhone; CPU iPhone OS 18_5"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX.format(LINUX), "Firefox on Linux"),
        (FIREFOX.format("Android 15; Mobile"), "Firefox on Android"),
        (CHROMIUM.format(WINDOWS, "", ""), "Chrome on Windows"),
        (CHROMIUM.format(WINDOWS, "", " Edg/138.0.0.0"), "Edge on Windows"),
        (CHROMIUM.format(LINUX, "", " OPR/120.0.0.0"), "Opera on Linux"),
        (CHROMIUM.format("X11; CrOS x86_64 14541.0.0", "", ""), "Chrome on ChromeOS"),
        (CHROMIUM.format("Linux; Android 15", "SamsungBrowser/28.0 ", ""), "Samsung Internet on Android"),
        (WEBKIT.format(IPHONE, "Version/18.5"), "Safari on an iPhone"),
        (WEBKIT.format("iPad; CPU OS 18_5", "FxiOS/140.0"), "Firefox on an iPad"),
        (WEBKIT.format("Macintosh; Intel Mac OS X 10_15_7;", "Version/18.5"), "Safari on macOS"),
        ("Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1", "A browser"),
        ("Konqueror on Linux", "A browser on Linux"),
        ("", "A browser"),
        ("x" * 100_000 + "Firefox/", "A browser"),
    ],
)
def test_a_browser_is_named_by_what_it_says_of_itself(said, words):
    assert in_words(said) == words
