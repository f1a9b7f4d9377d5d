"""The HTTP side: /ideas."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, StringConstraints

# PostgreSQL's text holds every character but NUL.
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
Pitch = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/ideas", tags=["ideas"])


class NewIdea(BaseModel):
    title: Title
    pitch: Pitch


class Verdict(BaseModel):
    agent: str
    score: int
    reason: str


class Idea(BaseModel):
    id: int
    title: str
    pitch: str
    # The pod whose agents have judged it; none yet while it waits.
    evaluated_by: str | None
    verdicts: list[Verdict] = []


@router.post("", status_code=202)
def submit(new: NewIdea, request: Request) -> Idea:
    """Stores an idea; the agents of any replica take it from there."""
    with request.app.state.database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO ideas (title, pitch) VALUES (%s, %s) RETURNING id, title, pitch, evaluated_by",
            (new.title, new.pitch),
        ).fetchone()
    request.app.state.evaluator.wake()
    return Idea(**row)


@router.get("")
def newest(request: Request) -> list[Idea]:
    with request.app.state.database.transaction() as connection:
        rows = connection.execute("SELECT id, title, pitch, evaluated_by FROM ideas ORDER BY id DESC LIMIT 100")
        return [Idea(**row) for row in rows]


@router.get("/{idea_id}")
def read(idea_id: int, request: Request) -> Idea:
    with request.app.state.database.transaction() as connection:
        row = connection.execute(
            "SELECT id, title, pitch, evaluated_by FROM ideas WHERE id = %s", (idea_id,)
        ).fetchone()
        if row is None:
            raise HTTPException(404, f"there is no idea {idea_id}")
        verdicts = connection.execute(
            "SELECT agent, score, reason FROM verdicts WHERE idea_id = %s ORDER BY agent", (idea_id,)
        )
        return Idea(**row, verdicts=[Verdict(**verdict) for verdict in verdicts])
