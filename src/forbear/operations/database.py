"""The database itself, for whoever keeps the machine: where it is, whether it runs, and its tables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from forbear.store import schema
from forbear.store.connect import connect
from forbear.store.postgres import EmbeddedServer, connect_url, home_folder, open_home
from forbear.store.programs import PostgresError

__all__ = [
    "DatabaseStatus",
    "PostgresError",
    "anew",
    "book_url",
    "look",
    "migrate",
    "own_url",
    "shown",
    "start",
    "stop",
]

MIGRATIONS = Path(schema.__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """Which server keeps the book, how it is, and what its tables lack. `url` shows no password."""

    own: bool
    state: str
    place: str
    url: str
    pending: tuple[str, ...]


def book_url(environ: Mapping[str, str] = os.environ) -> str:
    """The URL of the book, for other operations: the server is started if it is our own, and its tables are made.

    A server that somebody else keeps is never changed unasked: `pending` migrations there are for `migrate`.
    Raises PostgresError if there is no server to be had.
    """
    url = connect_url(environ)
    if not environ.get("DATABASE_URL", "").strip() and pending(url):
        schema.migrate(url)
    return url


def own_url(environ: Mapping[str, str] = os.environ) -> str:
    """The URL of Forbear's own server, whatever DATABASE_URL says; started if need be."""
    return EmbeddedServer.at(open_home(environ) / "postgres").start().url


def start(environ: Mapping[str, str] = os.environ) -> str:
    """Start the server if it is ours, and bring its tables to the present version; its URL, without password."""
    return shown(book_url(environ))


def stop(environ: Mapping[str, str] = os.environ) -> bool:
    """Stop our own server; False if DATABASE_URL names another, which is not ours to stop."""
    if environ.get("DATABASE_URL", "").strip():
        return False
    EmbeddedServer.at(home_folder(environ) / "postgres").stop()
    return True


def look(environ: Mapping[str, str] = os.environ) -> DatabaseStatus:
    """How the database is, without starting anything."""
    if environ.get("DATABASE_URL", "").strip():
        url = connect_url(environ)
        return DatabaseStatus(False, "ready", urlsplit(url).hostname or "", shown(url), tuple(pending(url)))
    folder = home_folder(environ) / "postgres"
    server = EmbeddedServer.at(folder)
    state = server.status().state
    if state != "ready":
        return DatabaseStatus(True, state, str(folder), "", ())
    return DatabaseStatus(True, state, str(folder), shown(server.url), tuple(pending(server.url)))


def migrate(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Bring the tables to the present version; returns what was done."""
    url = connect_url(environ)
    done = pending(url)
    if done:
        schema.migrate(url)
    return done


def pending(url: str) -> list[str]:
    """Migrations that the database lacks, by name. Asks it directly: loading Django would take longer than the answer."""
    known = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    with connect(url) as connection:
        if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
            return known
        rows = connection.execute("SELECT name FROM django_migrations WHERE app = 'store'").fetchall()
    return [name for name in known if (name,) not in rows]


def drop(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop the database called `name`, if there is one, with whoever of our own role is still connected to it.

    WITH (FORCE) would also end an autovacuum worker there, which only a superuser may; without it the server sends it away.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
        (name,),
    )
    connection.execute("SET client_min_messages = warning")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def anew(server_url: str, name: str) -> str:
    """The URL of a new, migrated database called `name` on the server of `server_url`; one of that name is dropped.

    It is made to be thrown away: commits do not wait for the disk.
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        drop(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off").format(sql.Identifier(name))
        )
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    schema.migrate(url)
    return url


def shown(url: str) -> str:
    """The URL without its password, for people."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}"))
