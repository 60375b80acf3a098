"""Settings, read from the environment; every default is the safe one.

SECRET_KEY · DEBUG · ALLOWED_HOSTS · ALLOWED_ORIGINS · DATABASE_URL · DATABASE_OWNER_URL · API_RATE_LIMITS
SECRET_KEY_FALLBACKS · METRICS_TOKEN · LOG_LEVEL · LIVE_SOCKETS_AN_ADDRESS · FEED_STREAMS_AN_ADDRESS
TRUSTED_PROXIES · SITE_ADDRESS · EMAIL_URL · DEFAULT_FROM_EMAIL
"""

import os
from collections import ChainMap
from pathlib import Path

from csp.constants import NONE, SELF

from conduit import databases, environment, mail

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

DEBUG = environment.flag("DEBUG")
DEFAULT_EXCEPTION_REPORTER = "conduit.technical.Report"
SECRET_KEY = environment.secret_key(VAR / "secret-key")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", default=environment.LOCAL_HOSTS)
ALLOWED_ORIGINS = environment.origins("ALLOWED_ORIGINS")
# Plain HTTP is for this machine, for DEBUG, and for whoever lists an http:// origin.
BEHIND_TLS = not DEBUG and (
    all(origin.startswith("https://") for origin in ALLOWED_ORIGINS)
    if ALLOWED_ORIGINS
    else not set(ALLOWED_HOSTS) <= set(environment.LOCAL_HOSTS)
)
# Who may say where a request comes from: conduit/peers.py
TRUSTED_PROXIES = environment.proxies("TRUSTED_PROXIES")
DATABASES = {"default": databases.from_environment(VAR / "postgres")}

INSTALLED_APPS = [
    "conduit",
    "blog",
    "accounts",
    "eventstore",
    "eventstore.in_admin.AdminWithLog",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "template_partials",
    "django_htmx",
    "csp",
    "corsheaders",
]
MIDDLEWARE = [
    "conduit.request_ids.request_ids",
    "conduit.probes.probes",
    "conduit.told.requests",
    "conduit.api_door.ApiDoor",
    "corsheaders.middleware.CorsMiddleware",
    "conduit.rate_limits.RateLimits",
    "conduit.own_writes.own_writes_first",
    "django.middleware.security.SecurityMiddleware",
    # Headers first: what the gate refuses is a page as well.
    "csp.middleware.CSPMiddleware",
    "conduit.headers.permissions_policy",
    "conduit.headers.private_pages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "conduit.gate.InputGate",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "conduit.page_writes.PageWrites",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.devices.devices",
    "blog.intents.intents",
    "eventstore.acting.ActorMiddleware",
    "eventstore.turned_away.TurnedAway",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "conduit.pages.Refusals",
]
ROOT_URLCONF = "conduit.urls"
APPEND_SLASH = False
ASGI_APPLICATION = "conduit.asgi.application"
WSGI_APPLICATION = "conduit.wsgi.application"
TEMPLATES = [
    {
        # template_partials wraps its loaders, cached, around these.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "conduit.pages.furniture",
            ],
        },
    },
]

# Who is there
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.LogBackend"]
PASSWORD_HASHERS = ["conduit.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
]
LOGIN_URL = "login"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
CSRF_FAILURE_VIEW = "conduit.pages.csrf_failure"

# Where links in mails lead to, never by what a request says of itself; and how mails are sent
SITE_ADDRESS = environment.site_address(ALLOWED_ORIGINS, ALLOWED_HOSTS)
_mail = mail.from_environment(
    at_home=not BEHIND_TLS
)  # no setting itself: it has a password, by no name that tells
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail.backend, _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_FILE_PATH = _mail.starttls, _mail.tls, _mail.folder
EMAIL_TIMEOUT = 10  # seconds for each step
DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", SITE_ADDRESS)

# What a browser may do with our pages
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "https:", "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = BEHIND_TLS
# Our servers speak plain HTTP: behind TLS there is a proxy, which sets this header itself, whatever came in.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if BEHIND_TLS else 0
# HSTS for sister domains, and for ever, is for the owner of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Programs may use the API from any origin: it knows no cookies, so a browser has nothing to lend them.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "x-requested-with", "x-request-id"),
    *("conduit-after", "idempotency-key", "if-match", "if-none-match", "last-event-id", "prefer"),
]
CORS_EXPOSE_HEADERS = [
    *("Conduit-Position", "ETag", "Idempotent-Replayed", "Link", "Preference-Applied", "X-Request-Id"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"),
]
API_RATE_LIMITS = environment.flag("API_RATE_LIMITS", ChainMap(dict(os.environ), {"API_RATE_LIMITS": "1"}))
API_READS_A_MINUTE, API_WRITES_A_MINUTE = (60_000, 12_000) if DEBUG else (6_000, 1_200)

# 0: any number. Whose address is not known (conduit/peers.py) is counted by the proxy, if by anybody.
LIVE_SOCKETS_AN_ADDRESS = environment.number("LIVE_SOCKETS_AN_ADDRESS", default=200)
FEED_STREAMS_AN_ADDRESS = environment.number("FEED_STREAMS_AN_ADDRESS", default=50)

# What may come in
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
PLAIN_NAMES = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_NAMES if DEBUG else "conduit.static.Storage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# Who may read /metrics: whoever has the token; without one, this machine, on a site that is for it alone
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# Where and how we talk
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")  # INFO: a line for every request and every command
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "conduit.json_log.PlainLines",
            "format": "{levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "conduit.json_log.JsonLines"},
    },
    "filters": {"calm": {"()": "conduit.calm_log.Calm"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["calm"],
            "formatter": "plain" if DEBUG else "json",
        },
    },
    "root": {"handlers": ["stderr"], "level": environment.one_of("LOG_LEVEL", LOG_LEVELS, "WARNING")},
    # Django's own handlers would print everything a second time.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
