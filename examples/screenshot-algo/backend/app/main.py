"""Screenshot_Algo's API: an address comes in, a worker makes the picture."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from .store import Store, Unavailable

# Shown by /api/version, so that a release can be told from the one before it.
VERSION = os.environ.get("APP_VERSION", "1")
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s\x00]+$")]


class NewShot(BaseModel):
    url: Url


class Shot(BaseModel):
    id: int
    url: str
    state: str
    worker: str | None
    problem: str | None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"missing in the environment: {', '.join(missing)}")
    app.state.store = Store(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    app.state.store.open()
    yield
    app.state.store.close()


app = FastAPI(title="Screenshot_Algo", lifespan=lifespan)
COLUMNS = "id, url, state, worker, problem"


@app.exception_handler(Unavailable)
def unavailable(_request: Request, error: Unavailable) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503)


@app.post("/api/shots", status_code=202)
def order(new: NewShot, request: Request) -> Shot:
    """Stores the order, then queues it."""
    with request.app.state.store.transaction() as connection:
        row = connection.execute(f"INSERT INTO shots (url) VALUES (%s) RETURNING {COLUMNS}", (new.url,)).fetchone()
    request.app.state.store.push(row["id"])
    return Shot(**row)


@app.get("/api/shots")
def newest(request: Request) -> list[Shot]:
    with request.app.state.store.transaction() as connection:
        return [Shot(**row) for row in connection.execute(f"SELECT {COLUMNS} FROM shots ORDER BY id DESC LIMIT 50")]


@app.get("/api/shots/{shot_id}")
def read(shot_id: int, request: Request) -> Shot:
    with request.app.state.store.transaction() as connection:
        row = connection.execute(f"SELECT {COLUMNS} FROM shots WHERE id = %s", (shot_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"there is no shot {shot_id}")
    return Shot(**row)


@app.get("/api/shots/{shot_id}/image")
def image(shot_id: int, request: Request) -> Response:
    with request.app.state.store.transaction() as connection:
        row = connection.execute("SELECT png FROM shots WHERE id = %s", (shot_id,)).fetchone()
    if row is None or row["png"] is None:
        raise HTTPException(404, f"shot {shot_id} has no image")
    return Response(bytes(row["png"]), media_type="image/png")


@app.get("/api/version")
def version() -> dict[str, str]:
    return {"version": VERSION, "pod": os.environ.get("HOSTNAME", "local")}


@app.get("/healthz", tags=["health"])
def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@app.get("/ready", tags=["health"])
def ready(request: Request) -> dict[str, str]:
    """Requests can be served; 503 with the reason while database or queue are away."""
    request.app.state.store.check()
    return {"status": "ready"}
