"""HTML as a browser would take it: elements with their attributes, and text."""

from html.parser import HTMLParser

EMPTY = {"br", "hr", "img", "input"}


class Element:
    """An element, where it stands, and the text in it."""

    def __init__(self, tag, attributes, within):
        self.tag, self.attributes, self.within, self.text = tag, attributes, within, ""

    def __repr__(self):
        return f"<{self.tag} {self.attributes}>"

    def __getitem__(self, name):
        return self.attributes.get(name)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.odd = [], [], []

    def handle_starttag(self, tag, attributes):
        element = Element(tag, dict(attributes), [outer.tag for outer in self.open])
        self.elements.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag):
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes {closed}"

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def handle_other(self, data):
        self.odd.append(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = handle_other


def elements(html, tag=None):
    """The elements of one tag or all, in order; well-formed, and nothing but elements and text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"left open: {reader.open}"
    assert not reader.odd, f"neither element nor text: {reader.odd}"
    return [element for element in reader.elements if tag in {None, element.tag}]
