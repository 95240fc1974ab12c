"""Django's settings, from the environment; nothing here is secret."""

from __future__ import annotations

import os
from pathlib import Path

from rongqiao.config.places import Places, django_database
from rongqiao.platform.crypto import Keys

PLACES = Places.of_environment()
KEYS = Keys.load_or_make(PLACES.keys)
PACKAGE = Path(__file__).parents[1]

DEBUG = False
# A development installation shows the SMS inbox and the demonstration log-ins.
DEVELOPMENT = os.environ.get("RONGQIAO_DEVELOPMENT", "0") == "1"
SECRET_KEY = KEYS.cookie
ALLOWED_HOSTS = os.environ.get("RONGQIAO_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("RONGQIAO_ORIGINS", "").split(",") if origin
]
# Behind TLS cookies are Secure and carry the __Host- prefix; plain http is for one's own machine.
TLS = os.environ.get("RONGQIAO_TLS", "0") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "axes",
    "procrastinate.contrib.django",
    "rongqiao.platform",
    "rongqiao.parties",
    "rongqiao.risk",
    "rongqiao.money.ledger",
    "rongqiao.money.payments",
    "rongqiao.lending.products",
    "rongqiao.lending.origination",
    "rongqiao.lending.servicing",
    "rongqiao.lending.collateral",
    "rongqiao.insight.reporting",
    "rongqiao.engagement.notifications",
    "rongqiao.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rongqiao.web.frame.requests.RequestIdMiddleware",
    "rongqiao.web.frame.devices.DeviceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "rongqiao.config.urls"
WSGI_APPLICATION = "rongqiao.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rongqiao.web.frame.shell.shell",
            ],
            "builtins": [
                "rongqiao.web.templatetags.acting",
                "rongqiao.web.templatetags.figures",
            ],
        },
    }
]
DATABASES = {"default": django_database(PLACES.database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "rongqiao.parties.credentials.passwords.Argon2id",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "rongqiao.web.account.passwords.NotTheHouse"},
]
# The user row has neither name nor e-mail: a phone is sealed there, e-mail is allauth's own.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_ADAPTER = "rongqiao.web.account.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "rongqiao.web.account.forms.LogInForm",
    "request_login_code": "rongqiao.web.account.forms.AskForCodeForm",
    "confirm_login_code": "rongqiao.web.account.forms.EnterCodeForm",
    "verify_phone": "rongqiao.web.account.forms.ProvePhoneForm",
    "confirm_email_verification_code": "rongqiao.web.account.forms.ProveEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"phone", "email"}
# One of phone and e-mail is enough; the form asks for exactly one of them.
ACCOUNT_SIGNUP_FIELDS = ["phone", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 5
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 300
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【融桥】"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,100/h/ip",
    "signup": "20/m/ip",
    # As many tries of the old password as the log-in allows (AXES_FAILURE_LIMIT).
    "change_password": "5/15m/user",
    "verify_phone": "1/30s/key,6/h/key,60/h/ip",
    "confirm_email": "1/30s/key,6/h/key",
    "request_login_code": "6/h/key,60/h/ip",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_ENGINE = "rongqiao.parties.credentials.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
# Limits need one memory for all processes; the keys are digests, for they carry phone numbers.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "KEY_FUNCTION": "rongqiao.parties.credentials.cachekeys.sealed_key",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = PLACES.var / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEVELOPMENT

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
# A random number that tells one browser from another, against fraud (web/frame/devices.py).
DEVICE_COOKIE_NAME = "__Host-device" if TLS else "device"
CSRF_FAILURE_VIEW = "rongqiao.web.frame.requests.csrf_failed"
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The operator's legal role (domain.md, 6) chooses the policy pack.
OPERATOR_ROLE = os.environ.get("RONGQIAO_OPERATOR_ROLE", "sme_matching")
OPERATOR_NAME = os.environ.get("RONGQIAO_OPERATOR_NAME", "融桥小额贷款有限公司")
# The worker closes business days as the calendar moves; off where a scheduler runs `rongqiao eod`.
AUTOMATIC_END_OF_DAY = os.environ.get("RONGQIAO_AUTOMATIC_EOD", "1") == "1"
SMS_GATEWAY_URL = os.environ.get("RONGQIAO_SMS_URL", "http://127.0.0.1:8021")
SMS_GATEWAY_SECRET = os.environ.get("RONGQIAO_SMS_SECRET", KEYS.derived("sms-gateway"))
MAIL_GATEWAY_URL = os.environ.get("RONGQIAO_MAIL_URL", "http://127.0.0.1:8023")
MAIL_GATEWAY_SECRET = os.environ.get("RONGQIAO_MAIL_SECRET", KEYS.derived("mail-gateway"))
# Where people find the site: mails are written where no request tells it.
PUBLIC_URL = os.environ.get("RONGQIAO_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# We sign what we ask of the bank with the first secret; the bank what it tells with the second.
BANK_GATEWAY_URL = os.environ.get("RONGQIAO_BANK_URL", "http://127.0.0.1:8022")
BANK_GATEWAY_SECRET = os.environ.get("RONGQIAO_BANK_SECRET", KEYS.derived("bank-gateway"))
# A bank that is silent for seconds has not answered. Not so in a simulated life, where what happens
# must not depend on how fast the machine is (cli/simulate/custodian.py).
IS_BANK_HURRIED = True
BANK_CALLBACK_SECRET = os.environ.get(
    "RONGQIAO_BANK_CALLBACK_SECRET", KEYS.derived("bank-callback")
)
# The sources of facts about people and firms: what is asked and answered is signed with the first
# secret, what they tell by themselves with the second. Patience stretches every source's timeout.
REGISTRIES_URL = os.environ.get("RONGQIAO_REGISTRIES_URL", "http://127.0.0.1:8024")
REGISTRIES_SECRET = os.environ.get("RONGQIAO_REGISTRIES_SECRET", KEYS.derived("registries"))
REGISTRIES_CALLBACK_SECRET = os.environ.get(
    "RONGQIAO_REGISTRIES_CALLBACK_SECRET", KEYS.derived("registries-callback")
)
REGISTRIES_PATIENCE = 1.0
# How long a page waits for sources before it says that they are still being asked, in seconds.
INQUIRY_WAIT_SECONDS = 4.0
EMAIL_BACKEND = "rongqiao.web.account.mailing.QueueingBackend"
DEFAULT_FROM_EMAIL = os.environ.get("RONGQIAO_FROM_EMAIL", "noreply@localhost")

# Five wrong passwords close an account to passwords for a quarter of an hour, whatever address
# they come from; its owner still gets in by a code. Counts per address are allauth's, above.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = ["username"]
# Tries per address are counted by allauth (login_failed, above), not here.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_USERNAME_CALLABLE = "rongqiao.web.account.limits.login_digest"
AXES_LOCKOUT_CALLABLE = "rongqiao.web.account.limits.locked_out"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "rongqiao.web.frame.requests.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request"],
        }
    },
    # It announces its own tasks at every start, a line too many for commands that answer in one.
    # Addresses of the bank's service carry account and order numbers: none of them is logged.
    "loggers": {
        "procrastinate.blueprints": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("RONGQIAO_LOG", "INFO")},
}
