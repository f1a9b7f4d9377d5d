"""The Todo application's API. /docs is made by FastAPI and is what the liveness probe asks for."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from opentelemetry.instrumentation.utils import suppress_instrumentation

from . import assistant, telemetry, todos
from .database import Database, Unavailable
from .settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.database = Database(settings.database_url)
    # In a thread of its own, so that the process is alive, and says why it is not ready, while the database is away.
    threading.Thread(target=app.state.database.prepare, daemon=True).start()
    yield
    app.state.database.close()


app = FastAPI(title="Todo", version="1.0.0", lifespan=lifespan)
app.include_router(todos.router)
app.include_router(assistant.router)
telemetry.instrument(app)


@app.exception_handler(Unavailable)
def unavailable(_request: Request, error: Unavailable) -> JSONResponse:
    return JSONResponse({"detail": f"database unreachable: {error}"}, status_code=503)


@app.get("/healthz", tags=["health"])
def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@app.get("/ready", tags=["health"])
def ready(request: Request) -> dict[str, str]:
    """Requests can be served; 503 with the reason while they cannot."""
    # The kubelet asks every five seconds: a trace of each would bury the others.
    with suppress_instrumentation():
        request.app.state.database.check()
    return {"status": "ready"}
