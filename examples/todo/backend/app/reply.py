"""What is said to the AI service, and what is taken from its answer. No input or output."""

import json

SYSTEM = (
    "You turn what the user says into short to-do items, in the user's language and order. "
    'Answer with a JSON object only: {"todos": ["first item", "second item"]}.'
)
MOST_ITEMS = 20
LONGEST_TITLE = 200


class UnusableReply(Exception):
    """The answer is well-formed HTTP, but no list of todos."""


def request_body(model: str, text: str) -> dict:
    return {
        "model": model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}],
    }


def titles_of(completion: object) -> list[str]:
    """The titles in a chat completion, on one line each, at most MOST_ITEMS. Raises UnusableReply when it is no list."""
    try:
        items = json.loads(completion["choices"][0]["message"]["content"])["todos"]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnusableReply("it is not the JSON that was asked for") from error
    if not isinstance(items, list):
        raise UnusableReply("its todos are not a list")
    titles = [_on_one_line(item)[:LONGEST_TITLE] for item in items if isinstance(item, str)]
    return [title for title in titles if title][:MOST_ITEMS]


def _on_one_line(text: str) -> str:
    # PostgreSQL takes neither NUL nor half a surrogate pair, and a model may write both as JSON escapes.
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
