"""The report: one HTML file with nothing outside it, light or dark as its reader's screen is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from hatlab import __version__
from hatlab import events as e
from hatlab.describe import STATE_SYMBOLS
from hatlab.describe.times import format_moment, format_seconds
from hatlab.export.markup import CONTENT_POLICY, escape
from hatlab.export.style import CSS
from hatlab.export.timeline_svg import draw_timeline
from hatlab.state.run_report import (
    ActionSpan,
    ConditionSpan,
    OutageSpan,
    RunReport,
    Transition,
    build_report,
)
from hatlab.state.steps import Step
from hatlab.util.text import plural

_GLYPHS = {state: symbol.glyph for state, symbol in STATE_SYMBOLS.items()}
Entry = tuple[float, str]
"""When, and the list item."""


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    out.write("".join(render_page(build_report(steps))).encode("utf-8", "replace"))


def render_page(report: RunReport) -> Iterator[str]:
    """Yield the page in pieces."""
    lab = report.lab
    assert lab is not None, "a recording has its `lab` event"
    title = str(lab.topology.get("title") or lab.name)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield f'<meta name="generator" content="hatlab {__version__}">\n'
    yield f"<title>{escape(title)}: a run of {_duration(report.ends)}</title>\n"
    yield f"<style>{CSS}</style>\n</head>\n<body>\n"
    yield from _render_head(report, lab, title)
    yield from _render_tiles(report)
    yield '<h2>Timeline</h2>\n<figure class="timeline">'
    yield from draw_timeline(report)
    yield "</figure>\n"
    yield from _render_legend()
    yield from _render_outages(report.outages)
    yield '<h2>What happened, and why</h2>\n<ol class="events">\n'
    entries = [
        *map(_transition_entry, report.transitions),
        *map(_action_entry, report.actions),
        *map(_condition_entry, report.conditions),
        *map(_outage_entry, report.outages),
    ]
    yield from (item for _, item in sorted(entries, key=lambda entry: entry[0]))
    yield "</ol>\n"
    if not entries:
        yield '<p class="quiet">Nothing changed.</p>\n'
    yield f"<footer>Made by hatlab {__version__} from a recording. Times are seconds since the lab began; "
    yield "an outage lasts from the last good answer to the next good one.</footer>\n</body>\n</html>\n"


def _render_head(report: RunReport, lab: e.Lab, title: str) -> Iterator[str]:
    yield f'<header>\n<p class="kicker">hatlab · {escape(lab.name)}</p>\n<h1>{escape(title)}</h1>\n'
    if about := str(lab.topology.get("description") or ""):
        yield f"<p>{escape(about)}</p>\n"
    facts = [("engine", lab.engine), ("started", lab.started.replace("T", " "))]
    facts += [("length", _duration(report.ends))]
    facts += [("network", f"{name} {cidr}") for name, cidr in lab.subnets.items()]
    facts += [("ended", report.ending or "")]
    rows = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts if v)
    yield f'<dl class="facts">{rows}</dl>\n'
    if report.missed:
        missed = plural(
            report.missed,
            "{count} event was missed or cannot be read.",
            "{count} events were missed or cannot be read.",
        )
        yield f'<p class="warning">⚠ {missed}</p>\n'
    yield "</header>\n"


def _render_tiles(report: RunReport) -> Iterator[str]:
    lengths = [span.outage.seconds for span in report.outages]
    splits = [span for span in report.conditions if span.name == "split_brain"]
    split_seconds = sum((report.ends if s.ended is None else s.ended) - s.began for s in splits)
    total = f"{format_seconds(sum(lengths))} in all" if lengths else "no client was cut off"
    transitions, outages, actions = len(report.transitions), len(lengths), len(report.actions)
    tiles = [
        (transitions, plural(transitions, "transition", "transitions"), ""),
        (outages, plural(outages, "outage", "outages"), total),
        (format_seconds(max(lengths)) if lengths else "–", "longest outage", ""),
        (
            format_seconds(split_seconds) if splits else "–",
            "split-brain",
            plural(len(splits), "{count} time", "{count} times") if splits else "never",
        ),
        (actions, plural(actions, "action", "actions"), ""),
    ]
    yield '<section class="tiles">\n'
    for number, what, more in tiles:
        small = f"<small>{more}</small>" if more else ""
        yield f"<div><b>{number}</b><span>{what}</span>{small}</div>\n"
    yield "</section>\n"


def _render_legend() -> Iterator[str]:
    states = [(name.lower(), f"{glyph} {name}") for name, glyph in _GLYPHS.items()]
    marks = [*states, ("split", "held twice"), ("nobody", "nobody")]
    yield '<p class="legend">'
    yield "".join(f'<span><i class="{kind}"></i>{text}</span>' for kind, text in marks)
    yield '<span><i class="advert"></i>an advert sent</span></p>\n'


def _render_outages(outages: list[OutageSpan]) -> Iterator[str]:
    if not outages:
        return
    yield '<h2>Outages</h2>\n<div class="scroll"><table>\n<thead><tr><th>client<th class="n">from'
    yield '<th class="n">to<th class="n">seconds<th class="n">failed tries<th>before<th>after'
    yield "<th>where the seconds went</tr></thead>\n<tbody>\n"
    for span in outages:
        event, arithmetic = span.outage, span.why.arithmetic if span.why else ""
        cells = [
            format_moment(event.began, 2),
            format_moment(event.ended, 2),
            f"<b>{event.seconds:.2f}</b>",
            str(event.failed),
        ]
        yield f"<tr><td>{escape(event.client)}" + "".join(f'<td class="n">{cell}' for cell in cells)
        yield f"<td>{escape(event.before or 'nobody')}<td>{escape(event.after or 'nobody')}"
        yield f"<td>{escape(arithmetic)}</tr>\n"
    yield "</tbody></table></div>\n"


def _entry(at: float, kind: str, headline: str, more: str = "") -> Entry:
    return (
        at,
        f'<li class="{kind}"><time>{format_moment(at, 3)}</time><div><p>{headline}</p>{more}</div></li>\n',
    )


def _transition_entry(change: Transition) -> Entry:
    to = f'<b class="state {change.to.lower()}">{_GLYPHS.get(change.to, "?")} {escape(change.to)}</b>'
    part = f"<b>{escape(change.node)}</b> {escape(change.instance)}"
    headline = f"{part} {escape(change.from_)} → {to}"
    return _entry(change.at, "transition", headline, _render_explanation(change.why))


def _render_explanation(why: e.Why | None) -> str:
    if why is None:
        return ""
    rows = (("arithmetic", why.arithmetic), ("rule", why.rule), ("line", why.line))
    more = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in rows if v)
    return f'<p class="why">{escape(why.text)}</p><dl>{more}</dl>'


def _action_entry(action: ActionSpan) -> Entry:
    glyph = {"done": "▶", "failed": "✖"}.get(action.phase, "…")
    took = f" <small>{format_seconds(action.ended - action.at)}</small>" if action.ended > action.at else ""
    outcome = "" if action.phase == "done" else f" {action.phase}"
    outcome += "" if action.definite or not outcome else " (it may have happened anyway)"
    effect = f'<p class="why">{escape(action.effect)}</p>' if action.effect else ""
    headline = f"{glyph} <code>{escape(action.words)}</code>{outcome}{took}"
    return _entry(action.at, f"action {action.phase}", headline, effect)


def _condition_entry(condition: ConditionSpan) -> Entry:
    ended = condition.ended
    length = "to the end" if ended is None else f"for {format_seconds(ended - condition.began)}"
    name = escape(condition.name.replace("_", " "))
    detail = f'<p class="why">{escape(condition.detail)}</p>' if condition.detail else ""
    return _entry(condition.began, "condition", f"⚠ <b>{name}</b> {length}", detail)


def _outage_entry(span: OutageSpan) -> Entry:
    event = span.outage
    headline = (
        f"⚡ <b>{escape(event.client)}</b> was cut off for <b>{format_seconds(event.seconds)}</b>, over now"
    )
    return _entry(event.ended, "outage", headline, _render_explanation(span.why))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest:.1f} s"]
    return " ".join(filter(None, parts))
