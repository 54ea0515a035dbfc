"""The page: one HTML file with nothing outside it, in which a run can be played, read and printed.

page          the whole: its head, the player, the report
report        what there is to read, with JavaScript or without
lanes         what a timeline's lanes show
timeline_svg  the timeline, drawn once for the report
film/         what the player shows at each moment, worked out here
player/       the player: its markup, scripts and style sheet, as they stand in the page
markup        text from outside in a page
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from hatlab.export.html.film.filming import Filming
from hatlab.export.html.page import render_page
from hatlab.state.run_report import build_report
from hatlab.state.steps import Step


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    film = Filming()
    report = build_report(film.watch(steps))
    out.write("".join(render_page(report, film)).encode("utf-8", "replace"))
