"""/live: pages that are open listen on a WebSocket, or ask now and then; both with the ticket that their page has."""
