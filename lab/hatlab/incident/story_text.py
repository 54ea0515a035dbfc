"""A story as Markdown for a ticket, or as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.describe import format_transition
from hatlab.describe.conditions import condition_name
from hatlab.describe.symbols import format_state
from hatlab.describe.times import format_length
from hatlab.incident.signs import Sign
from hatlab.incident.story import Story, was_before
from hatlab.state.run_report import ConditionSpan, OutageSpan, Transition
from hatlab.util.text import plural


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text: a `heading`, a `paragraph`, or an `item` of a list with lines below it."""

    kind: str
    text: str
    below: tuple[str, ...] = ()


def to_markdown(story: Story) -> str:
    """Return the story as Markdown."""
    out = []
    for number, block in enumerate(_blocks(story)):
        match block.kind:
            case "heading":
                out.append(f"{'#' if number == 0 else '##'} {_escape(block.text)}\n\n")
            case "paragraph":
                out.append(f"{_escape(block.text)}\n\n")
            case _:
                lines = ["- " + _escape(block.text), *map(_escape, block.below)]
                out.append("\\\n  ".join(lines) + "\n\n")
    return "".join(out).rstrip() + "\n"


def to_text(story: Story, width: int = 100) -> str:
    """Return the story as plain text of lines at most `width` wide."""
    out = []
    for block in _blocks(story):
        match block.kind:
            case "heading":
                out += ["", block.text, "─" * min(width, len(block.text)), ""]
            case "paragraph":
                out += [*textwrap.wrap(block.text, width), ""]
            case _:
                out += textwrap.wrap(block.text, width, subsequent_indent="  ")
                for line in block.below:
                    out += textwrap.wrap(line, width, initial_indent="    ", subsequent_indent="    ")
                out += [""] if block.below else []
    return "\n".join(out).strip() + "\n"


def _escape(text: str) -> str:
    """Text that Markdown takes as it is."""
    return "".join(f"\\{char}" if char in "\\`*_<>|#[]" else char for char in text)


def _blocks(story: Story) -> Iterator[Block]:
    yield Block("heading", _title(story))
    yield from (Block("paragraph", text) for text in _summary(story))
    if story.transitions:
        yield Block("heading", "What happened")
        yield from _course(story)
    if story.signs:
        yield Block("heading", "What the logs and captures say besides")
        for sign in story.signs:
            times = "" if sign.count == 1 else plural(sign.count, " ({count} time)", " ({count} times)")
            when = story.clock.format(sign.at, 1)
            yield Block("item", f"{when}  {sign.text}{times}", (sign.evidence,) if sign.evidence else ())
    if story.findings:
        yield Block("heading", "What is wrong in the configurations")
        for node, finding in story.findings:
            yield Block(
                "item",
                f"{node}, keepalived.conf:{finding.line}: {finding.message} ({finding.code})",
                (finding.effect, finding.cure),
            )
    if story.unknown:
        yield Block("heading", "What is not known")
        yield from (Block("item", sentence) for sentence in story.unknown)


def _title(story: Story) -> str:
    change = story.takeover
    if change is None and story.gave_up is not None:
        gave_up = story.gave_up
        when = story.clock.format(gave_up.at)
        return f"{gave_up.node} stopped being Master of {gave_up.instance} at {when}"
    if change is None:
        return "No node became Master in this recording"
    when = story.clock.format(change.at)
    if story.is_split:
        return f"{change.instance} had two Masters from {when} on: {story.before} and {change.node}"
    if story.before:
        return f"{change.instance} failed over from {story.before} to {change.node} at {when}"
    return f"{change.node} became Master of {change.instance} at {when}"


def _summary(story: Story) -> Iterator[str]:
    change = story.takeover
    reasons = [_reason(story, told) for told in (story.gave_up, change) if told is not None]
    yield from reasons or ["Nothing that was recorded is a failover."]
    for sign in story.signs:
        if sign.kind not in _EVERYDAY or _may_be_the_cause(story, sign, reasons):
            yield sign.text
    yield from _whole_course(story)
    for outage in story.report.outages:
        yield _outage(story, outage)


_EVERYDAY = {"check_failed", "interface_down"}
"""Signs that are told above only where no reason tells them."""
_JUST_BEFORE = 15.0
"""Seconds before a change in which an everyday sign may be its cause."""


def _may_be_the_cause(story: Story, sign: Sign, reasons: list[str]) -> bool:
    change = story.gave_up or story.takeover
    is_near = change is None or -_JUST_BEFORE <= sign.at - change.at <= 1
    return is_near and not any(_names(reason, sign) for reason in reasons)


def _names(reason: str, sign: Sign) -> bool:
    """True if a reason tells what a sign does: the check by its name, or a node's interface."""
    if sign.kind == "check_failed":
        return sign.subject in reason
    return f"{sign.node} lost its interface" in reason


def _reason(story: Story, change: Transition) -> str:
    """Say when and why a node became Master, or was one no more; of a failed check, how it was judged."""
    did = "became" if change.to == "MASTER" else "stopped being"
    who = f"{change.node} {did} Master of {change.instance} {_when(story, change)}"
    if change.why is None:
        return f"{who}. Why is not known."
    judged = f" {change.why.arithmetic}." if change.to == "FAULT" and change.why.arithmetic else ""
    return f"{who}. {change.why.text}{judged}"


def _when(story: Story, change: Transition) -> str:
    """`at 03:12:07.41`, or `at about 03:12:07`."""
    digits, about = (0, "about ") if change.about else (2, "")
    return f"at {about}{story.clock.format(change.at, digits)}"


def _whole_course(story: Story) -> Iterator[str]:
    """Say how often the address changed hands, if more than once, and how long nobody or several had it."""
    if len(story.takeovers) > 1:
        told = [f"to {c.node} {_when(story, c)}" for c in story.takeovers[:_MOST_TAKEOVERS]]
        more = len(story.takeovers) - len(told)
        rest = plural(more, ", and once more", ", and {count} times more") if more else ""
        times = plural(len(story.takeovers), "once", "{count} times")
        yield f"{story.takeovers[0].instance} changed hands {times}: {', '.join(told)}{rest}."
    conditions = _told_conditions(story)
    for name, sentence in _TOGETHER.items():
        spans = [span for span in conditions if span.name == name]
        if spans:
            seconds = sum((story.report.ends if s.ended is None else s.ended) - s.began for s in spans)
            length = _length(seconds, max(span.about for span in spans))
            times = plural(len(spans), "", ", in {count} stretches")
            yield sentence.format(length=f"{length}{times}", what=_detail(story, spans[0]))


_MOST_TAKEOVERS = 6
_TOGETHER = {
    "no_owner": "No owner for {length}: {what}.",
    "split_brain": "Split brain for {length}: {what}.",
}
"""Conditions that say what an incident cost, and how that is said."""


def _outage(story: Story, span: OutageSpan) -> str:
    outage = span.outage
    return plural(
        outage.failed,
        "{client} got no answer for {length}, from {began} to {ended} ({count} failed try).",
        "{client} got no answer for {length}, from {began} to {ended} ({count} failed tries).",
        client=outage.client,
        length=format_length(outage.seconds),
        began=story.clock.format(outage.began, 2),
        ended=story.clock.format(outage.ended, 2),
    )


def _course(story: Story) -> Iterator[Block]:
    entries: list[tuple[float, Block]] = [(change.at, _change(story, change)) for change in story.transitions]
    entries += [(span.began, _condition(story, span)) for span in _told_conditions(story)]
    yield from (block for _, block in sorted(entries, key=lambda entry: entry[0]))


def _told_conditions(story: Story) -> list[ConditionSpan]:
    """Return the conditions that began among the transitions.

    That nobody held an address is left out before there was an owner at all, and where only one node is
    known: another may have held it.
    """
    if not story.transitions:
        return []
    first, last = story.transitions[0].at, story.transitions[-1].at
    masters = (change.at for change in story.report.transitions if change.to == "MASTER")
    owned = min(masters, default=first)
    return [
        span
        for span in story.report.conditions
        if first <= span.began <= last + 10
        and (span.name != "no_owner" or (span.began >= owned and not story.is_alone))
    ]


def _change(story: Story, change: Transition) -> Block:
    when = story.clock.format(change.at, 0 if change.about else 3)
    what = f"{change.instance} {format_transition(change.from_, change.to)}"
    if was_before(change):
        what = f"{change.instance} was {format_state(change.to)} already"
    head = f"{when}{_within(change.about)}  {change.node}: {what}"
    below = []
    if (why := change.why) is not None:
        below = [why.text, why.arithmetic, why.rule, why.line]
    if change.evidence:
        below.append(f"Evidence: {change.evidence}")
    return Block("item", head, tuple(line for line in below if line))


def _condition(story: Story, span: ConditionSpan) -> Block:
    name = condition_name(span.name)
    length = "to the end" if span.ended is None else f"for {_length(span.ended - span.began, span.about)}"
    detail = f": {_detail(story, span)}" if span.detail else ""
    when = story.clock.format(span.began, 0 if span.about else 3)
    return Block("item", f"{when}{_within(span.about)}  {name}, {length}{detail}")


def _detail(story: Story, span: ConditionSpan) -> str:
    """A condition's detail, without an address that only stands for one which nothing tells."""
    text = span.detail
    for address, words in story.made_up.items():
        text = text.replace(address, words)
    return text


def _length(seconds: float, about: float) -> str:
    """A length between two moments that are known to so many seconds: `2.41 s`, `about 4 s`."""
    return f"about {max(seconds, 1):.0f} s" if about else format_length(seconds)


def _within(about: float) -> str:
    return f" (within {about:.3g} s)" if about else ""
