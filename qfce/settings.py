"""Django settings. Everything that differs by place comes from the environment."""

import os
from pathlib import Path

from qfce import roles
from qfce.kernel import environment

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = environment.required(
    "QFCE_SECRET_KEY", "put 50 random characters there; sessions and links are signed with it."
)
DEBUG = environment.flag("QFCE_DEBUG")
DEMO = environment.flag("QFCE_DEMO")  # a demo or sandbox start, never production
SANDBOX = environment.flag("QFCE_SANDBOX")
ALLOWED_HOSTS = os.environ.get("QFCE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("QFCE_ORIGINS", "").split(",") if o]
SECURE_COOKIES = environment.flag("QFCE_SECURE_COOKIES", default=not (DEBUG or DEMO or SANDBOX))

DATA = Path(os.environ.get("QFCE_DATA", BASE_DIR / "var" / "data"))
QFCE_DATA = DATA
# The registers that facts are checked against: docs/guide/operator.md. None where it is unset.
SOURCES_FILE = os.environ.get("QFCE_SOURCES", "")
UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024

DATABASES = {
    "default": environment.database(
        environment.required("DATABASE_URL", "the application role's PostgreSQL URL.")
    )
}
if os.environ.get("DATABASE_OWNER_URL"):
    # Only migrations and the keepers of the schema connect as the owner.
    DATABASES["owner"] = environment.database(os.environ["DATABASE_OWNER_URL"])
REDIS_URL = environment.required("REDIS_URL", "the Redis that is broker, cache and locks.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "qfce.kernel.tenancy",
    "oauth2_provider",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "django_cotton",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "qfce.kernel.web",
    "qfce.kernel.audit",
    "qfce.kernel.jobs",
    "qfce.kernel.api",
    "factors",
    "sharing",
    "evaluation",
    "lending",
    "risk",
    "qfce.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "qfce.kernel.web.slashes.FinalSlash",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qfce.kernel.web.language.ReaderLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qfce.kernel.web.nulls.NoNulls",
]
if DEMO or SANDBOX or DEBUG:
    MIDDLEWARE.insert(0, "qfce.kernel.web.timing.Timing")

if SANDBOX:
    MIDDLEWARE.append("qfce.demo.planned_answers.PlannedAnswers")

ROOT_URLCONF = "qfce.urls"
WSGI_APPLICATION = "qfce.wsgi.application"
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
                "qfce.kernel.web.shell.context",
            ],
            # What every page says needs no {% load %}.
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "qfce.kernel.web.templatetags.qfce",
            ],
        },
    },
]

AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
_FOR_GENERATED = "qfce.kernel.tenancy.hashers.GeneratedSecretHasher"
_FOR_CHOSEN = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
# The passwords of demo and sandbox are random and not chosen by anybody.
PASSWORD_HASHERS = (
    [_FOR_GENERATED, _FOR_CHOSEN] if DEMO or SANDBOX else [_FOR_CHOSEN, _FOR_GENERATED]
)
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
# Nobody without a second factor signs in to production; an invented person may.
SECOND_FACTOR_REQUIRED = environment.flag(
    "QFCE_SECOND_FACTOR", default=not (DEBUG or DEMO or SANDBOX)
)
# One click as any of the cast: the address exists where nobody is real, and nowhere else.
SIGN_IN_AS_ANYBODY = DEMO or SANDBOX
GALLERY = DEBUG or DEMO or SANDBOX
OTP_TOTP_ISSUER = "QFCE"
SIGN_IN_ATTEMPTS = 5
SIGN_IN_LOCKED_MINUTES = 15
SESSION_COOKIE_AGE = 2 * 3600  # without doing anything
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "qfce.kernel.api.pages.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "qfce" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "qfce" / "static",
    # Others' work, from packages: of each only what browsers load.
    ("tabler", NODE_MODULES / "@tabler" / "core" / "dist" / "css"),
    ("icons", NODE_MODULES / "@tabler" / "icons-webfont" / "dist"),
    ("echarts", NODE_MODULES / "echarts" / "dist"),
]
WHITENOISE_USE_FINDERS = DEMO or SANDBOX or DEBUG
# In production a file's name holds the digest of its content, so that browsers keep it for good
# and a new release is seen at once. `collectstatic` names them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "woff", "woff2", "ttf", "png", "webp", "gz"]
_STORED = "qfce.kernel.web.static_files.HashedFiles"
_FOUND = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _FOUND if WHITENOISE_USE_FINDERS else _STORED},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
EMAIL_BACKEND = os.environ.get(
    "QFCE_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(DATA / "mail")
EMAIL_HOST = os.environ.get("QFCE_EMAIL_HOST", "localhost")
# Where links in mails lead to.
PUBLIC_URL = os.environ.get("QFCE_PUBLIC_URL", "")
DEFAULT_FROM_EMAIL = os.environ.get("QFCE_EMAIL_FROM", "qfce@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "qfce.kernel.api.authentication.BearerAuthentication",
        "qfce.kernel.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["qfce.kernel.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["qfce.kernel.api.parsing.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "qfce.kernel.api.rendering.AlwaysFirst",
    "DEFAULT_SCHEMA_CLASS": "qfce.kernel.api.schema.TenantSchema",
    "EXCEPTION_HANDLER": "qfce.kernel.problems.problem",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
    "UNICODE_JSON": True,
}
# Requests a minute for each program or person.
API_RATE_PER_MINUTE = int(os.environ.get("QFCE_API_RATE_PER_MINUTE", "6000"))
WEB_THREADS = int(os.environ.get("QFCE_WEB_THREADS", "16"))

SPECTACULAR_SETTINGS = {
    "TITLE": "QFCE",
    "DESCRIPTION": "Quality financing credit enhancement: from a quality factor to a loan.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Choices stay where they are used: names made up for them would change with every addition.
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "AUTHENTICATION_WHITELIST": ["qfce.kernel.api.authentication.BearerAuthentication"],
}

OAUTH2_PROVIDER_APPLICATION_MODEL = "tenancy.Client"
OAUTH2_PROVIDER = {
    "SCOPES": roles.SCOPES,
    "SCOPES_BACKEND_CLASS": "qfce.kernel.api.scopes.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "pbkdf2_sha256_generated",
    "ALLOWED_GRANT_TYPES": ["client_credentials"],
    "PKCE_REQUIRED": True,
}

CELERY_QUEUES = ("imports", "scoring", "feed", "reports", "default")
# How often the banks' own consumers look at the feed: "at once" is a shorter period.
FEED_PERIOD_SECONDS = float(os.environ.get("QFCE_FEED_PERIOD_SECONDS", "5"))
# How long a process that starts waits for a database that starts too.
STARTUP_PATIENCE_SECONDS = float(os.environ.get("QFCE_STARTUP_PATIENCE_SECONDS", "60"))
SWEEP_PERIOD_SECONDS = float(os.environ.get("QFCE_SWEEP_PERIOD_SECONDS", "30"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("QFCE_LOG_LEVEL", "WARNING")},
}
