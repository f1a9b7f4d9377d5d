"""A sentence becomes todos, through the chat completions of the external AI service."""

from typing import Annotated

import httpx
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, StringConstraints

from .reply import UnusableReply, request_body, titles_of
from .settings import settings
from .todos import Todo, insert

router = APIRouter(prefix="/api/assistant", tags=["assistant"])


class Wish(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


@router.post("", status_code=201)
def plan(wish: Wish, request: Request) -> list[Todo]:
    """Asks the AI service for tasks and adds them. 422: there are none. 502: it answered badly. 504: not in time."""
    titles = _ask(wish.text)
    if not titles:
        raise HTTPException(422, "there is nothing to do in that sentence")
    return insert(request.app.state.database, titles)


def _ask(text: str) -> list[str]:
    try:
        answer = httpx.post(
            f"{settings.groq_base_url}/openai/v1/chat/completions",
            headers={"authorization": f"Bearer {settings.groq_api_key}"},
            json=request_body(settings.groq_model, text),
            timeout=20,
        )
        answer.raise_for_status()
        return titles_of(answer.json())
    except httpx.TimeoutException as error:
        raise HTTPException(504, "the AI service did not answer in time") from error
    except httpx.HTTPStatusError as error:
        raise HTTPException(502, f"the AI service answered {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise HTTPException(502, "the AI service cannot be reached") from error
    except (UnusableReply, ValueError) as error:
        raise HTTPException(502, f"the AI service's answer cannot be used: {error}") from error
