"""The queue: waiting ideas are rows, and each replica takes one at a time. No two replicas ever take the same."""

import logging
import threading

from .agents import evaluate
from .database import Database, Unavailable

log = logging.getLogger("studio.evaluator")

TAKE = "SELECT id, pitch FROM ideas WHERE evaluated_by IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"


class Evaluator:
    """A thread that empties the queue, and looks into it each second, or at once when woken."""

    def __init__(self, database: Database, pod: str) -> None:
        self._database = database
        self._pod = pod
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                while not self._stop.is_set() and self._one():
                    pass
            except Unavailable as error:
                log.warning("the queue cannot be read: %s", error)
            self._wake.wait(1)
            self._wake.clear()

    def _one(self) -> bool:
        """Judges one idea; False when none waits. A crash half-way leaves the idea waiting."""
        with self._database.transaction() as connection:
            idea = connection.execute(TAKE).fetchone()
            if idea is None:
                return False
            for verdict in evaluate(idea["pitch"]):
                connection.execute(
                    "INSERT INTO verdicts (idea_id, agent, score, reason) VALUES (%s, %s, %s, %s)",
                    (idea["id"], verdict.agent, verdict.score, verdict.reason),
                )
            connection.execute("UPDATE ideas SET evaluated_by = %s WHERE id = %s", (self._pod, idea["id"]))
        log.info("evaluated idea %s", idea["id"])
        return True
