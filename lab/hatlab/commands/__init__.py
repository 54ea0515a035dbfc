"""The commands of `hatlab`: one module each, imported when it is run. What several share is in `support/`.

A command module has `EXAMPLE` (lines for its help), `configure(parser)` and `run(args) -> exit code`; its
docstring is the description in its help.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command's line in `hatlab --help`, and its module in this package."""

    summary: str
    module: str


COMMANDS: dict[str, Command] = {
    "start": Command("start a lab: the terminal UI, or --headless", "start"),
    "lessons": Command("list the lessons and your progress", "lessons"),
    "learn": Command("take a lesson: hatlab learn, or hatlab learn LESSON", "learn"),
    "do": Command("an action on the running lab: hatlab do kill mysqld db1", "do"),
    "status": Command("what is true in the running lab", "status"),
    "shell": Command("a shell in a node of the running lab", "shell"),
    "down": Command("end the running lab and remove what is left of others", "down"),
    "replay": Command("play a recording", "replay"),
    "export": Command("a recording as pcapng, HTML, asciinema cast or JSON", "export"),
    "topologies": Command("list the topologies", "topologies"),
    "verify": Command("prove that lessons can be passed, and only by what they ask", "verify"),
    "check": Command("check topologies, lessons and keepalived.conf files", "check"),
    "new": Command("write a commented start of a topology or lesson", "new"),
    "schema": Command("print the JSON Schema of topologies or lessons, for editors", "schema"),
    "topology-from": Command("make a topology of real keepalived.conf files", "topology_from"),
    "conf": Command("print a node's keepalived.conf", "conf"),
    "compose": Command("print a topology as a compose or containerlab file", "compose"),
    "image": Command("build, save or load the node image", "image"),
    "doctor": Command("what works on this machine, what does not, and how to mend it", "doctor"),
}


class Ended(KeyboardInterrupt):
    """A signal asked for the end."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number
