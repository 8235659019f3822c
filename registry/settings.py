"""Settings, from the environment only. The defaults are those of production; `make run` turns the demo on explicitly.

`SECRET_KEY` and `ALLOWED_HOSTS` have no default: `registry.serving` refuses to serve without them, while management
commands that need neither run. Each choice that was measured is explained in docs/operations.md.
"""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()


def _boolean(variable: str) -> bool:
    """Return a variable that is on or off, off by default; raises ImproperlyConfigured, naming it and its value."""
    try:
        return env.bool(variable, False)
    except EnvError as error:
        said = f"{variable}={env.str(variable)} is not a boolean. Use True or False."
        raise ImproperlyConfigured(said) from error


def _mapping(variable: str, default: dict[str, str]) -> dict[str, str]:
    """Return a variable of pairs, `a=b,c=d`; raises ImproperlyConfigured, naming it and its value."""
    try:
        return env.dict(variable, default)
    except ValueError as error:
        said = f"{variable}={env.str(variable)} is no list of pairs. Write {variable}=a=b,c=d."
        raise ImproperlyConfigured(said) from error


try:
    DEMO = _boolean("DEMO")
    BEHIND_TLS_PROXY = _boolean("BEHIND_TLS_PROXY")
    SECRET_KEY = env.str("SECRET_KEY", "")
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
    PUBLISHED_ROOT = Path(env.str("PUBLISHED_ROOT", str(BASE_DIR / "published")))
    STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "static")))
    # How a product's own list of models calls the name that users see and the id that APIs use: name=title,id=slug.
    CATALOGUE_FIELDS = _mapping("CATALOGUE_FIELDS", {"name": "name", "id": "id"})
    # How severe a rule's findings are here, by its code: no-privacy-policy=note,edge-blanks=warning.
    RULES_SEVERITY = _mapping("RULES_SEVERITY", {})
    CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", "")
    # To one address, by each process; 0 is no limit.
    API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", 600)
    # In bytes, of a page that is imported in the admin: it is read and written while its editor waits.
    LARGEST_PAGE = env.int("LARGEST_PAGE", 256 * 1024)
    SITE_URL = env.str("SITE_URL", "").rstrip("/")
    # Whom to tell of a weakness, in /.well-known/security.txt: mailto:security@example.com or https://…
    SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")
    EMAIL_HOST = env.str("EMAIL_HOST", "")
    EMAIL_PORT = env.int("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "registry@localhost")
    # Who is mailed what is due for review and has no owner who can be mailed.
    REVIEWS_EMAIL = env.str("REVIEWS_EMAIL", "")
    _database_url = env.str("DATABASE_URL", f"sqlite:///{BASE_DIR / 'registry.sqlite3'}")
except EnvError as error:
    raise ImproperlyConfigured(str(error)) from error


def _database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL, with the options that were measured to lose nothing."""
    scheme = url.partition(":")[0]  # no more of it in a message: it may hold a password
    advice = "Use sqlite:///registry.sqlite3 or postgres://user@host/name."
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError):
        raise ImproperlyConfigured(
            f"DATABASE_URL ({scheme}:…) is not a database URL. {advice}"
        ) from None
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # EXTRA, not NORMAL: with NORMAL a commit is acknowledged before it is on the disk.
        pragmas = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA"
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": pragmas,
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
        }
        database["CONN_MAX_AGE"] = 0
    else:
        raise ImproperlyConfigured(
            f"DATABASE_URL ({scheme}:…) names neither SQLite nor PostgreSQL. {advice}"
        )
    return database


DATABASES = {"default": _database(_database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "compliance.User"
# Django's JSON cuts moments to milliseconds, and a record dumped that way would not be sound.
SERIALIZATION_MODULES = {"json": "compliance.management.exact_json"}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_countries",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "compliance",
]

MIDDLEWARE = [
    "registry.middleware.headers_alone_for_head",
    "compliance.public.cache.response_cache",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "registry.middleware.staff_headers",
    "registry.middleware.open_to_programs",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "registry.middleware.cross_origin_isolation",
    "registry.middleware.no_cookies_in_public",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
]

ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["compliance.templatetags.layout", "compliance.templatetags.moments"],
        },
    }
]

# Without a mail server notices are printed, so that none vanishes. Always TLS: a notice names people and reasons.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_USE_TLS = True
EMAIL_TIMEOUT = 5

# Django's own handler prints only where DEBUG is on: a fault must leave a trace in production.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "published": {
        "BACKEND": "compliance.published.storage.PublishedFolder",
        "OPTIONS": {"location": PUBLISHED_ROOT},
    },
}
STATIC_URL = "/static/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A register of some thousand rows is submitted with a box and an answer each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"

# Accounts are made by administrators: no sign-up, no addresses to confirm, one address an account.
ACCOUNT_ADAPTER = "compliance.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "compliance.accounts.forms.ResetPasswordForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Compliance registry: "
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE; without a box to tick
# A code to type where it was asked for, not a link: SAMESITE "Strict" would lose the session of a link in web mail.
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
# Per address and per account; the latter whatever the address, and for codes of the second factor alike.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
# Only what the proxy in front sets itself can be believed. Without a name the connection's own address counts.
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = CLIENT_ADDRESS_HEADER or None
MFA_ADAPTER = "compliance.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True

# The counters of the throttle, and codes that were used, shared by all processes. Full of other names it would forget
# the oldest counters, so it holds more than can be tried within their few minutes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "sign_in_counters",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Of this process alone: no public address asks the database.
    "api": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "api",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
CSRF_FAILURE_VIEW = "compliance.public.views.csrf_failure"

# The reason of a changeset may be as long as it needs to be; simple-history's own field holds 100 characters.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_DATE_INDEX = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "compliance.api.problems.problem_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Compliance registry",
    "DESCRIPTION": "Which AI models get users' prompts, through which providers, and on what terms. Read only.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["compliance.api.shapes.add_components"],
}

# No inline script or style anywhere, the admin included; nothing from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "script-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
}  # fmt: skip
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # a prober beside the server speaks plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
# A page that is imported travels in its form, with what else that holds.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(1024 * 1024, LARGEST_PAGE + 64 * 1024)
