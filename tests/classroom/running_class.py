"""A class that runs for the length of a test: its own folder, hub and proxy, on free ports."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hatlab.classroom.course import Course
from hatlab.classroom.links import make_links
from hatlab.classroom.new_course import make_course
from hatlab.classroom.running import start_class, stop_class


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def new_course(folder: Path, count: int, **config: str) -> Course:
    """Make a class of some students on a free port; `config`: lines of `[seats]`, by key."""
    roster = folder / "people.csv"
    roster.write_text("".join(f"s{n:02},Student {n}\n" for n in range(1, count + 1)), encoding="utf-8")
    course, _ = make_course(folder / "course", roster, address=f"http://127.0.0.1:{free_port()}")
    text = course.config_file.read_text(encoding="utf-8")
    for key, value in config.items():
        lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in text.splitlines()]
        text = "\n".join(lines) + "\n"
    course.config_file.write_text(text, encoding="utf-8")
    return Course(course.folder)


@contextmanager
def running(course: Course) -> Iterator[dict[str, str]]:
    """Run a class; give everybody's link by their name. Afterwards nothing of it is left."""
    try:
        start_class(course)
        yield {link.name: link.url for link in make_links(course)}
    finally:
        stop_class(course, lambda _text: None)


def processes_of(course: Course) -> list[int]:
    """Return the numbers of all processes that know the folder of a class, or have a file in it open."""
    found, here = [], str(course.folder)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                known = (folder / "environ").read_bytes()
                files = [os.readlink(path) for path in (folder / "fd").iterdir()]
            except OSError:
                continue
            if here.encode() in known or any(file.startswith(here) for file in files):
                found.append(int(folder.name))
    return found
