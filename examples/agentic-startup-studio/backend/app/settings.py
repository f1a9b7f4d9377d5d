"""What the environment says, read once at start-up."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str
    pod: str


def from_environment(environment: dict[str, str]) -> Settings:
    """The settings; stops the start-up when the database's address is missing."""
    if not environment.get("DATABASE_URL"):
        raise SystemExit("missing in the environment: DATABASE_URL")
    return Settings(database_url=environment["DATABASE_URL"], pod=environment.get("HOSTNAME", "local"))


settings = from_environment(dict(os.environ))
