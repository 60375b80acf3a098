"""The door for WSGI servers: pages only, for many of them at once."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduit.settings")

application = get_wsgi_application()
