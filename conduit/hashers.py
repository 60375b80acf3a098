"""Argon2id at OWASP's parameters: 19 MiB and some 20 ms a login; Django's own take 100 MiB and 235 ms."""

from contextlib import AbstractContextManager

from django.contrib.auth.hashers import Argon2PasswordHasher

from conduit.hashing import room


class Argon2(Argon2PasswordHasher):
    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def turn(self) -> AbstractContextManager[None]:
        """Where one hashes; `TooBusy` for whoever would wait too long."""
        return room.entered()

    def encode(self, password: str, salt: str) -> str:
        with self.turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self.turn():
            return super().verify(password, encoded)
