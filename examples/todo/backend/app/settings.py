"""What the environment says, read once at start-up."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str
    groq_api_key: str
    groq_base_url: str
    groq_model: str


def from_environment(environment: dict[str, str]) -> Settings:
    """The settings; stops the start-up with the names of what is missing."""
    missing = [name for name in ("DATABASE_URL", "GROQ_API_KEY") if not environment.get(name)]
    if missing:
        raise SystemExit(f"missing in the environment: {', '.join(missing)}")
    return Settings(
        database_url=environment["DATABASE_URL"],
        groq_api_key=environment["GROQ_API_KEY"],
        groq_base_url=environment.get("GROQ_BASE_URL", "https://api.groq.com").rstrip("/"),
        groq_model=environment.get("GROQ_MODEL", "llama-3.3-70b-versatile"),
    )


settings = from_environment(dict(os.environ))
