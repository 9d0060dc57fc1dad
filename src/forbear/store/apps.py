"""The Django application that owns the tables."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tables without a prefix: the database is the book's own."""

    name = "forbear.store"
    label = "store"
