"""Django's settings, for its models and migrations. The database's address is the only thing that varies."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict


def django_settings(url: str) -> dict[str, Any]:
    """Settings for `django.conf.settings.configure`, with the database at `url` (a libpq URL or key=value string)."""
    parts = dict(conninfo_to_dict(url))
    named = {
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
    }
    return {
        "INSTALLED_APPS": ["forbear.store"],
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": parts}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
    }
