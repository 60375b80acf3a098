"""Acts of operators: each has a page that says what will come of it, asks why, and is confirmed by a form."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import psycopg
from django import forms
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from eventstore.admin.site import UNPROCESSABLE, Crumb, respond
from eventstore.forms import TextField
from eventstore.messages import Rejection
from eventstore.parking import NotParked
from eventstore.text import Text
from eventstore.web import CONFLICT, sent

BUSY = "Somebody else is at it just now, and it took too long to wait for them: please try again."


class Why(forms.Form):
    """The reason that the audit gets."""

    reason = TextField(
        Annotated[str, Text(200)], label="Why?", help_text="It goes into the audit, with your name."
    )

    def __init__(self, *args: Any, needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.rules, reason.widget.attrs["maxlength"] = [Text(200, blank=not needed)], 200  # type: ignore[attr-defined]
        if needed:
            reason.widget.attrs["required"] = True

    def clean_reason(self) -> str:
        """What was typed, if it will do."""
        reason: Any = self.fields["reason"]
        typed: str = self.cleaned_data["reason"]
        for problem in reason.problems(typed):
            self.add_error("reason", f"The reason {problem}.")
        return typed


class Act(NamedTuple):
    """What is to be done: its name, what comes of it, and the work, which answers with what was done."""

    title: str
    button: str
    consequences: tuple[str, ...]
    work: Callable[[Why, str], str]
    needs_reason: bool = True
    grave: bool = False


def confirm(
    request: HttpRequest, act: Act, back: str, crumb: Crumb, form: type[Why] = Why, **context: Any
) -> HttpResponse:
    """Asks first; on POST does it, says what was done, and goes back. What can't be done is said, and not done."""
    typed, status = form(sent(request), needed=act.needs_reason), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if typed.is_valid():
            done = _do(request, act, typed)
            if done is not None:
                messages.success(request, done)
                return redirect(back)
            status = CONFLICT
    return respond(
        request,
        "act.html",
        act.title,
        crumbs=[crumb],
        status=status,
        act=act,
        form=typed,
        back=back,
        **context,
    )


def _do(request: HttpRequest, act: Act, form: Why) -> str | None:
    """What was done; None, and the form says why, if it could not be done."""
    user: Any = request.user
    try:
        return act.work(form, user.get_username())
    except (Rejection, NotParked) as refusal:
        form.add_error(None, str(refusal))
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise
        form.add_error(None, BUSY)
    return None
