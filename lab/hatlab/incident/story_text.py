"""A story as Markdown for a ticket, or as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.describe import format_transition
from hatlab.describe.conditions import condition_name
from hatlab.describe.times import format_length
from hatlab.incident.story import Story
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
    if change is None:
        return "No node became Master in this recording"
    when = story.clock.format(change.at)
    if story.before:
        return f"{change.instance} failed over from {story.before} to {change.node} at {when}"
    return f"{change.node} became Master of {change.instance} at {when}"


def _summary(story: Story) -> Iterator[str]:
    change = story.takeover
    if change is None:
        yield "Nothing that was recorded is a failover."
    else:
        yield _reason(story, change)
    for sign in story.signs:
        if sign.kind not in {"check_failed", "interface_down"}:
            yield sign.text
    for outage in story.report.outages:
        yield _outage(story, outage)


def _reason(story: Story, change: Transition) -> str:
    when = story.clock.format(change.at, 0 if change.about else 2)
    about = "about " if change.about else ""
    who = f"{change.node} became Master of {change.instance} at {about}{when}"
    if change.why is None:
        return f"{who}. Why is not known."
    return f"{who}. {change.why.text}"


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
    spans = story.report.conditions
    first, last = story.transitions[0].at, story.transitions[-1].at
    entries += [(span.began, _condition(story, span)) for span in spans if first <= span.began <= last + 10]
    yield from (block for _, block in sorted(entries, key=lambda entry: entry[0]))


def _change(story: Story, change: Transition) -> Block:
    when = story.clock.format(change.at, 0 if change.about else 3)
    about = f" (within {change.about:.3g} s)" if change.about else ""
    head = f"{when}{about}  {change.node}: {change.instance} {format_transition(change.from_, change.to)}"
    below = []
    if (why := change.why) is not None:
        below = [why.text, why.arithmetic, why.rule, why.line]
    if change.evidence:
        below.append(f"Evidence: {change.evidence}")
    return Block("item", head, tuple(line for line in below if line))


def _condition(story: Story, span: ConditionSpan) -> Block:
    name = condition_name(span.name)
    length = "to the end" if span.ended is None else f"for {format_length(span.ended - span.began)}"
    detail = f": {span.detail}" if span.detail else ""
    return Block("item", f"{story.clock.format(span.began, 3)}  {name}, {length}{detail}")
