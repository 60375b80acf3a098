"""The door for ASGI servers: every connection passes the guards."""

import os
import sys

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduit.settings")
django.setup(set_prefix=False)

from conduit import hashing  # noqa: E402
from conduit.feed import Streams  # noqa: E402 - Django has to be set up first
from conduit.guards import guarded  # noqa: E402
from conduit.live.origins import ours_only  # noqa: E402
from conduit.live.sockets import LivePage  # noqa: E402
from conduit.one_hop import OneHopHandler  # noqa: E402
from conduit.probes import apart  # noqa: E402

hall = OneHopHandler(threads=hashing.AT_ONCE, queue=hashing.QUEUE)
http = apart(hashing.in_its_hall(Streams(OneHopHandler()), hall), OneHopHandler(threads=2))
live = ours_only(LivePage.as_asgi())
application = guarded(ProtocolTypeRouter({"http": http, "websocket": live}))

if "daphne.http_protocol" in sys.modules:  # it is Daphne that serves us
    from conduit import daphne_end, daphne_guard

    daphne_guard.install()
    daphne_end.install()
