"""The list itself: /api/todos."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, StringConstraints

from .database import Database

# PostgreSQL's text holds every character but NUL.
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
COLUMNS = "id, title, done, created_at"

router = APIRouter(prefix="/api/todos", tags=["todos"])


class NewTodo(BaseModel):
    title: Title


class Change(BaseModel):
    title: Title | None = None
    done: bool | None = None


class Todo(BaseModel):
    id: int
    title: str
    done: bool
    created_at: datetime


def insert(database: Database, titles: list[str]) -> list[Todo]:
    """Adds all of the titles or none of them, and keeps their order."""
    added = []
    with database.transaction() as cursor:
        for title in titles:
            cursor.execute(f"INSERT INTO todos (title) VALUES (%s) RETURNING {COLUMNS}", (title,))
            added.append(Todo(**cursor.fetchone()))
    return added


@router.get("")
def list_todos(request: Request) -> list[Todo]:
    with request.app.state.database.transaction() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM todos ORDER BY id")
        return [Todo(**row) for row in cursor.fetchall()]


@router.post("", status_code=201)
def add_todo(new: NewTodo, request: Request) -> Todo:
    return insert(request.app.state.database, [new.title])[0]


@router.get("/{todo_id}")
def read_todo(todo_id: int, request: Request) -> Todo:
    with request.app.state.database.transaction() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM todos WHERE id = %s", (todo_id,))
        return _found(cursor.fetchone(), todo_id)


@router.patch("/{todo_id}")
def change_todo(todo_id: int, change: Change, request: Request) -> Todo:
    with request.app.state.database.transaction() as cursor:
        cursor.execute(
            f"UPDATE todos SET title = coalesce(%s, title), done = coalesce(%s, done) WHERE id = %s RETURNING {COLUMNS}",
            (change.title, change.done, todo_id),
        )
        return _found(cursor.fetchone(), todo_id)


@router.delete("/{todo_id}", status_code=204)
def delete_todo(todo_id: int, request: Request) -> None:
    with request.app.state.database.transaction() as cursor:
        cursor.execute("DELETE FROM todos WHERE id = %s", (todo_id,))
        if cursor.rowcount == 0:
            raise _missing(todo_id)


def _found(row: dict | None, todo_id: int) -> Todo:
    if row is None:
        raise _missing(todo_id)
    return Todo(**row)


def _missing(todo_id: int) -> HTTPException:
    return HTTPException(404, f"there is no todo {todo_id}")
