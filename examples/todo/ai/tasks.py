"""Splits a sentence into tasks by fixed rules."""

import re

# A full stop ends a task only before a space or the end, so that "v1.2" and "example.com" stay whole.
SEPARATOR = re.compile(r"[\n;,•]+|[.!?]+(?=\s|$)|\b(?:and then|and|then|also)\b|\s[-*]\s", re.IGNORECASE)
LEAD_IN = re.compile(
    r"^(?:[-*\d.)\s]+|please|also|then|and|so|first(?:ly)?|finally|today|tomorrow|(?:i|we) (?:also )?(?:need|have|want|must|should|would like)(?: to)?"
    r"|(?:i|we) (?:must|should|will)|i'd like to|don'?t forget (?:to|about)|remember to|remind me (?:to|about)|let'?s|to)\b[\s:]*",
    re.IGNORECASE,
)


def tasks_of(sentence: str) -> list[str]:
    """The tasks, in their order, each once, beginning with a capital."""
    found: dict[str, str] = {}
    for part in SEPARATOR.split(sentence):
        task = _without_lead_in(part.strip(" \t\"'():-*"))
        if re.search(r"\w", task):
            found.setdefault(task.casefold(), task[0].upper() + task[1:])
    return list(found.values())


def _without_lead_in(part: str) -> str:
    while (shorter := LEAD_IN.sub("", part, count=1)) != part:
        part = shorter
    return part.strip()
