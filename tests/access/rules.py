"""The words of the table: the kinds of people, the doors, and who gets what.

A rule says for every kind what they get: OK, or how they are refused. Who is refused has changed nothing, and is on
record.
"""

OK, SIGN_IN = "ok", "sign in"
PAGE, API, ADMIN = "page", "API", "admin"

VISITORS = ("anonymous", "closed", "ended")
"""Nobody's browser; one whose account is closed; one whose session and token were ended by a new password."""

MEMBERS = ("reader", "author", "other")
STAFF = ("clerk", "watcher", "reviewer", "confidant", "operator")
"""Each with one permission: to see articles, metadata, payloads, personal data; to operate."""

KINDS = (*VISITORS, *MEMBERS, *STAFF, "superuser")


def everybody(gets=OK, **but):
    return dict.fromkeys(KINDS, gets) | but


def visitors(gets, then=OK, **but):
    """Those whom the site does not know get this, all others that."""
    return everybody(then) | dict.fromkeys(VISITORS, gets) | but


def staff(*kinds, otherwise=403, superuser=OK):
    """Of the staff these, and superusers; everybody else is asked to sign in as somebody who may."""
    outside = dict.fromkeys((*VISITORS, *MEMBERS), SIGN_IN)
    return everybody(otherwise, superuser=superuser) | outside | dict.fromkeys(kinds, OK)


WHO = {
    # pages
    "anybody": everybody(),
    "known": visitors(SIGN_IN),
    "author": visitors(SIGN_IN, 403, author=OK),
    "owner": visitors(SIGN_IN, 404, author=OK),
    "unknown": visitors(OK, 302),
    "password": everybody(anonymous=422, closed=422),
    "link": everybody(410),
    "guess": visitors(SIGN_IN, 422),
    "nobody finds": everybody(404),
    # the API
    "live token": everybody(closed=401, ended=401),
    "token": visitors(401),
    "author's token": visitors(401, 403, author=OK),
    "API password": everybody(anonymous=422, closed=401),
    "token finds": everybody(404, closed=401, ended=401),
    # the admin
    "staff": staff(*STAFF),
    "clerk": staff("clerk"),
    "watcher": staff("watcher"),
    "operator": staff("operator"),
    "superuser": staff(),
    "nobody": staff(superuser=403),
    "staff finds": staff(otherwise=404, superuser=404),
    "clerk finds": staff("clerk", otherwise=404),
    "watcher finds": staff(superuser=404) | {"watcher": 404},
    "not of it": everybody() | dict.fromkeys((*STAFF, "superuser"), 302),
    "staff password": {"anonymous": 200, "closed": 200} | dict.fromkeys((*STAFF, "superuser"), OK),
    "other password": dict.fromkeys((*MEMBERS, "ended"), OK),
    "leaving": staff(*STAFF) | dict.fromkeys(VISITORS, 302),
}


def acting(rule):
    """The same in the admin for acts: who is known and not of the staff is refused, not asked to sign in."""
    return {kind: 403 if kind in MEMBERS and gets == SIGN_IN else gets for kind, gets in rule.items()}
