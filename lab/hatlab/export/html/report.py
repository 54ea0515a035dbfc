"""The report: what is to be read of a run, as markup. The player plays above it, and uses its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from hatlab import __version__
from hatlab import events as e
from hatlab.describe import STATE_SYMBOLS
from hatlab.describe.times import RunClock, format_seconds
from hatlab.export.html.timeline_svg import draw_timeline
from hatlab.state.run_report import (
    ActionSpan,
    ConditionSpan,
    OutageSpan,
    RunReport,
    Transition,
)
from hatlab.util.html_text import escape
from hatlab.util.text import plural

_EXACT = 0.5
"""Seconds from which on a time is not exact."""
_GLYPHS = {state: symbol.glyph for state, symbol in STATE_SYMBOLS.items()}


class Entry(NamedTuple):
    """One thing that happened."""

    at: float
    kind: str
    """Its class in the style sheet."""
    headline: str
    """Markup, as `more`."""
    more: str
    about: float = 0.0
    """How exactly the time is known, s."""


def render_report(report: RunReport, clock: RunClock) -> Iterator[str]:
    """Yield what there is to read, beneath the head: numbers, timeline, outages, what happened and why."""
    yield from _render_tiles(report)
    yield '<section class="still">\n<h2>Timeline</h2>\n<figure class="timeline">'
    yield from draw_timeline(report, clock)
    yield "</figure>\n"
    yield from _render_legend(report)
    yield "</section>\n"
    yield from _render_outages(report.outages, clock)
    kind = "events" if clock.day_start is None else "events of-day"
    yield f'<h2>What happened, and why</h2>\n<ol class="{kind}">\n'
    entries = [
        *map(_transition_entry, report.transitions),
        *map(_standstill_entry, report.standstills),
        *map(_action_entry, report.actions),
        *map(_condition_entry, report.conditions),
        *map(_outage_entry, report.outages),
    ]
    for entry in sorted(entries, key=lambda entry: entry.at):
        yield f'<li class="{entry.kind}" data-at="{entry.at:.3f}">{_time(entry, clock)}'
        yield f"<div><p>{entry.headline}</p>{entry.more}</div></li>\n"
    yield "</ol>\n"
    if not entries:
        yield '<p class="quiet">Nothing changed.</p>\n'
    times = (
        "the times of day of the incident" if clock.day_start is not None else "seconds since the lab began"
    )
    yield f"<footer>Made by hatlab {__version__} from a recording. Times are {times}; "
    yield "an outage lasts from the last good answer to the next good one.</footer>\n"


def _time(entry: Entry, clock: RunClock) -> str:
    """Return when it happened; a time that is known to the second only is told as about."""
    is_exact = entry.about < _EXACT
    return f"<time>{clock.format(entry.at, 3) if is_exact else f'about {clock.format(entry.at)}'}</time>"


def title_of(lab: e.Lab) -> str:
    """Return what the run is called."""
    return str(lab.topology.get("title") or lab.name)


def render_head(report: RunReport, lab: e.Lab) -> Iterator[str]:
    """Yield the title, and what ran where and for how long."""
    title = title_of(lab)
    yield f'<header>\n<p class="kicker">hatlab · {escape(lab.name)}</p>\n<h1>{escape(title)}</h1>\n'
    if about := str(lab.topology.get("description") or ""):
        yield f"<p>{escape(about)}</p>\n"
    facts = [("engine", lab.engine), ("started", _day_and_time(lab.started))]
    facts += [("length", format_duration(report.ends))]
    if report.is_known:  # the networks of an imported incident are made up
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
    transitions = sum("UNKNOWN" not in (one.from_, one.to) for one in report.transitions)
    outages, actions = len(lengths), len(report.actions)
    tiles: list[tuple[object, str, str]] = [
        (transitions, plural(transitions, "transition", "transitions"), "")
    ]
    if report.lab is None or report.lab.topology.get("clients"):  # else nobody's view is there
        tiles += [
            (outages, plural(outages, "outage", "outages"), total),
            (format_seconds(max(lengths)) if lengths else "–", "longest outage", ""),
        ]
    tiles.append(
        (
            format_seconds(split_seconds) if splits else "–",
            "split brain",
            plural(len(splits), "{count} time", "{count} times") if splits else "never",
        )
    )
    if report.is_known:
        tiles.append((actions, plural(actions, "action", "actions"), ""))
    yield '<section class="tiles">\n'
    for number, what, more in tiles:
        small = f"<small>{more}</small>" if more else ""
        yield f"<div><b>{number}</b><span>{what}</span>{small}</div>\n"
    yield "</section>\n"


def _render_legend(report: RunReport) -> Iterator[str]:
    names = [name for name in _GLYPHS if name != "UNKNOWN" or not report.is_known]
    states = [(name.lower(), f"{_GLYPHS[name]} {name}") for name in names]
    marks = [*states, ("split", "held twice"), ("nobody", "nobody")]
    yield '<p class="legend">'
    yield "".join(f'<span><i class="{kind}"></i>{text}</span>' for kind, text in marks)
    yield '<span><i class="advert"></i>an advert sent</span></p>\n'


def _render_outages(outages: list[OutageSpan], clock: RunClock) -> Iterator[str]:
    if not outages:
        return
    yield '<h2>Outages</h2>\n<div class="scroll"><table>\n<thead><tr><th>client<th class="n">from'
    yield '<th class="n">to<th class="n">seconds<th class="n">failed tries<th>before<th>after'
    yield "<th>where the seconds went</tr></thead>\n<tbody>\n"
    for span in outages:
        event, arithmetic = span.outage, span.why.arithmetic if span.why else ""
        cells = [
            *(f' data-at="{at:.3f}"><time>{clock.format(at, 2)}</time>' for at in (event.began, event.ended)),
            f"><b>{event.seconds:.2f}</b>",
            f">{event.failed}",
        ]
        yield f"<tr><td>{escape(event.client)}" + "".join(f'<td class="n"{cell}' for cell in cells)
        yield f"<td>{escape(event.before or 'nobody')}<td>{escape(event.after or 'nobody')}"
        yield f"<td>{escape(arithmetic)}</tr>\n"
    yield "</tbody></table></div>\n"


def _transition_entry(change: Transition) -> Entry:
    part = f"<b>{escape(change.node)}</b> {escape(change.instance)}"
    headline = f"{part} {escape(change.from_)} → {_state(change.to)}"
    more = _render_explanation(change.why, change.evidence)
    return Entry(change.at, "transition", headline, more, change.about)


def _state(state: str) -> str:
    style = state.lower() if state in _GLYPHS else "unknown"
    return f'<b class="state {style}">{_GLYPHS.get(state, "?")} {escape(state)}</b>'


def _render_explanation(why: e.Why | None, evidence: str = "") -> str:
    if why is None:
        return f'<p class="why">{escape(evidence)}</p>' if evidence else ""
    rows = (("arithmetic", why.arithmetic), ("rule", why.rule), ("line", why.line), ("evidence", evidence))
    more = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in rows if v)
    return f'<p class="why reason">{escape(why.text)}</p><dl>{more}</dl>'


def _standstill_entry(why: e.Why) -> Entry:
    part = f"<b>{escape(why.node)}</b> {escape(why.instance)}".strip()
    return Entry(why.at, "standstill", f"{part} stays {_state(why.to)}", _render_explanation(why))


def _action_entry(action: ActionSpan) -> Entry:
    glyph = {"done": "▶", "failed": "✖"}.get(action.phase, "…")
    took = f" <small>{format_seconds(action.ended - action.at)}</small>" if action.ended > action.at else ""
    outcome = "" if action.phase == "done" else f" {action.phase}"
    outcome += "" if action.definite or not outcome else " (it may have happened anyway)"
    effect = f'<p class="why">{escape(action.effect)}</p>' if action.effect else ""
    headline = f"{glyph} <code>{escape(action.words)}</code>{outcome}{took}"
    return Entry(action.at, f"action {action.phase}", headline, effect)


def _condition_entry(condition: ConditionSpan) -> Entry:
    ended = condition.ended
    length = "to the end" if ended is None else f"for {format_seconds(ended - condition.began)}"
    name = escape(condition.name.replace("_", " "))
    detail = f'<p class="why">{escape(condition.detail)}</p>' if condition.detail else ""
    return Entry(condition.began, "condition", f"⚠ <b>{name}</b> {length}", detail)


def _outage_entry(span: OutageSpan) -> Entry:
    event = span.outage
    headline = (
        f"⚡ <b>{escape(event.client)}</b> was cut off for <b>{format_seconds(event.seconds)}</b>, over now"
    )
    return Entry(event.ended, "outage", headline, _render_explanation(span.why))


def _day_and_time(started: str) -> str:
    """Return a date and time without what nobody reads; what is none of ISO 8601 as it is."""
    try:
        return datetime.fromisoformat(started).isoformat(" ", "seconds")
    except ValueError:
        return started


def format_duration(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest:.1f} s"]
    return " ".join(filter(None, parts))
