"""What is left out of everything that we write about a request: an address's user information, and its query.

Nobody is asked for a secret there; but links have theirs in a query, and clients put passwords in both.
"""

import re

UP_TO_AN_AT = re.compile(r"""(?<![^\s/'"])[^\s/'"]*@""")
USER_INFORMATION = re.compile(r"""(?<![^\s/'"@,;&(])[^\s/'"@,;&(][^\s/'"@,;&(:]*:.*@""")
"""Is looked for in what UP_TO_AN_AT finds, and goes to its end."""

QUERY = re.compile(r"""(?<![^\s?'"])([^\s?'"/]*/[^\s?'"]*)\?[^\s'"]+""")
LEFT_OUT = "…"


def discreet(text: str) -> str:
    """The text without what addresses in it may hold that is for few; takes time in proportion to its length.

    Strangers choose what is logged. So every pattern begins where a word does, and reads each word once.
    """
    if "@" in text:
        text = UP_TO_AN_AT.sub(_without_user_information, text)
    return QUERY.sub(rf"\1?{LEFT_OUT}", text) if "?" in text else text


def _without_user_information(found: re.Match[str]) -> str:
    return USER_INFORMATION.sub(f"{LEFT_OUT}@", found[0])
