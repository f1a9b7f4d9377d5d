"""Connections to PostgreSQL, and the one table. All state of the application is behind this file."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, LifoQueue

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection
from psycopg2.extras import RealDictCursor

log = logging.getLogger("uvicorn.error")

SCHEMA = """
CREATE TABLE IF NOT EXISTS todos (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    done boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
)
"""
# Replicas start together, and CREATE TABLE IF NOT EXISTS alone can still collide with itself.
SCHEMA_LOCK = 4_004_2026


class Unavailable(Exception):
    """The database cannot be reached, with a reason that holds no password."""


class Database:
    """Keeps a few idle connections; one that died, as after a restart of the server, is replaced on its next use."""

    def __init__(self, url: str, idle: int = 5) -> None:
        self._url = url
        self._idle: LifoQueue[connection] = LifoQueue(idle)
        self._prepared = threading.Event()
        self._closing = threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[RealDictCursor]:
        """A cursor whose statements are committed together, or not at all. Raises Unavailable."""
        open_connection = self._take()
        try:
            with open_connection, open_connection.cursor() as cursor:
                yield cursor
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise Unavailable(_reason(error)) from error
        finally:
            self._give_back(open_connection)

    def prepare(self) -> None:
        """Creates the table, and tries again until the database answers or the application ends."""
        wait = 0.5
        while not self._closing.is_set():
            try:
                with self.transaction() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
                    cursor.execute(SCHEMA)
                self._prepared.set()
                log.info("database is ready")
                return
            except (Unavailable, psycopg2.Error) as error:
                log.warning("database is not ready, next try in %.1f s: %s", wait, error)
                self._closing.wait(wait)
                wait = min(wait * 2, 5)

    def check(self) -> None:
        """Returns when the table can be read; raises Unavailable with the reason otherwise."""
        with self.transaction() as cursor:
            cursor.execute("SELECT 1")
        if not self._prepared.is_set():
            raise Unavailable("the table has not been created yet")

    def close(self) -> None:
        self._closing.set()
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _take(self) -> connection:
        while True:
            try:
                kept = self._idle.get_nowait()
            except Empty:
                return self._connect()
            if _is_alive(kept):
                return kept
            kept.close()

    def _connect(self) -> connection:
        try:
            return psycopg2.connect(self._url, connect_timeout=3, cursor_factory=RealDictCursor)
        except psycopg2.OperationalError as error:
            raise Unavailable(_reason(error)) from error

    def _give_back(self, used: connection) -> None:
        if used.closed or used.get_transaction_status() != TRANSACTION_STATUS_IDLE or self._closing.is_set():
            used.close()
            return
        try:
            self._idle.put_nowait(used)
        except Full:
            used.close()


def _is_alive(kept: connection) -> bool:
    try:
        with kept, kept.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except psycopg2.Error:
        return False


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
