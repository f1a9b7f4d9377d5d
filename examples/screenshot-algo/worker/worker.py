"""Takes shots from the queue, one at a time: fetches the page, draws it, stores the picture."""

import logging
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import redis

from page import picture

QUEUE = "shots"
MOST_BYTES = 2 << 20
# Touched while the worker is well; the liveness probe looks at its age.
HEARTBEAT = Path("/tmp/heartbeat")
log = logging.getLogger("worker")


def fetch(url: str) -> str:
    """The page's HTML. Raises OSError or ValueError for what cannot be had."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        body = answer.read(MOST_BYTES)
        return body.decode(answer.headers.get_content_charset() or "utf-8", errors="replace")


def shoot(database: psycopg.Connection, shot: int, worker: str) -> None:
    """Makes one shot and stores it, or why it failed. A shot that is done already is left as it is."""
    row = database.execute("SELECT url FROM shots WHERE id = %s AND state = 'queued'", (shot,)).fetchone()
    if row is None:
        return
    png, problem = None, None
    try:
        png = picture(fetch(row[0]))
    except (OSError, ValueError) as error:
        problem = str(error)[:300]
    state = "failed" if png is None else "done"
    database.execute(
        "UPDATE shots SET state = %s, worker = %s, problem = %s, png = %s WHERE id = %s",
        (state, worker, problem, png, shot),
    )
    log.info("shot %s is %s", shot, state)


def work(database_url: str, redis_url: str, worker: str) -> None:
    """Until SIGTERM. What a worker had in hand when it died lies in its own list, and comes first when it is back."""
    queue = redis.Redis.from_url(redis_url, socket_timeout=10, socket_connect_timeout=3)
    mine = f"{QUEUE}:{worker}"
    with psycopg.connect(database_url, autocommit=True, connect_timeout=3) as database:
        while True:
            HEARTBEAT.touch()
            held = queue.lindex(mine, -1) or queue.blmove(QUEUE, mine, 2, "RIGHT", "LEFT")
            if held is not None:
                shoot(database, int(held), worker)
                queue.lrem(mine, 1, held)


def give_back(redis_url: str, worker: str) -> None:
    """Returns what is in hand to the queue, since this pod's name will not come back."""
    queue = redis.Redis.from_url(redis_url, socket_timeout=3)
    while queue.lmove(f"{QUEUE}:{worker}", QUEUE, "LEFT", "RIGHT") is not None:
        pass


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        sys.exit(f"missing in the environment: {', '.join(missing)}")
    database_url, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    worker = os.environ.get("HOSTNAME", "local")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("waiting for shots")
    try:
        while True:
            try:
                work(database_url, redis_url, worker)
            except (psycopg.Error, redis.RedisError) as error:
                log.warning("database or queue away, next try in 1 s: %s", type(error).__name__)
                time.sleep(1)
    finally:
        give_back(redis_url, worker)


if __name__ == "__main__":
    main()
