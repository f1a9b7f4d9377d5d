"""The Agentic Startup Studio's API: ideas come in, agents judge them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from . import ideas
from .database import Database, Unavailable
from .evaluator import Evaluator
from .observe import log_as_json, observe
from .settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    log_as_json()
    app.state.database = Database(settings.database_url)
    app.state.database.open()
    app.state.evaluator = Evaluator(app.state.database, settings.pod)
    app.state.evaluator.start()
    yield
    app.state.evaluator.stop()
    app.state.database.close()


app = FastAPI(title="Agentic Startup Studio", version="1.0.0", lifespan=lifespan)
observe(app)
app.include_router(ideas.router)


@app.exception_handler(Unavailable)
def unavailable(_request: Request, error: Unavailable) -> JSONResponse:
    return JSONResponse({"detail": f"database unreachable: {error}"}, status_code=503)


@app.get("/")
def about() -> dict[str, str]:
    """Which replica answers."""
    return {"service": "agentic-startup-studio", "pod": settings.pod}


@app.get("/health", tags=["health"])
def health() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@app.get("/ready", tags=["health"])
def ready(request: Request) -> dict[str, str]:
    """Requests can be served; 503 with the reason while the database is away."""
    request.app.state.database.check()
    return {"status": "ready"}
