"""What `check --deploy` says of accounts."""

from typing import Any

from django.core.checks import Tags, Warning, register  # noqa: A004

from accounts import post

NO_MAIL = Warning(
    "This site sends no mail: whoever has forgotten a password can't set a new one.",
    hint="Set EMAIL_URL, such as smtp://user:password@host:587?tls=1.",
    id="accounts.W001",
)


@register(Tags.security, deploy=True)
def mail(app_configs: Any, **_: Any) -> list[Warning]:
    return [] if post.is_open() else [NO_MAIL]
