"""The studio's three agents. Each reads a pitch and gives a score with its reason; fixed rules, no input or output."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    agent: str
    score: int
    reason: str


def market(pitch: str) -> Verdict:
    """How clearly the pitch says who has the problem."""
    named = _words(pitch, r"customers?|teams?|people|companies|developers|hospitals?|schools?|shops?|farmers?|cities")
    score = min(100, 20 + 40 * len(named))
    return Verdict("market", score, f"names {', '.join(named)}" if named else "names nobody who would buy it")


def product(pitch: str) -> Verdict:
    """How concrete the pitch is: short sentences, and things that are done."""
    sentences = [part for part in re.split(r"[.!?]+(?:\s|$)", pitch) if part.strip()]
    longest = max((len(sentence.split()) for sentence in sentences), default=0)
    score = max(0, 100 - max(0, longest - 12) * 5)
    return Verdict("product", score, f"its longest sentence has {longest} words")


def finance(pitch: str) -> Verdict:
    """Whether the pitch says what is paid, and how often."""
    money = re.findall(r"(?:[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:dollars?|euros?|%))", pitch, re.IGNORECASE)
    often = _words(pitch, r"monthly|yearly|subscription|per month|per seat|a month|a year")
    score = 40 * bool(money) + 40 * bool(often) + 20
    return Verdict("finance", score, "says what is paid" if money or often else "says nothing of money")


AGENTS: tuple[Callable[[str], Verdict], ...] = (market, product, finance)


def evaluate(pitch: str) -> list[Verdict]:
    """What all agents say of a pitch, in their order."""
    return [agent(pitch) for agent in AGENTS]


def _words(pitch: str, pattern: str) -> list[str]:
    found = re.findall(rf"\b(?:{pattern})\b", pitch, re.IGNORECASE)
    return list(dict.fromkeys(word.lower() for word in found))
