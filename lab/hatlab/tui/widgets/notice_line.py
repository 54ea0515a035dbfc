"""Notices, in a line that is kept for them: nothing else stands there, so they cover nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.notifications import SeverityLevel as Severity

from hatlab.tui.widgets.line_widget import LineWidget, drawn, justified, styled
from hatlab.util.safe_text import safe_text

_STYLES: dict[Severity, str] = {"information": "bold", "warning": "bold warn", "error": "bold fault"}
LEAST_SECONDS = 1.5
"""Seconds that most notices stay at least while another waits."""
_WHOLE = "M: show all "
"""Stands behind a notice that is cut."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that hatlab says in passing."""

    text: str
    """One line or more."""
    severity: Severity
    at: float
    """Seconds since the lab began."""
    seconds: float
    """How long it is shown."""
    least: float = LEAST_SECONDS
    """How long it stays at least while another waits."""

    @property
    def lines(self) -> list[str]:
        """Its lines that say something."""
        return list(filter(None, (safe_text(line.strip()) for line in self.text.split("\n"))))

    @property
    def line(self) -> str:
        """Its lines as one."""
        return " · ".join(self.lines)

    @property
    def style(self) -> str:
        """The style of its text."""
        return _STYLES[self.severity]


class NoticeLine(LineWidget):
    """One line: the notice that is shown now, or nothing."""

    DEFAULT_CSS: ClassVar[str] = "NoticeLine { height: 1; }"

    notice = drawn[Notice | None](None)

    def build(self) -> list[Content]:
        width = self.content_size.width
        return [notice_content(self.notice, width) if self.notice is not None else Content("")]


def notice_content(notice: Notice, width: int) -> Content:
    """Return a notice as exactly `width` cells; where some of it is left out, how to read the rest."""
    text = styled(" ", (notice.line, notice.style))
    end = Content("")
    if text.cell_length >= width:
        end = styled((_WHOLE, "quiet"))
        text = styled(" ", (_lines_that_fit(notice, width - end.cell_length - 2), notice.style))
    line = justified(text, end, width)
    return line.stylize_before("on $panel")


def _lines_that_fit(notice: Notice, width: int) -> str:
    """Return the first lines of a notice that fit beside each other, or the first one, which is cut then."""
    text, *others = notice.lines
    for line in others:
        if cell_len(f"{text} · {line}") > width:
            break
        text = f"{text} · {line}"
    return text
