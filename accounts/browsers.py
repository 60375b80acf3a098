"""Which browser somebody comes with, in words that they would use; what can't be told is not guessed at."""

UNKNOWN = "A browser"
LOOKED_AT = 1000
"""So many characters of what a browser says of itself; it says the important things first."""

BROWSERS = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/", "Edge/")),
    ("Opera", ("OPR/", "Opera")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Vivaldi", ("Vivaldi/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/", "Chromium/")),
    ("Safari", ("Safari/",)),
)
"""In this order, since most say that they are others as well."""

SYSTEMS = (
    ("an iPhone", ("iPhone", "iPod")),
    ("an iPad", ("iPad",)),
    ("Android", ("Android",)),
    ("Windows", ("Windows",)),
    ("ChromeOS", ("CrOS",)),
    ("macOS", ("Macintosh", "Mac OS X")),
    ("Linux", ("Linux", "X11")),
)


def in_words(user_agent: str) -> str:
    """Such as "Firefox on Linux", from the header User-Agent."""
    said = user_agent[:LOOKED_AT]
    browser, system = _first(BROWSERS, said) or UNKNOWN, _first(SYSTEMS, said)
    return f"{browser} on {system}" if system else browser


def _first(known: tuple[tuple[str, tuple[str, ...]], ...], said: str) -> str:
    return next((name for name, signs in known if any(sign in said for sign in signs)), "")
