"""Feeds hostile texts to all readers and counts what passes: `python -m tests.texts --count 1000000`."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from hatlab import events as e
from hatlab.text.event_log import format_event
from tests.texts.command_lines import hostile_command_lines, run_hostile
from tests.texts.fields import hostile_events
from tests.texts.files import hostile_files
from tests.texts.hostile import random_text, unsafe_in

FILES_EVERY, COMMANDS_EVERY = 20, 100
"""Rounds of events for one of files, and one of command lines."""


class Texts:
    """Makes hostile texts and counts them, for the reader whose turn it is."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.made: Counter[str] = Counter()
        self.problems: list[str] = []

    def make(self) -> str:
        self.made["event fields"] += 1
        return random_text(self.rng)

    def feed_events(self) -> None:
        for name, event in hostile_events(self.make):
            line = e.to_json(event)
            if (
                unsafe_in(line, "")
                or unsafe_in(format_event(event))
                or not isinstance(json.loads(line), dict)
            ):
                self.problems.append(f"{name}: {line}")

    def feed(self, kind: str, lines: Iterator[list[str]]) -> None:
        for line in lines:
            self.made[kind] += 1
            self.problems += run_hostile(line)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    texts, began = Texts(args.seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hl") as name:
        os.environ.update(XDG_STATE_HOME=f"{name}/state", XDG_DATA_HOME=f"{name}/data")
        for number in count():
            if sum(texts.made.values()) >= args.count:
                break
            texts.feed_events()
            if number % FILES_EVERY == 0:
                _in_folder(name, number, lambda f: texts.feed("files read", hostile_files(f, texts.rng)))
            if number % COMMANDS_EVERY == 0:
                _in_folder(name, number, lambda _: texts.feed("arguments", hostile_command_lines(texts.rng)))
    made = ", ".join(f"{many} {kind}" for kind, many in texts.made.items())
    seconds = time.monotonic() - began
    for problem in texts.problems[:20]:
        sys.stdout.write(f"{problem!a}\n")
    sys.stdout.write(f"{made}: {len(texts.problems)} failures, seed {args.seed}, {seconds:.0f} s\n")
    return 1 if texts.problems else 0


def _in_folder(parent: str, number: int, use: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=parent, prefix=f"{number}-") as folder:
        os.chdir(folder)
        use(Path(folder))
        os.chdir(parent)


if __name__ == "__main__":
    sys.exit(main())
