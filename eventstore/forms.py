"""Forms that amount to commands: the same rules for what is typed, and one id for one sending.

The hidden command id makes a second click harmless. A refusal gives the form a new one, since what is sent next
is another request.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self, get_args
from uuid import UUID

from django import forms
from django.http import QueryDict

from eventstore.ids import is_made, uuid7
from eventstore.messages import AlreadyTaken, BadInput, Rejection
from eventstore.text import Rule

UNKNOWN = "is not what this page came with. Please send it once more."


class TextField(forms.CharField):
    """A field for a text of a command, with the rules that the command's annotation states."""

    def __init__(self, kind: Any, *, blank: bool = False, **options: Any) -> None:
        """`blank`: an empty field means that nothing is asked for, whatever the rules say."""
        self.rules: list[Rule] = [rule for rule in get_args(kind) if hasattr(rule, "problems")]
        self.blank = blank
        super().__init__(required=False, **options)
        self.validators = []  # Django's own would say the same in other words

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str | None):
            raise forms.ValidationError("must be a string")
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def problems(self, value: str) -> Iterator[str]:
        """What the rules say about what was typed."""
        if value or not self.blank:
            for rule in self.rules:
                yield from rule.problems(value)


class Said(NamedTuple):
    """One line of a form's summary, and the field that it is about."""

    field_id: str
    text: str


class CommandForm(forms.Form):
    """What may be typed; subclasses say which command it amounts to."""

    command_id = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": UNKNOWN}
    )
    given_id: UUID | None = None
    refusal: Rejection | None = None
    """Why what the form asked for was not done."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"command_id": uuid7(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **{"auto_id": "%s", **kwargs})

    @classmethod
    def said(cls, said: Mapping[str, Any], *, partly: bool = False, command_id: UUID | None = None) -> Self:
        """The form as a JSON client fills it in, who knows nothing of what pages hide in it.

        `partly`: what the client does not mention is not asked for, and stays as it is. `command_id`: how the client
        says that it sends the same thing again.
        """
        form = cls(said)
        form.given_id = command_id
        for name, field in list(form.fields.items()):
            if field.widget.is_hidden or (partly and name not in said):
                del form.fields[name]
        return form

    def checked(self) -> Self:
        """The form, if everything in it will do; otherwise `BadInput` names what will not."""
        if self.is_valid():
            return self
        wrong = sorted(self.errors, key=[*self.fields].index)
        raise BadInput({name: [str(text) for text in self.errors[name]] for name in wrong})

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        if "command_id" in self.errors:
            self.say_instead("command_id", str(uuid7()))
        for name, field in self.fields.items():
            if isinstance(field, TextField) and name in self.cleaned_data:
                for problem in dict.fromkeys(field.problems(self.cleaned_data[name])):
                    self.add_error(name, problem)

    @property
    def id(self) -> UUID:
        """The id for the command that is sent now. Of those that a page sends only such as forms make are taken:
        whoever could choose a derived one would take it from what follows from a fact.
        """
        if self.given_id:
            return self.given_id
        sent = self.cleaned_data.get("command_id")
        return sent if sent and is_made(sent) else uuid7()

    @property
    def summary(self) -> list[Said]:
        """Everything that is wrong, in the order of the fields, in words that name them."""
        return list(self._summary())

    def _summary(self) -> Iterator[Said]:
        for text in self.non_field_errors():
            yield Said("", str(text))
        for name in self.fields:
            yield from (Said(name, f"{name} {text}") for text in self.errors.get(name, ()))

    def refuse(self, refusal: Rejection) -> None:
        """Shows a refusal where it belongs, and readies the form to be sent again as another command."""
        self.refusal = refusal
        for name, text in _by_field(refusal):
            self.add_error(name if name in self.fields else None, text)
        self.say_instead("command_id", str(uuid7()))

    def say_instead(self, name: str, value: str) -> None:
        """Puts another value into a field that was sent."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[name] = value
        self.data = data


def _by_field(refusal: Rejection) -> Iterator[tuple[str, str]]:
    match refusal:
        case AlreadyTaken():
            yield from ((kind, "has already been taken") for kind in refusal.kinds)
        case BadInput():
            for name, problems in refusal.problems.items():
                yield from ((name, problem) for problem in problems)
        case _:
            yield refusal.field, str(refusal)
