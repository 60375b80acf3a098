"""Everybody who may knock at a door: with a session and a token, which may be good no longer."""

from copy import deepcopy

from django.test import Client

from accounts.commands import CloseAccount, GrantPermissions, GrantStaff
from accounts.registration import change_password
from eventstore.dispatch import dispatch
from tests.access.rules import KINDS
from tests.api.program import Program
from tests.cast import PASSWORD, Person
from tests.pages.admin import METADATA, OPERATE, PAYLOADS, PERSONAL

PERMISSIONS = {
    "clerk": "blog.view_article",
    "watcher": METADATA,
    "reviewer": PAYLOADS,
    "confidant": PERSONAL,
    "operator": OPERATE,
}


class Known:
    """Somebody of a kind who has registered."""

    def __init__(self, kind):
        self.kind, self.person, self.password = kind, Person(kind), PASSWORD
        self.id, self.name, self.email = self.person.id, self.person.name, self.person.email
        if permission := PERMISSIONS.get(kind):
            dispatch(GrantPermissions(user_id=self.id, permissions=(permission,)))
        if kind == "superuser":
            dispatch(GrantStaff(user_id=self.id, superuser=True))
        self.come_back()
        if kind == "closed":
            dispatch(CloseAccount(user_id=self.id))
        if kind == "ended":
            self.password = "another long password"
            change_password(self.id, self.password)

    def come_back(self):
        """Signs in anew, where a visit has ended the session."""
        self.person.__dict__.pop("browser", None)
        self.cookies, self.token = self.person.browser.cookies, Program(self.person).token

    @property
    def browser(self):
        """With the session's cookie; however the visit ends, the next one begins like it."""
        client = Client()
        client.cookies = deepcopy(self.cookies)
        return client


class Anonymous:
    kind, id, name, email, password, token = "anonymous", None, "", "", "", ""

    def come_back(self):
        """There is nothing to come back to."""

    @property
    def browser(self):
        return Client()


def everybody():
    """One of each kind, by the kind."""
    return {kind: Anonymous() if kind == "anonymous" else Known(kind) for kind in KINDS}
