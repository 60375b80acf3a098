"""Static files get a hash of their content into their names, and may then be cached for ever. All but one:
clients know the default avatar by its plain name."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

KEEPS_ITS_NAME = "default-avatar.svg"


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def hashed_name(self, name: str, *args: Any, **kwargs: Any) -> str:
        if name.rsplit("/", 1)[-1] == KEEPS_ITS_NAME:
            return name
        return str(super().hashed_name(name, *args, **kwargs))
