"""What is left out of everything that we write about a request: an address's user information, and its query.

Nobody is asked for a secret there; but links have theirs in a query, and clients put passwords in both.
"""

import re

USER_INFORMATION = re.compile(r"""[^\s/'"@,;&(]+:[^\s/'"]*@""")
QUERY = re.compile(r"""(/[^\s?'"]*)\?[^\s'"]+""")
LEFT_OUT = "…"


def discreet(text: str) -> str:
    """The text without what addresses in it may hold that is for few."""
    if "@" in text:
        text = USER_INFORMATION.sub(f"{LEFT_OUT}@", text)
    return QUERY.sub(rf"\1?{LEFT_OUT}", text) if "?" in text else text
