"""People through the API: registering, logging in, and what one may change about oneself."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from django.views.decorators.debug import sensitive_variables
from ninja import Router
from pydantic import Field
from typing_extensions import TypedDict

from accounts import names, queries, tokens
from accounts.commands import Bio, Email, Image, Name
from accounts.credentials import Proof
from accounts.forms import MOST_PASSWORD, ChangesForm, SignInForm, SignUpForm
from accounts.registration import register, update
from eventstore.api import LATER, StillUpdating, answer, body, operation, sent, sent_token, shown, text_schema
from eventstore.api_headers import command_id, noted
from eventstore.web import Request

router = Router(tags=["people"])

NEW_PASSWORD = {"type": "string", "minLength": 8, "maxLength": MOST_PASSWORD}
ADDRESS = text_schema(Email, pattern=f"^{names.ADDRESS.pattern}$")
NAME = text_schema(
    Name,
    minLength=names.SHORTEST,
    description="Letters and digits of one script, `_`, `-` and `.`; no word that the site's addresses use.",
)
OR_NULL = {"type": ["string", "null"]}
JAKE = {"username": "jake", "email": "jake@jake.jake", "password": "jakejake"}
REGISTRATION = body(
    "user", "username", "email", "password", example=JAKE, username=NAME, email=ADDRESS, password=NEW_PASSWORD
)
LOGIN = body(
    "user",
    "email",
    "password",
    example={"email": "jake@jake.jake", "password": "jakejake"},
    email={"type": "string", "minLength": 1},
    password={"type": "string", "minLength": 1},
)
CHANGES = body(
    "user",
    example={"bio": "I like to skateboard", "image": "https://i.stack.imgur.com/xHWG8.jpg"},
    username=NAME,
    email=ADDRESS,
    password=NEW_PASSWORD,
    bio=text_schema(Bio) | OR_NULL,
    image=text_schema(Image) | OR_NULL,
)

TAKEN = {409: {"username": ["has already been taken"]}}
WRONG = {401: {"credentials": ["invalid"]}}
INVALID = {422: {"email": ["can't be blank"]}}


class User(TypedDict):
    email: Annotated[str, Field(examples=["jake@jake.jake"])]
    token: Annotated[str, Field(examples=["u3Z0TqgQ1yqXy1zUdXU2iXh0s2vVd7e0X7ZlYvJ1p9s"])]
    username: Annotated[str, Field(examples=["jake"])]
    bio: Annotated[str | None, Field(examples=["I work at statefarm"])]
    image: Annotated[str | None, Field(examples=[None])]


class OneUser(TypedDict):
    user: User


@router.post("/users", **operation({201: OneUser} | LATER, TAKEN, INVALID, takes=REGISTRATION))
@sensitive_variables()
def register_person(request: Request) -> HttpResponse:
    form = SignUpForm.said(sent(request, "user"), command_id=command_id(request)).checked()
    command = form.register()
    receipt, person, proof = register(command, form.cleaned_data["password"], command_id(request))
    shown(noted(request, receipt))
    return _welcome(request, person, proof, HTTPStatus.CREATED, again=receipt.repeated)


@router.post("/users/login", **operation({200: OneUser} | LATER, WRONG, INVALID, takes=LOGIN))
@sensitive_variables()
def log_in(request: Request) -> HttpResponse:
    """Gives a new token. A person has fifty at most: one more ends the one that was used longest ago."""
    return _welcome(request, *SignInForm.said(sent(request, "user")).checked().sign_in())


def _welcome(
    request: Request, person: Any, proof: Proof, status: int = 200, *, again: bool = False
) -> HttpResponse:
    """With a token: that of the first time if this is a repetition, but never one that was ended since."""
    if person is None:
        raise StillUpdating
    program = request.headers.get("User-Agent") or "A program that does not say its name"
    token = tokens.repeatable(command_id(request), request.body)
    if again and not tokens.is_known(token):
        token = ""
    return _user(person, tokens.issue(proof, program, token), status)


@router.get("/user", **operation({200: OneUser}, needs_token=True))
def current_user(request: Request) -> HttpResponse:
    return _user(request.user, sent_token(request))


@router.put("/user", **operation({200: OneUser} | LATER, TAKEN, INVALID, needs_token=True, takes=CHANGES))
@sensitive_variables()
def update_user(request: Request) -> HttpResponse:
    form = ChangesForm.said(sent(request, "user"), partly=True).checked()
    token = sent_token(request)
    command = form.update(request.user.pk)
    password = form.cleaned_data.get("password", "")
    shown(noted(request, update(command, password, command_id(request), token=token)))
    return _user(queries.person(request.user.pk), token)


def _user(person: Any, token: str, status: int = 200) -> HttpResponse:
    user: User = {
        "email": person.email,
        "token": token,
        "username": person.username,
        "bio": person.bio or None,
        "image": person.image or None,
    }
    response = answer(status, user=user)
    response.headers["Cache-Control"] = "no-store"
    return response
