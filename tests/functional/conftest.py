"""A server for the run and a database for the test; what else a test needs, it asks for by name."""

from collections.abc import Iterator

import pytest

from tests.support.database import fresh, shared_server


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """URL of a server shared by the whole run; tests want `fresh_database` instead."""
    with shared_server() as url:
        yield url


@pytest.fixture
def fresh_database(database_server: str) -> Iterator[str]:
    """URL of a migrated, empty database that is this test's alone."""
    with fresh(database_server) as url:
        yield url


@pytest.fixture
def another_database(database_server: str) -> Iterator[str]:
    """A second one, to compare with the first."""
    with fresh(database_server) as url:
        yield url
