"""What this process knows of the live pages: what there was to tell lately, and who is here to be told."""

from eventstore.live.recent import Recent
from eventstore.live.tail import Tail

recent = Recent()
tail = Tail(recent)
