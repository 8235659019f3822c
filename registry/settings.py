"""Settings, read from environment variables only.

The defaults are those of production; `make run` sets DEMO for a demonstration. `SECRET_KEY` and
`ALLOWED_HOSTS` have no default: `registry.startup` refuses to serve without them, but management
commands run, because they need neither. docs/operations.md explains the choices that were measured.
"""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv, validate

from registry import postgresql

BASE_DIR = Path(__file__).resolve().parent.parent
# A variable can also be the content of a file that VARIABLE_FILE names, as secrets are mounted.
env = FileAwareEnv(strip_whitespace=True)


def _boolean(variable: str) -> bool:
    """Return a variable that is true or false, false if it is not set.

    Raises ImproperlyConfigured, whose message names the variable and its value.
    """
    try:
        return env.bool(variable, False)
    except EnvError as error:
        raise ImproperlyConfigured(
            f"{variable}={env.str(variable)} is not a boolean. Use True or False."
        ) from error


def _whole_number(variable: str, default: int) -> int:
    """Return a variable that is a whole number, 0 or more.

    Raises ImproperlyConfigured, whose message names the variable and its value.
    """
    try:
        return env.int(variable, default, validate=validate.Range(min=0))
    except EnvError as error:
        raise ImproperlyConfigured(
            f"{variable}={env.str(variable)} is not a whole number. Use 0 or more, "
            f"for example {variable}={default}."
        ) from error


def _mapping(variable: str, default: dict[str, str]) -> dict[str, str]:
    """Return a variable that holds pairs, `a=b,c=d`, as a dict.

    Raises ImproperlyConfigured, whose message names the variable and its value.
    """
    try:
        return env.dict(variable, default)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{variable}={env.str(variable)} is no list of pairs. Write {variable}=a=b,c=d."
        ) from error


try:
    DEMO = _boolean("DEMO")
    BEHIND_TLS_PROXY = _boolean("BEHIND_TLS_PROXY")
    SECRET_KEY = env.str("SECRET_KEY", "")
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
    PUBLISHED_ROOT = Path(env.str("PUBLISHED_ROOT", str(BASE_DIR / "published")))
    # The private key of the public log. manage.py make_signing_key writes it.
    SIGNING_KEY_FILE = Path(env.str("SIGNING_KEY_FILE", str(BASE_DIR / "signing.key")))
    STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "static")))
    # The fields in which a product's own list of models holds the name that users see and the id
    # that APIs use, for example name=title,id=slug: each product calls them differently.
    CATALOGUE_FIELDS = _mapping("CATALOGUE_FIELDS", {"name": "name", "id": "id"})
    # The severity of a rule's findings by the rule's code, where this installation judges it
    # differently: no-privacy-policy=note,edge-blanks=warning.
    RULES_SEVERITY = _mapping("RULES_SEVERITY", {})
    # The keys that encrypt the secrets of second factors; the first encrypts, all decrypt.
    FACTOR_KEYS: list[str] = env.list("FACTOR_KEYS", [])
    # Clients can send any header, so this must name one that the proxy in front overwrites. Without
    # it the address of the connection is used.
    # Single sign-on at the company's identity provider (OpenID Connect); empty: there is none.
    OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", "").rstrip("/")
    OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
    OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
    OIDC_NAME = env.str("OIDC_NAME", "the company account")
    # "ours" asks for a second factor of this registry; "provider" trusts that of the provider,
    # where its token says that there was one.
    OIDC_SECOND_FACTOR = env.str(
        "OIDC_SECOND_FACTOR", "ours", validate=validate.OneOf(["ours", "provider"])
    )
    CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", "")
    # How many requests a minute each process answers to one address; 0 means no limit.
    API_REQUESTS_A_MINUTE = _whole_number("API_REQUESTS_A_MINUTE", 600)
    # The largest page, in bytes, that can be imported in the admin. There is a limit because the
    # editor waits while the page is read and its rows are written.
    LARGEST_PAGE = _whole_number("LARGEST_PAGE", 256 * 1024)
    # Whether approvals and withdrawals have to be signed with a passkey, by everybody.
    REQUIRE_SIGNED_APPROVALS = _boolean("REQUIRE_SIGNED_APPROVALS")
    SITE_URL = env.str("SITE_URL", "").rstrip("/")
    # The contact in /.well-known/security.txt for those who find a vulnerability:
    # mailto:security@example.com or https://…
    SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")
    EMAIL_HOST = env.str("EMAIL_HOST", "")
    EMAIL_PORT = _whole_number("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "registry@localhost")
    # The address that gets reminders of reviews whose records have no owner with an address.
    REVIEWS_EMAIL = env.str("REVIEWS_EMAIL", "")
    # How many days before an agreement or another document ends its owner is reminded.
    AGREEMENT_NOTICE_DAYS = _whole_number("AGREEMENT_NOTICE_DAYS", 60)
    # The role that the application connects as to PostgreSQL. `migrate`, which connects as the
    # owner of the tables, gives this role what it needs. SQLite has no roles.
    APPLICATION_ROLE = env.str("APPLICATION_ROLE", "")
    # How many seconds a statement may take, and wait for another one. 0 is for commands, which may
    # take long and have no reader waiting: manage.py sets it.
    DATABASE_TIMEOUT = _whole_number("DATABASE_TIMEOUT", 5)
    _database_url = env.str("DATABASE_URL", f"sqlite:///{BASE_DIR / 'registry.sqlite3'}")
except (EnvError, ValueError) as error:  # the second for a file that cannot be read
    raise ImproperlyConfigured(str(error)) from error


def _database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL, with options that lose no committed data.

    Raises ImproperlyConfigured if it is not the URL of an SQLite or a PostgreSQL database.
    """
    # Error messages show only the scheme, because the rest may hold a password.
    scheme = url.partition(":")[0]
    advice = "Use sqlite:///registry.sqlite3 or postgres://user@host/name."
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError):
        raise ImproperlyConfigured(
            f"DATABASE_URL ({scheme}:…) is not a database URL. {advice}"
        ) from None
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # With NORMAL a commit is acknowledged before it is on the disk, and a power cut loses it.
        pragmas = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA"
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": DATABASE_TIMEOUT or 20,
            "init_command": pragmas,
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        options = database.get("OPTIONS", {})
        limits = [
            f"-c statement_timeout={DATABASE_TIMEOUT * 1000}",
            # Sooner than the statement, so that the refusal says that somebody else is writing.
            f"-c lock_timeout={DATABASE_TIMEOUT * 800}",
        ]
        database["OPTIONS"] = {
            **options,
            "options": " ".join([options.get("options", ""), *limits]).strip(),
            "connect_timeout": 3,
            "pool": {
                # One for a request, and one to ask whether the database answers.
                "min_size": 2,
                "max_size": 8,
                "timeout": 3,
                # The pool tries again only when somebody asks. By itself it would wait twice as
                # long each time, and not notice for minutes that PostgreSQL is back.
                "reconnect_timeout": 1,
                "connection_class": postgresql.connection_class(DATABASE_TIMEOUT),
            },
        }
        database["CONN_MAX_AGE"] = 0
        # A restart of PostgreSQL ends the connections in the pool. Each is checked before it is
        # used, or the first requests after the restart would fail.
        database["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured(
            f"DATABASE_URL ({scheme}:…) names neither SQLite nor PostgreSQL. {advice}"
        )
    return database


DATABASES = {"default": _database(_database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "compliance.User"
# Django's own JSON shortens times to milliseconds. A record dumped and loaded that way would fail
# its verification, because the hashes cover microseconds.
SERIALIZATION_MODULES = {"json": "compliance.management.exact_json"}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its templates, for FORM_RENDERER
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

if OIDC_SERVER_URL:
    if not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
        raise ImproperlyConfigured(
            "OIDC_SERVER_URL is set, but OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is not. "
            "Set all three, or none."
        )
    INSTALLED_APPS += [
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
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
    "registry.middleware.refuse_without_database",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "registry.middleware.staff_time_zone",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
]

ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"

# Labels without the colon that Django puts behind them.
FORM_RENDERER = "registry.forms.FormRenderer"

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
                "compliance.accounts.identities.oidc_name",
            ],
            "builtins": [
                "compliance.templatetags.changes",
                "compliance.templatetags.faults",
                "compliance.templatetags.layout",
                "compliance.templatetags.moments",
                "compliance.templatetags.names",
            ],
        },
    }
]

# Messages hold codes that reset a password, so only a demonstration prints them. Elsewhere none is
# sent without a mail server. TLS is always on, because messages contain names of people and the
# reasons of their decisions.
if EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
elif DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    EMAIL_BACKEND = "compliance.accounts.mail.NoMailServer"
EMAIL_USE_TLS = True
EMAIL_TIMEOUT = 5

# Django's own handler prints only if DEBUG is on, but an error must leave a trace in production.
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
TIME_ZONE = "UTC"  # of accounts that choose none; whatever is stored or public is in UTC
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
# The form that submits a register has two fields for each of its rows, of which there may be
# thousands; Django allows 1,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"

# Only administrators create accounts, so nobody signs up and no email address needs confirmation.
ACCOUNT_ADAPTER = "compliance.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "compliance.accounts.forms.ResetPasswordForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Compliance registry: "
# Sessions last for SESSION_COOKIE_AGE; without this setting the form asks with a "Remember me" box.
ACCOUNT_SESSION_REMEMBER = True
# A forgotten password is reset with a code, not a link. A browser that follows a link from web mail
# sends no cookie with SAMESITE "Strict", so the session that asked for the link would be lost.
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
# The first rate counts failures from one address. The second counts those of one account from all
# addresses, including wrong codes of the second factor, because attackers change addresses easily.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
# Who signs in through the provider is an account that is here already, and was connected by its
# owner: a mail address opens nothing, and nobody signs up.
SOCIALACCOUNT_ADAPTER = "compliance.accounts.oidc.IdentityAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                # The ID token says who it is; no other request is needed.
                "settings": {"server_url": OIDC_SERVER_URL, "fetch_userinfo": False},
            }
        ],
    }
}
MFA_ADAPTER = "compliance.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True

# The table of the default cache, which the roles and guards of the database need to know.
COUNTERS_TABLE = "sign_in_counters"
CACHES = {
    # The counters of failed sign-ins and the codes that were already used. They are in the database
    # so that all processes share them. A full cache drops its oldest entries, so an attacker could
    # reset a counter by trying other names; there is room for more names than can be tried before
    # the counters expire.
    "default": {
        "BACKEND": "compliance.accounts.counters.Counters",
        "LOCATION": COUNTERS_TABLE,
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # The counters of API requests. Each process has its own, because no public address may depend
    # on the database.
    "api": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "api",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
CSRF_FAILURE_VIEW = "compliance.public.views.csrf_failure"

# simple-history's own field holds only the first 100 characters of a reason.
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
    "DESCRIPTION": (
        "Which AI models get users' prompts, through which providers, and on what terms. Read only."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["compliance.api.shapes.add_components"],
}

# No page, not even in the admin, has an inline script or style or loads anything from another host,
# so an injected script does not run.
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
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
# The probes are asked over plain HTTP by a supervisor on the same machine.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
# Browsers take a cookie of such a name only from this host itself and over TLS, so that no other
# host of the domain can set it (RFC 6265bis, 4.1.3.2).
if not DEMO:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
# The form that imports a page contains the whole page, besides its other fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(1024 * 1024, LARGEST_PAGE + 64 * 1024)
