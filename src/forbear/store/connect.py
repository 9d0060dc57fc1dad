"""Connections to the book."""

from typing import Any

import psycopg


def connect(url: str) -> psycopg.Connection[Any]:
    """Open a connection on which every statement belongs to a transaction that the caller ends.

    Sessions speak ISO dates and UTC whatever the server's defaults are. Raises psycopg.OperationalError if no server answers.
    """
    options = "-c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning"
    return psycopg.connect(url, options=options, application_name="forbear")
