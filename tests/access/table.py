"""Who may do what, by which door: every action, every kind of person. The tests are made of it, and miss no address.

A row: what is done · how · by whom (`rules.WHO`) · the status where it is allowed, and the one that htmx gets · the
command that it comes to. `{…}` is a thing of the author's; `{+…}` another one for every act, which uses it up.
"""
# ruff: noqa: E501 - a table is as wide as its cells

import re
from typing import Any, NamedTuple

from tests.access.rules import ADMIN, API, PAGE, WHO, acting

PAGES = """
read what is new              | GET /                                              | anybody      | 200     |
read one's feed               | GET /?feed=following                               | known        | 200     |
read what has a tag           | GET /tag/fire                                      | anybody      | 200     |
read an article               | GET /article/{article}                             | anybody      | 200     |
read a deleted article        | GET /article/{gone}                                | anybody      | 410     |
see a profile                 | GET /profile/{author}                              | anybody      | 200     |
see what somebody likes       | GET /profile/{author}/favorites                    | anybody      | 200     |
look for what is nowhere      | GET /nowhere/at/all                                | nobody finds | 200     |
open the sign-in form         | GET /login                                         | unknown      | 200     |
sign in                       | POST /login                                        | password     | 302     | accounts.sign_in
open the form for newcomers   | GET /register                                      | unknown      | 200     |
register                      | POST /register                                     | anybody      | 302     | accounts.register_user
sign out                      | POST /logout                                       | anybody      | 302     |
open one's settings           | GET /settings                                      | known        | 200     |
change one's settings         | POST /settings                                     | known        | 302     | accounts.update_user
sign out a program            | POST /settings/tokens/{+token}/revoke              | owner        | 302     |
ask for a new password        | GET /password-reset                                | anybody      | 200     |
have a link sent              | POST /password-reset                               | anybody      | 302     |
hear that it is sent          | GET /password-reset/sent                           | anybody      | 200     |
follow a forged link          | GET /password-reset/link?user={author_id}&token=x  | link         | 200     |
come without a link           | GET /password-reset/new                            | link         | 200     |
reset without a link          | POST /password-reset/new                           | link         | 200     |
sign out a browser            | POST /settings/sessions/{+session}/end             | owner        | 302     |
sign out all other browsers   | POST /settings/sessions/end-others                 | known        | 302     |
sign out all programs         | POST /settings/tokens/revoke                       | known        | 302     |
begin to close one's account  | GET /settings/close                                | known        | 200     |
close it, password forgotten  | POST /settings/close                               | guess        | 200     |
open the editor               | GET /editor                                        | known        | 200     |
publish                       | POST /editor                                       | known        | 302     | blog.publish_article
see a preview                 | POST /editor/preview                               | known        | 200 200 |
open an article in the editor | GET /editor/{article}                              | author       | 200     |
reword an article             | POST /editor/{article}                             | author       | 302     | blog.edit_article
delete an article             | POST /article/{+article}/delete                    | author       | 302 302 | blog.delete_article
put an article back           | POST /article/{+gone}/restore                      | author       | 302 302 | blog.restore_article
fill a heart                  | POST /article/{article}/favorite                   | known        | 302 200 | blog.favorite_article
empty a heart                 | POST /article/{article}/unfavorite                 | known        | 302 200 | blog.unfavorite_article
comment                       | POST /article/{article}/comments                   | known        | 302 200 | blog.comment_on_article
take back a comment           | POST /article/{article}/comments/{+said}/delete    | author       | 302 200 | blog.delete_comment
say a comment after all       | POST /article/{article}/comments/{+unsaid}/restore | author       | 302 200 | blog.restore_comment
follow                        | POST /profile/{somebody}/follow                    | known        | 302 200 | blog.follow_author
unfollow                      | POST /profile/{somebody}/unfollow                  | known        | 302 200 | blog.unfollow_author
"""

OVER_THE_API = """
read the facts                | GET /api/events                                    | anybody      | 200     |
read how the API is used      | GET /api/docs                                      | anybody      | 200     |
read what the API is          | GET /api/openapi.json                              | anybody      | 200     |
ask for nothing               | GET /api/                                          | nobody finds | 200     |
register                      | POST /api/users                                    | anybody      | 201     | accounts.register_user
log in                        | POST /api/users/login                              | API password | 200     | accounts.sign_in
see oneself                   | GET /api/user                                      | token        | 200     |
change oneself                | PUT /api/user                                      | token        | 200     | accounts.update_user
see a profile                 | GET /api/profiles/{author}                         | live token   | 200     |
follow                        | POST /api/profiles/{somebody}/follow               | token        | 200     | blog.follow_author
unfollow                      | DELETE /api/profiles/{somebody}/follow             | token        | 200     | blog.unfollow_author
list articles                 | GET /api/articles                                  | live token   | 200     |
read one's feed               | GET /api/articles/feed                             | token        | 200     |
read an article               | GET /api/articles/{article}                        | live token   | 200     |
read a deleted article        | GET /api/articles/{gone}                           | token finds  | 200     |
publish                       | POST /api/articles                                 | token        | 201     | blog.publish_article
reword an article             | PUT /api/articles/{article}                        | author's token | 200   | blog.edit_article
delete an article             | DELETE /api/articles/{+article}                    | author's token | 204   | blog.delete_article
fill a heart                  | POST /api/articles/{article}/favorite              | token        | 200     | blog.favorite_article
empty a heart                 | DELETE /api/articles/{article}/favorite            | token        | 200     | blog.unfavorite_article
read comments                 | GET /api/articles/{article}/comments               | live token   | 200     |
comment                       | POST /api/articles/{article}/comments              | token        | 201     | blog.comment_on_article
take back a comment           | DELETE /api/articles/{article}/comments/{+said}    | author's token | 204   | blog.delete_comment
list tags                     | GET /api/tags                                      | anybody      | 200     |
"""

IN_THE_ADMIN = """
enter                         | GET /admin/                                        | staff        | 200     |
open its sign-in form         | GET /admin/login/                                  | not of it    | 200     |
sign in there                 | POST /admin/login/                                 | staff password | 302   | accounts.sign_in
sign in there, being no staff | POST /admin/login/                                 | other password | 200   | accounts.sign_in
sign out of it                | POST /admin/logout/                                | leaving      | 200     |
change a password there       | GET /admin/password_change/                        | staff finds  | 200     |
hear that it is changed       | GET /admin/password_change/done/                   | staff        | 200     |
pick an article by typing     | GET {typing}                                       | clerk        | 200     |
fetch its words               | GET /admin/jsi18n/                                 | staff        | 200     |
follow a short link           | GET /admin/r/999/1/                                | staff finds  | 200     |
see an application            | GET /admin/blog/                                   | clerk finds  | 200     |
look for what is nowhere      | GET /admin/nowhere/at/all/                         | staff finds  | 200     |
see the dashboard             | GET {log}/dashboard/                               | watcher      | 200     |
see a correlation             | GET {log}/correlation/{correlation}/               | watcher      | 200     |
jump                          | GET {log}/jump/?q=nothing-of-that-name             | watcher finds | 200    |
see a stream                  | GET {log}/stream/{stream}/                         | watcher      | 200     |
see a stream's personal data  | POST {log}/stream/{stream}/                        | superuser    | 200     | eventstore.view_personal_data
ask why a row is so           | GET {log}/why/blog.article/{article_id}/           | superuser    | 200     |
ask why, with personal data   | POST {log}/why/blog.article/{article_id}/          | superuser    | 200     | eventstore.view_personal_data
see an event's personal data  | POST {log}/event/{event}/change/                   | superuser    | 200     | eventstore.view_personal_data
see a command's personal data | POST {log}/command/{command}/change/               | superuser    | 200     | eventstore.view_personal_data
see addresses                 | POST {log}/command/                                | superuser    | 200     | eventstore.view_personal_data
take facts along              | POST {log}/export/                                 | superuser    | 200     | eventstore.export_facts
export by a link              | GET {log}/export/                                  | nobody       | 200     |
listen to the log             | GET {log}/tail/                                    | watcher      | 200     |
see what is parked            | GET {log}/parked/                                  | operator     | 200     |
see who projects              | GET {log}/projectors/                              | operator     | 200     |
begin to pause                | GET {log}/projectors/blog.pages/pause/             | operator     | 200     |
pause                         | POST {log}/projectors/blog.pages/pause/            | operator     | 302     | eventstore.pause
begin to hold rights back     | GET {log}/projectors/accounts.users/pause/         | superuser    | 200     |
hold rights back              | POST {log}/projectors/accounts.users/pause/        | superuser    | 302     | eventstore.pause
resume                        | POST {log}/projectors/accounts.users/resume/       | operator     | 302     | eventstore.resume
rebuild                       | POST {log}/projectors/accounts.users/rebuild/      | operator     | 302     | eventstore.rebuild
check                         | POST {log}/projectors/accounts.users/check/        | operator     | 302     | eventstore.check
begin to stop a rebuild       | GET {log}/replays/{replay}/stop/                   | operator     | 200     |
stop a rebuild                | POST {log}/replays/{+replay}/stop/                 | operator     | 302     | eventstore.stop_replay
begin to unpark               | GET {log}/parked/blog.pages/{parked}/retry/        | operator     | 200     |
retry what is parked          | POST {log}/parked/blog.pages/{+parked}/retry/      | operator     | 302     | eventstore.retry_parked
give up what is parked        | POST {log}/parked/blog.pages/{+parked}/skip/       | operator     | 302     | eventstore.skip_parked
"""

A_TABLE = """
list {model}                  | GET /admin/{model}/                                | {sees}       | 200     |
see one of {model}            | GET /admin/{model}/{key}/change/                   | {sees}       | 200     |
find one of {model}           | GET /admin/{model}/{key}/                          | staff        | 302     |
open a form to add {model}    | GET /admin/{model}/add/                            | nobody       | 200     |
add to {model}                | POST /admin/{model}/add/                           | nobody       | 200     |
open a form to delete {model} | GET /admin/{model}/{key}/delete/                   | nobody       | 200     |
delete one of {model}         | POST /admin/{model}/{key}/delete/                  | nobody       | 200     |
"""
OF_THE_LOG = """
see the history of {model}    | GET /admin/{model}/{key}/history/                  | staff        | 302     |
"""
A_READ_MODEL = """
see the history of {model}    | GET /admin/{model}/{key}/history/                  | {sees}       | 200     |
change one of {model}         | POST /admin/{model}/{key}/change/                  | nobody       | 200     |
choose some of {model}        | POST /admin/{model}/                               | {sees}       | 200     |
"""

MODELS = {
    "eventstore/event": ("watcher", "{event}"),
    "eventstore/command": ("watcher", "{command}"),
    "blog/article": ("clerk", "{article_id}"),
    "blog/author": ("superuser", "{author_id}"),
    "blog/comment": ("superuser", "{comment_id}"),
    "blog/formerslug": ("superuser", "{article}"),
    "blog/tag": ("superuser", "fire"),
    "blog/tally": ("superuser", "articles"),
    "accounts/user": ("superuser", "{author_id}"),
}
"""Every table that the admin shows: who sees it, and the key of a row."""

WORDS = {"title": "Tea", "description": "Green", "body": "Hot."}
NEWCOMER = {"username": "{new}", "email": "{new}@conduit.example", "password": "a long password"}
MYSELF = {"email": "{email}", "password": "{password}"}
MYSELF_THERE = {"username": "{email}", "password": "{password}"}
OPERATING = ("pause", "resume", "rebuild", "check", "stop_replay", "retry_parked", "skip_parked")
PERSONAL, WHY = {"show": "personal"}, {"reason": "to see"}

SENDS: dict[str, dict[str, Any]] = {
    "accounts.register_user": NEWCOMER,
    "accounts.sign_in": MYSELF,
    "accounts.update_user": {
        "username": "{name}",
        "email": "{email}",
        "bio": "",
        "image": "",
        "password": "",
    },
    "blog.publish_article": WORDS,
    "blog.edit_article": WORDS | {"title": "Dragons"},
    "blog.comment_on_article": {"body": "Mine is blue"},
    "eventstore.export_facts": {"form": "ndjson", "personal": "1"},
    "eventstore.view_personal_data": PERSONAL,
    **{f"eventstore.{act}": WHY for act in OPERATING},
    "sign in there": MYSELF_THERE,
    "sign in there, being no staff": MYSELF_THERE,
    "have a link sent": {"email": "{somebody}@conduit.example"},
    "reset without a link": {"password": "another long password"},
    "close it, password forgotten": {"password": "a wrong password"},
    "change oneself": {"bio": "{new}"},
    "choose some": {"action": "delete_selected", "_selected_action": "1", "post": "yes"},
    "delete one": {"post": "yes"},
}
"""What is sent, by what is done, or by the command that it comes to."""

UNDER = {
    "accounts.register_user": "user",
    "accounts.sign_in": "user",
    "accounts.update_user": "user",
    "blog.publish_article": "article",
    "blog.edit_article": "article",
    "blog.comment_on_article": "comment",
}
"""The name in JSON of what is sent."""

BEFORE = {"eventstore.resume": "paused"}
"""What has to be so."""

ENDS = {
    "sign out all programs",
    "sign in",
    "register",
    "sign out",
    "sign in there",
    "sign in there, being no staff",
    "sign out of it",
}
"""After these visits somebody else is signed in, or nobody."""


class Row(NamedTuple):
    """An action at a door, and what each kind of person gets."""

    door: str
    what: str
    method: str
    path: str
    who: dict[str, Any]
    gives: int
    by_htmx: int
    tells: str

    def __str__(self):
        return f"{self.door}: {self.what}"

    @property
    def sends(self):
        found = SENDS.get(self.what.partition(" of ")[0]) or SENDS.get(self.tells, {})
        under = UNDER.get(self.tells)
        return {under: found} if self.door == API and under and found else found


def parsed(door, text):
    """The rows of a part of the table."""
    for line in text.strip().splitlines():
        what, how, who, gives, tells = (cell.strip() for cell in line.split("|"))
        method, path = how.split()
        rule = acting(WHO[who]) if door == ADMIN and method == "POST" else WHO[who]
        status, *htmx = map(int, gives.split())
        yield Row(door, what, method, path, rule, status, htmx[0] if htmx else 0, tells)


def _models():
    for model, (sees, key) in MODELS.items():
        more = OF_THE_LOG if model.startswith("eventstore/") else A_READ_MODEL
        text = (
            (A_TABLE + more.strip()).replace("{model}", model).replace("{sees}", sees).replace("{key}", key)
        )
        yield from parsed(ADMIN, text)


TABLE = [*parsed(PAGE, PAGES), *parsed(API, OVER_THE_API), *parsed(ADMIN, IN_THE_ADMIN), *_models()]

ALIKE = re.compile("/admin/(blog/(?!article)|accounts/|eventstore/command/)")
SOME = [row for row in TABLE if not ALIKE.search(row.path)]
"""Without the tables of the admin that are like others, where one is enough."""
