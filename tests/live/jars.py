"""What is told of jars of beans: each handful to the room of its jar."""

from eventstore.catch_up import catch_up
from eventstore.live import tells
from eventstore.live.tells import Tell
from tests.eventstore.tools import add

ADDED = "beans.added"


def handful(event, fact):
    """Its number, said at once."""
    yield Tell(f"jar:{event.jar}", "beans", str(fact.position), event.count)


def tell(patch, *tellers):
    """Makes these the only ones for handfuls of beans, and leaves out whoever tells of everything."""
    patch.setattr(tells, "_tellers_of_all", [])
    patch.setitem(tells._tellers, ADDED, list(tellers))


def put(jar, *counts):
    """Puts handfuls in a jar, and shows them."""
    *_, last = add(jar, *counts)
    catch_up()
    return last


def counted(words, answer=str, **options):
    """Tells of each handful, and notes in `words` whenever it is put into words."""

    def teller(event, fact):
        def say():
            words.append(event.count)
            return answer(event.count)

        yield Tell(f"jar:{event.jar}", "beans", str(fact.position), say, **options)

    return teller
