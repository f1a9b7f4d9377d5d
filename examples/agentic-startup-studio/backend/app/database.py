"""Ideas and verdicts in PostgreSQL; all state of the studio is behind this file."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

SCHEMA = """
CREATE TABLE IF NOT EXISTS ideas (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    pitch text NOT NULL,
    evaluated_by text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS verdicts (
    idea_id bigint NOT NULL REFERENCES ideas,
    agent text NOT NULL,
    score int NOT NULL CHECK (score BETWEEN 0 AND 100),
    reason text NOT NULL,
    PRIMARY KEY (idea_id, agent)
);
"""
# Replicas start together, and CREATE TABLE IF NOT EXISTS alone can still collide with itself.
SCHEMA_LOCK = 2_005_2025


class Unavailable(Exception):
    """The database cannot be reached."""


class Database:
    """A small pool; connections that died, as after a restart of the server, are replaced."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=5,
            timeout=3,
            open=False,
            check=ConnectionPool.check_connection,
            kwargs={"row_factory": dict_row, "connect_timeout": 3},
        )
        self._prepared = False

    def open(self) -> None:
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """A connection whose statements are committed together, or not at all. Raises Unavailable."""
        try:
            with self._pool.connection() as connection:
                if not self._prepared:
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
                    connection.execute(SCHEMA)
                yield connection
            self._prepared = True
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            # The message of a failed connection may hold its address; its class does not.
            raise Unavailable(type(error).__name__) from error

    def check(self) -> None:
        with self.transaction() as connection:
            connection.execute("SELECT 1 FROM ideas LIMIT 1")
