"""The report: one HTML file with nothing outside it, light or dark as its reader's screen is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import IO

from hatlab import __version__
from hatlab import events as e
from hatlab.describe import STATE_SYMBOLS
from hatlab.export.drawing import drawing
from hatlab.export.story import Cut, Deed, Held, Story, Transition, story
from hatlab.export.style import CSS
from hatlab.state.steps import Step

_GLYPHS = {state: symbol.glyph for state, symbol in STATE_SYMBOLS.items()}
Entry = tuple[float, str]
"""When, and the list item."""


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    out.write("".join(page(story(steps))).encode("utf-8", "replace"))


def page(found: Story) -> Iterator[str]:
    """The page, in pieces."""
    lab = found.lab
    assert lab is not None, "a recording has its `lab` event"
    title = str(lab.topology.get("title") or lab.name)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield f'<meta name="generator" content="hatlab {__version__}">\n'
    yield f"<title>{escape(title)}: a run of {_long(found.ends)}</title>\n"
    yield f"<style>{CSS}</style>\n</head>\n<body>\n"
    yield from _head(found, lab, title)
    yield from _tiles(found)
    yield '<h2>Timeline</h2>\n<figure class="timeline">'
    yield from drawing(found)
    yield "</figure>\n"
    yield from _legend()
    yield from _outages(found.cuts)
    yield '<h2>What happened, and why</h2>\n<ol class="events">\n'
    entries = [*map(_transition, found.transitions), *map(_deed, found.deeds), *map(_held, found.conditions)]
    entries += [(c.outage.ended, _cut(c)) for c in found.cuts]
    yield from (item for _, item in sorted(entries, key=lambda entry: entry[0]))
    yield "</ol>\n"
    if not entries:
        yield '<p class="quiet">Nothing changed.</p>\n'
    yield f"<footer>Made by hatlab {__version__} from a recording. Times are seconds since the lab began; "
    yield "an outage lasts from the last good answer to the first good one.</footer>\n</body>\n</html>\n"


def _head(found: Story, lab: e.Lab, title: str) -> Iterator[str]:
    yield f'<header>\n<p class="kicker">hatlab · {escape(lab.name)}</p>\n<h1>{escape(title)}</h1>\n'
    if about := str(lab.topology.get("description") or ""):
        yield f"<p>{escape(about)}</p>\n"
    facts = [("engine", lab.engine), ("began", lab.started.replace("T", " ")), ("length", _long(found.ends))]
    facts += [("network", f"{name} {cidr}") for name, cidr in lab.subnets.items()]
    if found.ending:
        facts.append(("ended", found.ending))
    rows = "".join(f"<div><dt>{k}</dt><dd>{escape(v)}</dd></div>" for k, v in facts if v)
    yield f'<dl class="facts">{rows}</dl>\n'
    if found.missed:
        yield f'<p class="warning">⚠ {_count(found.missed, "event")} missed or not to be read.</p>\n'
    yield "</header>\n"


def _tiles(found: Story) -> Iterator[str]:
    worst = max((c.outage.seconds for c in found.cuts), default=0.0)
    total = sum(c.outage.seconds for c in found.cuts)
    split = [c for c in found.conditions if c.name == "split_brain"]
    changes, cuts, deeds = len(found.transitions), len(found.cuts), len(found.deeds)
    tiles = [
        (changes, _plural(changes, "transition"), ""),
        (cuts, _plural(cuts, "outage"), f"{total:.2f} s in all" if cuts else "no client was cut off"),
        (f"{worst:.2f} s" if cuts else "–", "longest outage", ""),
        (
            f"{_lasted(split, found.ends):.1f} s" if split else "–",
            "split-brain",
            _count(len(split), "time") if split else "never",
        ),
        (deeds, _plural(deeds, "action"), ""),
    ]
    yield '<section class="tiles">\n'
    for number, what, more in tiles:
        small = f"<small>{more}</small>" if more else ""
        yield f"<div><b>{number}</b><span>{what}</span>{small}</div>\n"
    yield "</section>\n"


def _legend() -> Iterator[str]:
    states = [(name.lower(), f"{glyph} {name}") for name, glyph in _GLYPHS.items()]
    marks = [*states, ("split", "held twice"), ("nobody", "nobody")]
    yield '<p class="legend">'
    yield "".join(f'<span><i class="{kind}"></i>{text}</span>' for kind, text in marks)
    yield '<span><i class="advert"></i>an advert sent</span></p>\n'


def _outages(cuts: list[Cut]) -> Iterator[str]:
    if not cuts:
        return
    yield '<h2>Outages</h2>\n<div class="scroll"><table>\n<thead><tr><th>client<th class="n">from'
    yield '<th class="n">to<th class="n">seconds<th class="n">failed tries<th>before<th>after'
    yield "<th>where the seconds went</tr></thead>\n<tbody>\n"
    for c in cuts:
        o, sums = c.outage, c.why.arithmetic if c.why else ""
        cells = [f"{o.began:.2f}", f"{o.ended:.2f}", f"<b>{o.seconds:.2f}</b>", str(o.failed)]
        yield f"<tr><td>{escape(o.client)}" + "".join(f'<td class="n">{cell}' for cell in cells)
        yield f"<td>{escape(o.before or 'nobody')}<td>{escape(o.after or 'nobody')}<td>{escape(sums)}</tr>\n"
    yield "</tbody></table></div>\n"


def _item(at: float, kind: str, head: str, more: str = "") -> Entry:
    return at, f'<li class="{kind}"><time>{at:.3f}</time><div><p>{head}</p>{more}</div></li>\n'


def _transition(one: Transition) -> Entry:
    to = f'<b class="state {one.to.lower()}">{_GLYPHS.get(one.to, "?")} {escape(one.to)}</b>'
    who = f"<b>{escape(one.node)}</b> {escape(one.instance)}"
    return _item(one.at, "transition", f"{who} {escape(one.from_)} → {to}", _why(one.why))


def _why(why: e.Why | None) -> str:
    if why is None:
        return ""
    rows = (("arithmetic", why.arithmetic), ("rule", why.rule), ("line", why.line))
    more = "".join(f"<div><dt>{k}</dt><dd>{escape(v)}</dd></div>" for k, v in rows if v)
    return f'<p class="why">{escape(why.text)}</p><dl>{more}</dl>'


def _deed(one: Deed) -> Entry:
    glyph = {"done": "▶", "failed": "✖"}.get(one.phase, "…")
    took = f" <small>{one.ended - one.at:.2f} s</small>" if one.ended > one.at else ""
    ended = "" if one.phase == "done" else f" {one.phase}" + ("" if one.definite else ", or perhaps not")
    effect = f'<p class="why">{escape(one.effect)}</p>' if one.effect else ""
    return _item(
        one.at, f"action {one.phase}", f"{glyph} <code>{escape(one.words)}</code>{ended}{took}", effect
    )


def _held(one: Held) -> Entry:
    long = "to the end" if one.ended is None else f"for {one.ended - one.began:.2f} s"
    name = escape(one.name.replace("_", " "))
    detail = f'<p class="why">{escape(one.detail)}</p>' if one.detail else ""
    return _item(one.began, "condition", f"⚠ <b>{name}</b> {long}", detail)


def _cut(one: Cut) -> str:
    o = one.outage
    who = f"<b>{escape(o.client)}</b> was cut off for <b>{o.seconds:.2f} s</b>"
    return _item(o.ended, "outage", f"⚡ {who}, over now", _why(one.why))[1]


def _lasted(held: list[Held], ends: float) -> float:
    return sum((ends if c.ended is None else c.ended) - c.began for c in held)


def _plural(count: int, what: str) -> str:
    return what if count == 1 else f"{what}s"


def _count(count: int, what: str) -> str:
    return f"{count} {_plural(count, what)}"


def _long(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest:.1f} s"]
    return " ".join(filter(None, parts))
