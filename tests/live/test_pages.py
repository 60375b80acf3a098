"""The ticket that a page shows: what it listens to, and who reads it, as the server wrote it."""

from uuid import UUID

import pytest
from django.core.signing import BadSignature
from hypothesis import given
from hypothesis import strategies as st

from eventstore.live import pages
from eventstore.live.pages import MOST_ROOMS, admitted, listening


@given(st.lists(st.text(), max_size=MOST_ROOMS), st.none() | st.uuids(), st.integers(0, 2**63 - 1))
def test_it_comes_back_as_it_went(rooms, reader, position):
    heard = admitted(listening(rooms, reader, 0).ticket, position)
    assert heard == listening(rooms, reader, position)
    assert heard.reader == ("" if reader is None else str(reader))


def test_a_page_listens_to_so_many_rooms():
    rooms = [f"hearts:{UUID(int=nth)}" for nth in range(MOST_ROOMS + 5)]
    assert admitted(listening(rooms, None, 0).ticket, 0).rooms == tuple(rooms[:MOST_ROOMS])


def test_the_fullest_ticket_fits_into_an_address():
    rooms = [f"following:{UUID(int=2**128 - 1 - nth**9)}" for nth in range(MOST_ROOMS)]
    assert len(listening(rooms, UUID(int=5**50), 0).ticket) < 4096


@pytest.mark.parametrize("ticket", ["", ":", "::", "a:b:c", "é", "\0", "\ud800" * 3, "x" * 99_999])
def test_what_is_none_is_refused(ticket):
    with pytest.raises(BadSignature):
        admitted(ticket, 0)


@given(st.data())
def test_a_ticket_that_was_altered_anywhere_is_refused(data):
    good = listening(["articles"], None, 0).ticket
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != good[at]))
    with pytest.raises(BadSignature):
        admitted(good[:at] + other + good[at + 1 :], 0)


def test_its_position_is_no_part_of_it():
    """A page that has heard more says so itself; what it may hear stays the same."""
    assert (
        pages.listening(["a"], None, 5).ticket.split(":")[0]
        == pages.listening(["a"], None, 9).ticket.split(":")[0]
    )
