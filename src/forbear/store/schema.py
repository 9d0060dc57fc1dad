"""Bringing a database to the present schema."""

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from forbear.store.settings import django_settings


def configure(url: str) -> None:
    """Point Django at the database of `url`. Repeating it, also with another url, is fine."""
    wanted = django_settings(url)
    if not settings.configured:
        settings.configure(**wanted)
        django.setup()
        return
    connections["default"].close()
    connections["default"].settings_dict.update(wanted["DATABASES"]["default"])


def migrate(url: str) -> None:
    """Create the tables, or bring them to the present version; does nothing when they are."""
    configure(url)
    call_command("migrate", verbosity=0, interactive=False)
    connections["default"].close()


def pending_migrations(url: str) -> list[str]:
    """Names of migrations that the database still lacks."""
    configure(url)
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connections["default"].close()
    return [str(migration) for migration, _ in plan]
