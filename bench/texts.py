"""What people write in a history: the same words in other orders, the same for the same number of texts."""

import random

STORY = """
a reader opens the page and finds what was written there yesterday still true today because nothing is
ever erased only said anew in other words while the log keeps what the table forgets and every heart
every line of talk below it every name that was taken stands in the order in which it came to pass
"""
WORDS = STORY.split()
CODE = "\n\n```python\ndef fold(events):\n    return reduce(evolve, events, initial)\n```\n\n"
LIST = "\n\n- read\n- fold\n- decide\n- append\n\n"


class Texts:
    """A stock of Markdown bodies of about 300 words, and sentences."""

    def __init__(self) -> None:
        self._chance = random.Random("texts")
        self._paragraphs = [self._paragraph(nth) for nth in range(40)]
        self.bodies = [self._body() for _ in range(1000)]

    def _paragraph(self, nth: int) -> str:
        words = [self._chance.choice(WORDS) for _ in range(60)]
        words[7], words[20] = f"**{words[7]}**", f"[{words[20]}](https://conduit.example/{nth})"
        heading, tail = ("## " + " ".join(words[:4]) + "\n\n", ("", "", CODE, LIST)[nth % 4])
        return f"{heading if nth % 3 == 0 else ''}{' '.join(words)}.{tail}"

    def _body(self) -> str:
        return "\n\n".join(self._chance.choice(self._paragraphs) for _ in range(5))

    def body(self) -> str:
        return self._chance.choice(self.bodies)

    def sentence(self, words: int) -> str:
        return " ".join(self._chance.choice(WORDS) for _ in range(words)).capitalize()
