"""Settings: one file, read top to bottom. Every variable is described in `docker/env.example`."""

from __future__ import annotations

import secrets
import sys
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import environ
import pysqlite3
from cryptography.fernet import Fernet
from csp.constants import NONCE
from django.utils.translation import gettext_lazy as _

from chatportal.secret_files import read_or_create

# The sqlite3 of Debian 12 (3.40) can corrupt a WAL database that has two connections; fixed in SQLite 3.51.3.
# Source: https://www.sqlite.org/wal.html, "the WAL-reset bug".
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default="") or BASE_DIR / "data").resolve()

# --- Secrets -----------------------------------------------------------------------------------------------------
# Not read through environ: it takes a value that starts with "$" for another variable's name.
SECRET_KEY = env.ENVIRON.get("SECRET_KEY") or read_or_create(
    DATA_DIR / "secret_key", lambda: secrets.token_urlsafe(50)
)
FIELD_ENCRYPTION_KEYS = (
    env.ENVIRON.get("FIELD_ENCRYPTION_KEYS")
    or read_or_create(DATA_DIR / "field_encryption_keys", lambda: Fernet.generate_key().decode())
).split(",")

# --- Where it is reached -----------------------------------------------------------------------------------------
DEBUG = env.bool("PORTAL_DEBUG", default=False)
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")
_url = urlsplit(PORTAL_URL)
# On an inner network the portal is reached under names and addresses that nobody lists, so that without PORTAL_URL
# every Host is served, and origins are compared with it (CSRF, /ws/).
ALLOWED_HOSTS = [_url.hostname, "localhost", "127.0.0.1", "[::1]"] if _url.hostname else ["*"]
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"] if _url.hostname else []
FORCE_SCRIPT_NAME = _url.path or None
_path = f"{_url.path}/"
_secure = _url.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = _path
SESSION_COOKIE_NAME = "portal_session"
CSRF_COOKIE_NAME = "portal_csrf"
CSRF_FAILURE_VIEW = "chatportal.error_pages.csrf_failure"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# What they say of the browser's address and scheme is believed, and nobody else's word (chatportal/routing.py).
PORTAL_TRUSTED_PROXIES = env.list("PORTAL_TRUSTED_PROXIES", default=[])
SECURE_HSTS_SECONDS = env.int("PORTAL_HSTS_SECONDS", default=30 * 24 * 3600) if _secure else 0
# Where the proxy's word is not believed, every request looks like plain HTTP, and a redirect would never end.
SECURE_SSL_REDIRECT = _secure and bool(PORTAL_TRUSTED_PROXIES)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if _secure else None
X_FRAME_OPTIONS = "DENY"

# --- Applications ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "chatportal",
    "conversations",
    "upstream",
    "accounts",
    "chatportal.admin_app.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SettingsMiddleware",
    "accounts.middleware.PresenceMiddleware",
    "accounts.locale_middleware.LanguageMiddleware",
    "accounts.locale_middleware.TimeZoneMiddleware",
    "accounts.proxy_middleware.ProxyLogInMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PasswordChangeMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "chatportal.urls"
ASGI_APPLICATION = "chatportal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.on_every_page.portal",
            ],
        },
    }
]

# --- Database ----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["ENGINE"] = "chatportal.sqlite"
    # NORMAL survives kill -9 but not a power cut; FULL survives both, for one fsync a commit (docs/reliability.md).
    _synchronous = env.str("PORTAL_SQLITE_SYNCHRONOUS", default="NORMAL")
    _database["OPTIONS"] = {
        "timeout": 10,
        "transaction_mode": "IMMEDIATE",
        "init_command": f"PRAGMA journal_mode=WAL;PRAGMA synchronous={_synchronous};"
        "PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY",
    }
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _database["OPTIONS"] = {
        "pool": {"min_size": 2, "max_size": 24, "timeout": 5},
        # A server that is gone without a word is noticed, and not waited for.
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,  # ms
        "keepalives_idle": 10,
        "keepalives_interval": 5,
    }
    _database["CONN_HEALTH_CHECKS"] = (
        True  # a server that was restarted leaves dead connections in the pool
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Accounts ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "conversations:home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SingleSignOnAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
# Else whoever finds an open page adds an address of theirs, and has a new password sent there.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Beside allauth's own limits on guessing (5 in 5 minutes for an account, 10 a minute from an address).
ACCOUNT_RATE_LIMITS = {"access_code": "10/m/ip,60/h/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # many a portal has no mail
MFA_RECOVERY_CODES_SHOW_ONCE = False
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # a form's redirect to the provider would be against our `form-action`
)
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10  # seconds
SOCIALACCOUNT_STORE_TOKENS = False
PORTAL_AUTH_HEADER = env.str("PORTAL_AUTH_HEADER", default="").strip()
PORTAL_AUTH_PROXIES = env.list("PORTAL_AUTH_PROXIES", default=[])
AUTH_SECRET_KEY = env.ENVIRON.get("AUTH_SECRET_KEY", "")

# --- Mail: by EMAIL_URL, or as an administrator sets it up (accounts/mail.py) --------------------------------------
MAIL_BY_ENVIRONMENT = bool(env.str("EMAIL_URL", default=""))
_mail = env.email_url("EMAIL_URL", default="consolemail://")
MAIL_BACKEND = _mail.pop("EMAIL_BACKEND")
vars().update(_mail)
EMAIL_BACKEND = "accounts.mail.PortalBackend"

# --- Languages ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TZ", default="UTC")
USE_TZ = True

# --- Static files and what a page may load -----------------------------------------------------------------------
STATIC_URL = f"{_path}static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# WhiteNoise answers synchronously, and Django says so of each process. Its files are small, and cached for ever.
warnings.filterwarnings(
    "ignore", message="StreamingHttpResponse must consume synchronous iterators"
)
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatportal.static_storage.StaticStorage"},
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Answers -----------------------------------------------------------------------------------------------------
PORTAL_DRAIN_SECONDS = env.int("PORTAL_DRAIN_SECONDS", default=20)
PORTAL_DEMO_MODEL = env.str("PORTAL_DEMO_MODEL", default="on").lower() not in {
    "off",
    "0",
    "false",
    "no",
}
REDIS_URL = env.str("REDIS_URL", default="")
# Limits on guessing are counted here: in Redis where several processes serve, for else each would count alone.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# chatgpt-web's own names: they set up a provider at first start (upstream/environment.py).
OPENAI_API_KEY = env.ENVIRON.get("OPENAI_API_KEY", "")
OPENAI_API_BASE_URL = env.ENVIRON.get("OPENAI_API_BASE_URL", "")
OPENAI_API_MODEL = env.ENVIRON.get("OPENAI_API_MODEL", "")
OPENAI_ACCESS_TOKEN = env.ENVIRON.get("OPENAI_ACCESS_TOKEN", "")
API_REVERSE_PROXY = env.ENVIRON.get("API_REVERSE_PROXY", "")
TIMEOUT_MS = env.ENVIRON.get("TIMEOUT_MS", "")
# Read as the default of new providers, and by nothing else: no request goes through them on its own.
SOCKS_PROXY_HOST = env.ENVIRON.get("SOCKS_PROXY_HOST", "")
SOCKS_PROXY_PORT = env.ENVIRON.get("SOCKS_PROXY_PORT", "")
SOCKS_PROXY_USERNAME = env.ENVIRON.get("SOCKS_PROXY_USERNAME", "")
SOCKS_PROXY_PASSWORD = env.ENVIRON.get("SOCKS_PROXY_PASSWORD", "")
HTTPS_PROXY = env.ENVIRON.get("HTTPS_PROXY", "")
ALL_PROXY = env.ENVIRON.get("ALL_PROXY", "")

# Becomes the limit for everybody at the first start (upstream/environment.py).
MAX_REQUEST_PER_HOUR = env.ENVIRON.get("MAX_REQUEST_PER_HOUR", "")

# --- Import: files on their way in, and those that wait to be brought in -------------------------------------------
PORTAL_IMPORT_MAX_BYTES = env.int("PORTAL_IMPORT_MAX_BYTES", default=2 * 1024**3)  # of one file
IMPORTS_DIR = DATA_DIR / "imports"
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
for _folder in (IMPORTS_DIR, FILE_UPLOAD_TEMP_DIR):
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
# HSTS for sub-domains, and for browsers' built-in lists: the portal does not speak for all of a domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
    },
}
