"""Settings, all from the environment; a fresh machine needs none of them (see docs/deployment.md)."""

import os
import re
import secrets
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from jiafang import localdb
from jiafang.config.database import default_database
from jiafang.keys.masters import load_keys, new_secret

PACKAGE = Path(__file__).resolve().parent.parent
DEBUG = os.environ.get("JIAFANG_DEBUG") == "1"


def _local_secret(name: str, make: str) -> str:
    """A secret of the environment, or of the local state folder where the local database is used."""
    value = os.environ.get(name)
    return value if value else localdb.local_secret(name.lower(), make)


DATABASES = {"default": default_database()}
DATABASE_OWNER_URL = localdb.addresses().owner_url
DATABASE_SEQUENCER_URL = localdb.addresses().sequencer_url

SECRET_KEY = _local_secret("JIAFANG_SECRET_KEY", secrets.token_urlsafe(50))
if os.environ.get("JIAFANG_KEY_FILE"):
    os.environ.update(load_keys(Path(os.environ["JIAFANG_KEY_FILE"])))
MASTER_KEY = _local_secret("JIAFANG_MASTER_KEY", new_secret())
MASTER_KEYS_OLD = os.environ.get("JIAFANG_MASTER_KEYS_OLD", "")
HASH_KEY = _local_secret("JIAFANG_HASH_KEY", new_secret())

# Apart from the master key, so that turning that over leaves every seal of the audit as it was; newest first.
AUDIT_KEYS = [
    key
    for key in (
        os.environ.get("JIAFANG_AUDIT_KEY")
        or (MASTER_KEY if "DATABASE_URL" in os.environ else localdb.local_secret("jiafang_audit_key", new_secret()))
    ).split(",")
    if key
]
AUDIT_ANCHOR = Path(
    os.environ.get("JIAFANG_AUDIT_ANCHOR", localdb.state_folder() / "anchors" / f"{DATABASES['default']['NAME']}.jsonl")
)
AUDIT_ANCHOR_SECONDS = float(os.environ.get("JIAFANG_AUDIT_ANCHOR_SECONDS", "10"))

# Phones keep what they sent until every backup that could still be brought back holds it (rescue/marks.py).
BACKUPS_KEPT_DAYS = int(os.environ.get("JIAFANG_BACKUPS_KEPT_DAYS", "30"))

ALLOWED_HOSTS = re.split(r"[,\s]+", os.environ.get("JIAFANG_HOSTS", "127.0.0.1,localhost,testserver"))
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("JIAFANG_ORIGINS", "").split(",") if o]
_https = bool(CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_REDIRECT_EXEMPT = [r"^alive$"]  # asked by the machine itself
SECURE_HSTS_SECONDS = 31536000 if _https else 0
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "jiafang.keys",
    "jiafang.accounts",
    "jiafang.access",
    "jiafang.rescue",
    "jiafang.organization",
    "jiafang.notifications",
    "jiafang.campaigns",
    "jiafang.care",
    "jiafang.visits",
    "jiafang.insight",
    "jiafang.retention",
    "jiafang.web.components",
    "jiafang.demonstration",
    "jiafang.config",
]

MIDDLEWARE = [
    # The first four speak for every answer, whoever below makes it.
    "jiafang.web.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "jiafang.web.turns.TurnsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jiafang.web.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jiafang.access.middleware.ActorMiddleware",
    "jiafang.web.accounts.doors.DoorsMiddleware",
    "jiafang.web.errors.ErrorMiddleware",
]

ROOT_URLCONF = "jiafang.config.urls"
WSGI_APPLICATION = "jiafang.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jiafang.web.shell.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "jiafang.web.components.tags",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# The first one hashes; the second only reads what was hashed before it, and is replaced at the next sign-in.
PASSWORD_HASHERS = ["jiafang.accounts.hashers.PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "jiafang.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Counted per account and device in the database instead (accounts/services/guesses.py): a school is one address.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"change_password": "jiafang.web.accounts.forms.ChangePasswordForm"}
MFA_ADAPTER = "jiafang.web.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {"authenticate": "jiafang.web.accounts.forms.CodeForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
# Set by `jiafang demo` for its own processes; shows the codes of the invented accounts (demonstration/codes.py).
DEMONSTRATION = os.environ.get("JIAFANG_DEMONSTRATION") == "1"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90

# What a bureau decides for its records; both off unless it says otherwise (docs/deployment.md).
VISIT_PHOTOS = os.environ.get("JIAFANG_VISIT_PHOTOS") == "1"
VOICE_NOTES = os.environ.get("JIAFANG_VOICE_NOTES") == "1"
MEETING_URL = os.environ.get("JIAFANG_MEETING_URL", "")
# How many requests of phones a server process works on at a time; 0: as many as come (web/turns.py).
PHONES_AT_ONCE = int(os.environ.get("JIAFANG_PHONES_AT_ONCE", "0"))
# A service of road times that speaks the table protocol of OSRM (campaigns/road_service.py); empty: by distance.
ROADS_URL = os.environ.get("JIAFANG_ROADS_URL", "")
if ROADS_URL and not ROADS_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("JIAFANG_ROADS_URL: http://… or https://…")
ROADS_TABLE_SIZE = int(os.environ.get("JIAFANG_ROADS_TABLE_SIZE", "100"))
PLANNER_WORKERS = int(os.environ.get("JIAFANG_PLANNER_WORKERS", "1"))
PLANNER_CLUSTER = os.environ.get("JIAFANG_PLANNER_CLUSTER", "")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("JIAFANG_STATIC_ROOT", localdb.CHECKOUT / ".local" / "static"))
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "frame-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Whether the domain enters the browsers' preload list, which binds all its other sites too, is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "quiet": {
            "()": "jiafang.common.quiet_log.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django's own handlers would print request lines whole and send error reports.
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
}
