"""The timeline of a run as SVG to be set into a page: lanes of who was what, above one axis of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape

from hatlab.export.story import Span, Story

WIDTH, LEFT, RIGHT = 1120.0, 138.0, 12.0
TOP, LANE, GAP = 14.0, 24.0, 12.0
LETTER = 6.6
"""Width of a letter at the lanes' size, in the drawing's units."""
SHORT = {"cut": "✖", "master": "★", "backup": "○", "fault": "✖", "stopped": "■", "split": "✖"}
"""What stands in a lane where its words have no room."""
NOT_YET = "not yet"
NAMES = 3
"""Rows for the names of actions before they may overlap."""
STEPS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)


Kind = Callable[[str], tuple[str, str]]
"""What a span was → its class in the style sheet, and its words."""


class _Scale:
    """Moments to x."""

    def __init__(self, ends: float) -> None:
        self.ends = max(ends, 0.001)
        self._unit = (WIDTH - LEFT - RIGHT) / self.ends

    def x(self, at: float) -> float:
        return LEFT + min(max(at, 0.0), self.ends) * self._unit

    def step(self) -> float:
        return next((step for step in STEPS if step * self._unit >= 70), STEPS[-1] * 2)


def drawing(found: Story) -> Iterator[str]:
    """An `<svg>` element, in pieces; its colours are those of the page's style."""
    scale, body, y = _Scale(found.ends), [], TOP
    names, height, tops = _names(found, scale, y)
    y += height
    lanes = y
    for (node, instance), spans in found.lanes.items():
        many = sum(owner == node for owner, _ in found.lanes) > 1
        body += _lane(f"{node} {instance}" if many else node, spans, scale, y, _state)
        body += _adverts(found.adverts.get(node, []), scale, y)
        y += LANE + GAP
    for address, spans in found.owners.items():
        body += _lane(address, spans, scale, y, _owner)
        y += LANE + GAP
    for client, spans in found.clients.items():
        body += _lane(client, _began(spans), scale, y, _answer)
        y += LANE + GAP
    held = [
        Span(c.began, found.ends if c.ended is None else c.ended, c.name.replace("_", " "))
        for c in found.conditions
    ]
    rows = list(dict.fromkeys(span.what for span in held))
    for name in rows:
        body += _lane(name, [s for s in held if s.what == name], scale, y, lambda _: ("condition", ""))
        y += LANE + GAP
    axis = list(_axis(scale, lanes, y))
    total = y + 24
    yield f'<svg viewBox="0 0 {WIDTH:g} {total:g}" role="img" aria-label="timeline of the run">'
    yield from (*axis, *body, *_verticals(found, scale, tops, lanes, y), *names)
    yield "</svg>"


def _state(what: str) -> tuple[str, str]:
    return what.lower(), what


def _owner(what: str) -> tuple[str, str]:
    return ("split" if "+" in what else "held" if what else "nobody"), what or "nobody"


def _began(spans: list[Span]) -> list[Span]:
    """A client's spans, the first one marked if nobody answered yet: that is no outage."""
    return [spans[0]._replace(what=NOT_YET), *spans[1:]] if not spans[0].what else spans


def _answer(what: str) -> tuple[str, str]:
    if what == NOT_YET:
        return "init", what
    return ("answered" if what else "cut"), what or "no answer"


def _lane(title: str, spans: Iterable[Span], scale: _Scale, y: float, kind: Kind) -> list[str]:
    out = [f'<text class="title" x="{LEFT - 10:g}" y="{y + LANE / 2 + 4:g}">{escape(title)}</text>']
    for span in spans:
        x, width = scale.x(span.began), scale.x(span.ended) - scale.x(span.began)
        name, text = kind(span.what)
        tip = f"{title}: {text or span.what}, {span.began:.3f} to {span.ended:.3f} s"
        box = f'x="{x:.1f}" y="{y:g}" width="{max(width, 0.8):.1f}" height="{LANE:g}" rx="3"'
        out.append(f'<rect class="{escape(name)}" {box}><title>{escape(tip)}</title></rect>')
        if width <= _long(text) + 10:
            text = SHORT.get(name, "")
        if text and width > _long(text) + 10:
            out.append(
                f'<text class="in {name}" x="{x + 7:.1f}" y="{y + LANE / 2 + 4:g}">{escape(text)}</text>'
            )
    return out


def _long(text: str) -> float:
    return sum(LETTER * (1.3 if letter.isupper() else 1.0) for letter in text)


def _adverts(moments: Iterable[float], scale: _Scale, y: float) -> list[str]:
    """A tick below the lane for each advert; one path, for there may be thousands."""
    path = "".join(f"M{scale.x(at):.1f} {y + LANE + 2:g}v5" for at in moments)
    return [f'<path class="advert" d="{path}"/>'] if path else []


def _axis(scale: _Scale, top: float, bottom: float) -> Iterator[str]:
    step, k = scale.step(), 0
    while k * step <= scale.ends:
        x = scale.x(k * step)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{bottom + 14:g}">{_clock(k * step)}</text>'
        k += 1


def _clock(at: float) -> str:
    if at < 120:
        return f"{at:g} s"
    hours, rest = divmod(int(at), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _names(found: Story, scale: _Scale, y: float) -> tuple[list[str], float, dict[float, float]]:
    """The actions' names in few rows, the height of these, and where the line of each action begins."""
    ends, out, tops = [0.0] * NAMES, [], {}
    used = 0
    for deed in found.deeds:
        x, width = scale.x(deed.at), len(deed.words) * LETTER + 14
        right = x + width > WIDTH
        left = x - width if right else x
        row = next((k for k in range(NAMES) if ends[k] <= left), None)
        if row is None:
            continue  # no room: its line still stands there, with its name as a tip
        ends[row], used = left + width, max(used, row + 1)
        tops[deed.at] = y + row * 16
        anchor = ' text-anchor="end"' if right else ""
        place = f'x="{x - 4 if right else x + 4:.1f}" y="{y + row * 16 + 8:g}"'
        out.append(f'<text class="deed" {place}{anchor}>{escape(deed.words)}</text>')
    return out, used * 16 + (8 if used else 0), tops


def _verticals(
    found: Story, scale: _Scale, tops: dict[float, float], top: float, bottom: float
) -> Iterator[str]:
    for deed in found.deeds:
        x = scale.x(deed.at)
        start = tops.get(deed.at, top - 6)
        tip = f"<title>{escape(deed.words)}, {deed.at:.3f} s</title>"
        yield f'<line class="deed" x1="{x:.1f}" x2="{x:.1f}" y1="{start:g}" y2="{bottom:g}">{tip}</line>'
    if found.ready is not None:
        x = scale.x(found.ready)
        yield f'<line class="ready" x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}">'
        yield f"<title>ready, {found.ready:.3f} s</title></line>"
