"""The drills that ship with hatlab: hand-picked causes with a name and a story each (lessons/drills.yaml)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hatlab.diagnostics.finding import did_you_mean
from hatlab.drills.generate import PAIR, build_drill
from hatlab.drills.model import Drill, Level
from hatlab.errors import UserError
from hatlab.lessons.model import Id
from hatlab.util.files import read_text, shipped_folder


class ShippedDrill(BaseModel):
    """One entry of lessons/drills.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    level: Level
    topology: str = PAIR
    causes: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    """The ids of what is wrong."""
    title: str
    story: str
    seed: int = 0
    """Draws the other answers, and which server of several is concerned."""


@cache
def list_shipped() -> tuple[ShippedDrill, ...]:
    """Return every shipped drill, in the order of the file: from easy to hard."""
    text = read_text(shipped_folder("lessons") / "drills.yaml", "file")
    return TypeAdapter(tuple[ShippedDrill, ...]).validate_python(yaml.safe_load(text))


def load_shipped(name: str) -> Drill:
    """Return a shipped drill.

    Raises:
        UserError: there is none of that name.
    """
    known = {entry.id: entry for entry in list_shipped()}
    if name not in known:
        raise UserError(
            f"there is no drill {name!r}{did_you_mean(name, known)}",
            f"the shipped ones are: {', '.join(known)}",
        )
    entry = known[name]
    return build_drill(
        entry.seed,
        entry.level,
        entry.topology,
        causes=entry.causes,
        name=entry.id,
        title=entry.title,
        story=entry.story,
    )
