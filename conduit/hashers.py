"""Argon2id at OWASP's parameters: 19 MiB and some 20 ms a login; Django's own take 100 MiB and 235 ms."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
