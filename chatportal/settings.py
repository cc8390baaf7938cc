"""Settings: one file, read top to bottom. Every variable is described in `docker/env.example`."""

from __future__ import annotations

import re
import secrets
import sys
import warnings
from pathlib import Path
from typing import Any

import pysqlite3
from cryptography.fernet import Fernet
from csp.constants import NONCE

from chatportal import addresses
from chatportal.environment import Environment
from chatportal.secret_files import read_or_create
from chatportal.starting.disk import writing_below

# The sqlite3 of Debian 12 (3.40) can corrupt a WAL database that has two connections; fixed in SQLite 3.51.3.
# Source: https://www.sqlite.org/wal.html, "the WAL-reset bug".
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default="") or BASE_DIR / "data").resolve()

# --- Secrets -----------------------------------------------------------------------------------------------------
# Those that hold a secret are read by env.secret: NAME, or the file that NAME_FILE names.
SECRET_KEY = env.secret("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.secret("FIELD_ENCRYPTION_KEYS").split(",")
KEYS_ARE_OURS = FIELD_ENCRYPTION_KEYS == [""]  # made and kept by the portal
with writing_below(DATA_DIR):
    if not SECRET_KEY:
        SECRET_KEY = read_or_create(DATA_DIR / "secret_key", lambda: secrets.token_urlsafe(50))
    if KEYS_ARE_OURS:
        FIELD_ENCRYPTION_KEYS = read_or_create(
            DATA_DIR / "field_encryption_keys", lambda: Fernet.generate_key().decode()
        ).split(",")

# --- Where it is reached -----------------------------------------------------------------------------------------
DEBUG = env.bool("PORTAL_DEBUG", default=False)
_url = env.address("PORTAL_URL")
PORTAL_URL = _url.geturl()
# On an inner network the portal is reached under names and addresses that nobody lists, so that without PORTAL_URL
# every Host is served, and origins are compared with it (CSRF, /ws/).
ALLOWED_HOSTS = [_url.hostname, "localhost", "127.0.0.1", "[::1]"] if _url.hostname else ["*"]
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"] if _url.hostname else []
FORCE_SCRIPT_NAME = _url.path or None
_path = f"{_url.path}/"
_secure = _url.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = _path
SESSION_COOKIE_NAME = "portal_session"
CSRF_COOKIE_NAME = "portal_csrf"
CSRF_FAILURE_VIEW = "chatportal.error_pages.csrf_failure"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# What they say of the browser's address and scheme is believed, and nobody else's word (chatportal/routing.py).
PORTAL_TRUSTED_PROXIES = env.list("PORTAL_TRUSTED_PROXIES", default=[])
SECURE_HSTS_SECONDS = env.whole("PORTAL_HSTS_SECONDS", 30 * 24 * 3600) if _secure else 0
# Where the proxy's word is not believed, every request looks like plain HTTP, and a redirect would never end.
SECURE_SSL_REDIRECT = _secure and bool(PORTAL_TRUSTED_PROXIES)
# By the whole path, that of PORTAL_URL included: who watches over it asks without TLS.
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(_path[1:])}(healthz|readyz)$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if _secure else None
X_FRAME_OPTIONS = "DENY"

# --- Applications ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    *(
        ["daphne"] if "runserver" in sys.argv else []
    ),  # it brings Twisted along: 20 MB, and a third of a start
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
    "chatportal.static_middleware.StaticFilesMiddleware",
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
_database_url = env.secret("DATABASE_URL")
_database: dict[str, Any] = (
    addresses.database(_database_url)
    if _database_url
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "db.sqlite3")}
)
DATABASES = {"default": _database}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["ENGINE"] = "chatportal.sqlite"
    # NORMAL survives kill -9 but not a power cut; FULL survives both, for one fsync a commit (docs/reliability.md).
    _synchronous = env.str("PORTAL_SQLITE_SYNCHRONOUS", default="") or "NORMAL"
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
ACCOUNT_LOGOUT_REDIRECT_URL = "conversations:home"
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
AUTH_SECRET_KEY = env.secret("AUTH_SECRET_KEY")
# Taken when the first administrator is made, and by nothing else.
PORTAL_ADMIN_USERNAME = env.ENVIRON.get("PORTAL_ADMIN_USERNAME") or "admin"
PORTAL_ADMIN_PASSWORD = env.secret("PORTAL_ADMIN_PASSWORD")

# --- Mail: by EMAIL_URL, or as an administrator sets it up (accounts/mail.py) --------------------------------------
_mail_url = env.secret("EMAIL_URL")
MAIL_BY_ENVIRONMENT = bool(_mail_url)
_mail = addresses.mail(_mail_url or "consolemail://")
MAIL_BACKEND = _mail.pop("EMAIL_BACKEND")
vars().update(_mail)
EMAIL_BACKEND = "accounts.mail.PortalBackend"

# --- Languages ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Each by its own name, for whoever looks for it speaks it.
LANGUAGES = [
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("es", "Español"),
    ("ru", "Русский"),
    ("vi", "Tiếng Việt"),
    ("ar", "العربية"),
]
LANGUAGE_COOKIE_NAME = "portal_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TZ")
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
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Answers -----------------------------------------------------------------------------------------------------
PORTAL_DRAIN_SECONDS = env.whole("PORTAL_DRAIN_SECONDS", 20)
PORTAL_DEMO_MODEL = env.str("PORTAL_DEMO_MODEL", default="on").lower() not in {
    "off",
    "0",
    "false",
    "no",
}
REDIS_URL = addresses.redis(env.secret("REDIS_URL"))
# Limits on guessing are counted here: in Redis where several processes serve, for else each would count alone.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# chatgpt-web's own names: they set up a provider at first start (upstream/environment.py).
OPENAI_API_KEY = env.secret("OPENAI_API_KEY")
OPENAI_API_BASE_URL = env.ENVIRON.get("OPENAI_API_BASE_URL", "")
OPENAI_API_MODEL = env.ENVIRON.get("OPENAI_API_MODEL", "")
OPENAI_ACCESS_TOKEN = env.secret("OPENAI_ACCESS_TOKEN")
API_REVERSE_PROXY = env.ENVIRON.get("API_REVERSE_PROXY", "")
TIMEOUT_MS = env.ENVIRON.get("TIMEOUT_MS", "")
# Read as the default of new providers, and by nothing else: no request goes through them on its own.
SOCKS_PROXY_HOST = env.ENVIRON.get("SOCKS_PROXY_HOST", "")
SOCKS_PROXY_PORT = env.ENVIRON.get("SOCKS_PROXY_PORT", "")
SOCKS_PROXY_USERNAME = env.ENVIRON.get("SOCKS_PROXY_USERNAME", "")
SOCKS_PROXY_PASSWORD = env.secret("SOCKS_PROXY_PASSWORD")
HTTPS_PROXY = env.secret("HTTPS_PROXY")
ALL_PROXY = env.secret("ALL_PROXY")

# Becomes the limit for everybody at the first start (upstream/environment.py).
MAX_REQUEST_PER_HOUR = env.ENVIRON.get("MAX_REQUEST_PER_HOUR", "")

# --- Import: files on their way in, and those that wait to be brought in -------------------------------------------
PORTAL_IMPORT_MAX_BYTES = env.whole("PORTAL_IMPORT_MAX_BYTES", 2 * 1024**3)  # of one file
PORTAL_ATTACHMENT_MAX_BYTES = env.whole("PORTAL_ATTACHMENT_MAX_BYTES", 100 * 1024**2)  # of one file
IMPORTS_DIR = DATA_DIR / "imports"
ATTACHMENTS_DIR = DATA_DIR / "attachments"
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
# --- Export: what is larger is made ahead, and kept for a while ------------------------------------------------------
PORTAL_EXPORT_DIRECT_BYTES = env.whole("PORTAL_EXPORT_DIRECT_BYTES", 20_000_000)
PORTAL_EXPORT_KEEP_HOURS = env.whole("PORTAL_EXPORT_KEEP_HOURS", 24)
EXPORTS_DIR = DATA_DIR / "exports"
with writing_below(DATA_DIR):
    for _folder in (IMPORTS_DIR, ATTACHMENTS_DIR, FILE_UPLOAD_TEMP_DIR, EXPORTS_DIR):
        _folder.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Backups by themselves, where there is a folder for them ---------------------------------------------------------
PORTAL_BACKUP_DIR = env.str("PORTAL_BACKUP_DIR", default="")
PORTAL_BACKUP_HOURS = env.whole("PORTAL_BACKUP_HOURS", 24)
PORTAL_BACKUP_KEEP = env.whole("PORTAL_BACKUP_KEEP", 7)

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
