"""A recording in other forms: packets for Wireshark, a report, a terminal cast, plain data.

html     a page in which the run can be played, read and printed
json     what the run came to, as plain data
pcapng   the captured frames
cast     the readable log

Each form is one module with `write(out, steps)`: it reads the steps of a run once, from its beginning, and
writes bytes. None needs more memory than its own output's index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from hatlab.state.steps import Step


@dataclass(frozen=True, slots=True)
class Form:
    """A form to export to: its file's suffix, what it is for, and its module in this package."""

    suffix: str
    summary: str
    module: str

    def write(self, out: IO[bytes], steps: Iterable[Step]) -> None:
        """Write a run.

        Raises:
            OSError: of `out`.
        """
        import_module(f"hatlab.export.{self.module}").write(out, steps)


FORMS: dict[str, Form] = {
    "pcapng": Form(
        ".pcapng", "the captured frames, with transitions as packet comments (Wireshark)", "pcapng"
    ),
    "html": Form(".html", "a page to play, read, print and share, in one file", "html"),
    "cast": Form(".cast", "the readable log as an asciinema recording", "cast"),
    "json": Form(".json", "lab, transitions, outages, actions and conditions as one document", "json"),
}
