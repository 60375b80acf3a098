"""What `check --deploy` says of this site, beside what Django says."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004

NO_ADDRESSES = Warning(
    "This site is behind a proxy, and does not know which: nobody's address is known, so nobody is counted by it.",
    hint="Set TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1.",
    id="conduit.W001",
)


@register(Tags.security, deploy=True)
def addresses(app_configs: Any, **_: Any) -> list[Warning]:
    return [NO_ADDRESSES] if settings.BEHIND_TLS and not settings.TRUSTED_PROXIES else []
