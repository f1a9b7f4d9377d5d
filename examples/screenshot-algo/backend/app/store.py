"""Shots in PostgreSQL, and the queue in Redis that the workers read."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import redis
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

SCHEMA = """
CREATE TABLE IF NOT EXISTS shots (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'failed')),
    worker text,
    problem text,
    png bytea,
    created_at timestamptz NOT NULL DEFAULT now()
)
"""
# Replicas start together, and CREATE TABLE IF NOT EXISTS alone can still collide with itself.
SCHEMA_LOCK = 3_004_2024
QUEUE = "shots"


class Unavailable(Exception):
    """The database or the queue cannot be reached."""


class Store:
    """Both stores; a connection that died, as after a restart of a server, is replaced on its next use."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._pool = ConnectionPool(
            database_url,
            min_size=1,
            max_size=5,
            timeout=3,
            open=False,
            check=ConnectionPool.check_connection,
            kwargs={"row_factory": dict_row, "connect_timeout": 3},
        )
        self._redis = redis.Redis.from_url(redis_url, socket_timeout=3, socket_connect_timeout=3)
        self._prepared = False

    def open(self) -> None:
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close()
        self._redis.close()

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
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error

    def push(self, shot: int) -> None:
        """Queues a shot for whichever worker is free first. Raises Unavailable."""
        try:
            self._redis.lpush(QUEUE, shot)
        except redis.RedisError as error:
            raise Unavailable(f"Redis: {type(error).__name__}") from error

    def waiting(self) -> int:
        try:
            return self._redis.llen(QUEUE)
        except redis.RedisError as error:
            raise Unavailable(f"Redis: {type(error).__name__}") from error

    def check(self) -> None:
        with self.transaction() as connection:
            connection.execute("SELECT 1 FROM shots LIMIT 1")
        self.waiting()
