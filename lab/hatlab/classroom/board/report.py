"""What a seat tells of its student, read as a stranger's words: bounded, and it steers nothing."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hatlab.errors import UserError
from hatlab.util.visible import show_controls

MOST_BYTES = 100_000
"""Of a report; that of a long lesson has about five thousand."""
_MOST_SECONDS = 1e8
_MOST_ENTRIES = 200


def _visible(longest: int) -> AfterValidator:
    def show(text: str) -> str:
        line = show_controls(" ".join(text[: 4 * longest].split()), keep="")
        return line if len(line) <= longest else f"{line[: longest - 1]}…"

    return AfterValidator(show)


Word = Annotated[str, _visible(40)]
Line = Annotated[str, _visible(300)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Moment = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=_MOST_SECONDS, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Asked(_Part):
    """What a prediction was asked with."""

    ask: Line
    choices: Annotated[list[Line], Field(max_length=40)] = []
    unit: Word = ""


class Clock(_Part):
    """The seconds that something took so far, of those it may take."""

    seconds: Seconds
    limit: Seconds


class LessonReport(_Part):
    """Where a lesson stands; docs/events.md says what each key means."""

    lesson: Line
    title: Line = ""
    step: Count
    steps: Count
    kind: Literal["start", "prediction", "question", "task", "whatif", "end"] = "task"
    item: Line = ""
    task: Line = ""
    since: Seconds = 0.0
    hints: Count = 0
    wrong: Count = 0
    predictions: Annotated[dict[Line, Line], Field(max_length=_MOST_ENTRIES)] = {}
    questions: Annotated[dict[Line, Asked], Field(max_length=_MOST_ENTRIES)] = {}
    lab: Word = ""
    glyph: Annotated[str, _visible(2)] = ""
    paused: bool = False
    frozen: Line | None = None
    solved: Count = 0
    tasks: Count = 0
    finished: bool = False
    clock: Clock | None = None

    @model_validator(mode="after")
    def _hold_to_the_lesson(self) -> LessonReport:
        if self.step > self.steps or self.solved > self.tasks:
            raise ValueError("it is further than the lesson goes")
        return self


class SeatReport(_Part):
    """One report of a seat."""

    user: Annotated[str, Field(max_length=64)]
    lesson: LessonReport | None = None
    last_key: Moment | None = None
    """When a key was pressed last, seconds since 1970; None for never."""
    idle: Seconds | None = None
    """How long ago that was, by a clock that nobody sets; None if the seat does not say."""
    engine: Word = ""
    sockets: Count = 0
    """Browsers that show this seat."""


def read_report(body: bytes) -> SeatReport:
    """Read a report as it came.

    Raises:
        UserError: it is too long, no JSON, or says what cannot be.
    """
    if len(body) > MOST_BYTES:
        raise UserError(f"the report has {len(body)} bytes", f"it may have {MOST_BYTES} at most")
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise UserError("the report is not JSON") from None
    try:
        return SeatReport.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part)[:40] for part in first["loc"]) or "the report"
        raise UserError(
            f"`{show_controls(place, keep='')}`: {first['msg'].removeprefix('Value error, ')}"
        ) from None
