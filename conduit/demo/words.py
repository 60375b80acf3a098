"""What a crowd writes: the same words in other orders, so that a load is of lifelike length and costs little to make."""

import random

STORY = """
a reader opens the page and finds what was written there yesterday still true today because nothing is
ever erased only said anew in other words while the log keeps what the table forgets and every heart
every line of talk below it every name that was taken stands in the order in which it came to pass
"""
WORDS = STORY.split()
TAGS = sorted(set(WORDS[:40]))
CODE = "\n\n```python\ndef fold(events):\n    return reduce(evolve, events, initial)\n```\n\n"
LIST = "\n\n- read\n- fold\n- decide\n- append\n\n"


class Texts:
    """A stock of Markdown bodies of about 300 words, and of sentences."""

    def __init__(self) -> None:
        self._chance = random.Random("texts")  # noqa: S311
        self._paragraphs = [self._paragraph(nth) for nth in range(40)]
        self.bodies = ["\n\n".join(self._chance.choices(self._paragraphs, k=5)) for _ in range(1000)]
        self.remarks = [self.sentence(25) for _ in range(1000)]

    def _paragraph(self, nth: int) -> str:
        words = self._chance.choices(WORDS, k=60)
        words[7], words[20] = f"**{words[7]}**", f"[{words[20]}](https://conduit.example/{nth})"
        heading, tail = ("## " + " ".join(words[:4]) + "\n\n", ("", "", CODE, LIST)[nth % 4])
        return f"{heading if nth % 3 == 0 else ''}{' '.join(words)}.{tail}"

    def sentence(self, words: int) -> str:
        return " ".join(self._chance.choices(WORDS, k=words)).capitalize()
