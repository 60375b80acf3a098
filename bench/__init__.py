"""Measures the engine against plain ways to do the same, on a scratch database of the server that the site uses."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduit.settings")
os.environ["DEBUG"] = ""  # Django would keep every statement of the ORM, which is a reference here
os.environ["API_RATE_LIMITS"] = "0"
os.environ["LIVE_SOCKETS_AN_ADDRESS"] = "0"
django.setup()
