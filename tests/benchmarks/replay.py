"""A recording of ten hours: how soon it is open, and how soon it is at another moment."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hatlab import events as e
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.session import Session
from tests.support.story import story

HOURS = 10
RATE = 38
"""Events a second, as in a real run of two nodes: the story is filled up with another client's probes."""


def write(path: Path, hours: float = HOURS) -> int:
    """Writes the story again and again, one after the other; how many lines."""
    first, *events = story(44.0)
    length = events[-1].at + 0.1
    filler = [e.Probe(at=k / 20, client="other", ok=True, server="db1", latency_ms=1.5) for k in range(880)]
    missing = max(0, round(RATE * length) - len(events))
    events = sorted([*events, *filler[:missing]], key=lambda event: event.at)
    parts = [(x.at, json.dumps(e.to_dict(x)).partition(", ")[2] + "\n") for x in events]
    count = 1
    with path.open("w") as out:
        out.write(e.to_json(first) + "\n")
        for k in range(round(hours * 3600 / length)):
            out.write("".join(f'{{"at":{at + k * length:.6f},{rest}' for at, rest in parts))
            count += len(parts)
    return count


def _took(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def rows(share: float = 1) -> Iterator[str]:
    """Table rows: what, and the seconds it took; `share`: of ten hours, and of each way."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.jsonl"
        count = write(path, HOURS * share)
        size = path.stat().st_size / 2**20
        opened: list[Session] = []

        def open_it() -> None:
            session = Session(ReplayEngine(path))
            session.start()
            session.wait_for(lambda s: s.layout is not None, 10)
            opened.append(session)

        what = f"{HOURS * share:g} h, {count} lines, {size:.0f} MB: open and shown"
        yield f"| {what} | {_took(open_it):.3f} s |"
        (session,) = opened
        engine = session.engine
        assert isinstance(engine, ReplayEngine)
        engine.pause()
        for what, moment in (
            ("10 min on", 600.0),
            ("5 min back", 300.0),
            ("an hour on", 3900.0),
            ("half an hour back", 2100.0),
            ("a second back", 2099.0),
        ):
            took = _took(lambda at=moment: session.seek(at * share))  # type: ignore[misc]
            yield f"| {what} | {took:.3f} s |"
        yield f"| find the next transition | {_took(lambda: engine.next_moment('transition')):.3f} s |"
        session.stop()
