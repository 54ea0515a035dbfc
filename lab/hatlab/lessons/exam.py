"""An exam: a lesson with a clock and without help; the file that states it has a table `[exam]`."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


def _with_zone(value: Any) -> Any:
    """A moment without a zone is one of this machine's."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.astimezone()
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_with_zone)]


class Exam(BaseModel):
    """What an exam is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lesson: str = ""
    """The lesson: its id or a file's path; "drill" for a drill drawn by the student's seed. "": no exam."""
    name: str = Field("exam", min_length=1, max_length=60)
    """What it is called."""
    minutes: float = Field(45, gt=0, le=24 * 60)
    """How long it takes at most, from the moment that a student begins."""
    attempts: int = Field(1, ge=1, le=100)
    """How often it may be begun."""
    tries: int = Field(1, ge=1, le=100)
    """How often a question may be answered."""
    opens: Moment | None = None
    """When it may be begun first."""
    closes: Moment | None = None
    """When it ends for everybody."""

    def ends(self, began: float) -> float:
        """Return when it ends for somebody who began at a moment, s since 1970."""
        ends = began + 60 * self.minutes
        return ends if self.closes is None else min(ends, self.closes.timestamp())

    def to_details(self) -> dict[str, Any]:
        """Return it as it stands in a recording."""
        return self.model_dump(mode="json")


def format_clock(moment: datetime | float) -> str:
    """Return a moment as a person at this machine reads it."""
    at = moment.timestamp() if isinstance(moment, datetime) else moment
    return time.strftime("%A %d %B, %H:%M", time.localtime(at))
