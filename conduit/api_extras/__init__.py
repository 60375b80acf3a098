"""What every operation of the API has on top of the contract, for clients that ask for it in headers.

Nothing here changes an answer to a client that does not ask. Each extra wraps an operation whole, its check of
who asks included, so that refusals pass through it as answers.
"""

from conduit.api_extras.conditional import conditional
from conduit.api_extras.description import described
from conduit.api_extras.fresh import fresh
from conduit.api_extras.once import once
from conduit.api_extras.positions import positioned

EXTRAS = (conditional, fresh, positioned, once)
"""The innermost first: what is answered once is answered again with its position."""

__all__ = ["EXTRAS", "described"]
