"""The commands of `hatlab`: one module each, imported when it is run. What several share is in `support/`.

A command module has `EXAMPLE` (lines for its help), `configure(parser)` and `run(args) -> exit code`; its
docstring is the description in its help.
"""

from __future__ import annotations

from keyword import iskeyword

COMMANDS = {
    "start": "start a lab: the terminal UI, or --headless",
    "lessons": "list the lessons and your progress",
    "learn": "take a lesson: the next one, or LESSON",
    "glossary": "look up a word of the lessons: hatlab glossary skew",
    "drill": "find, name and fix an incident against the clock",
    "do": "do something to the running lab: hatlab do kill mysqld db1",
    "status": "show the state of the running lab",
    "shell": "open a shell on a node of the running lab",
    "capture": "write the running lab's frames for Wireshark, live",
    "down": "end the running lab and remove leftovers of others",
    "import": "make a recording of an incident from logs, captures and configurations",
    "explain": "write the story of a recording: what happened, when and why",
    "replay": "play a recording",
    "export": "export a recording as pcapng, HTML, asciinema cast or JSON",
    "reproduce": "run an incident again: find the faults that explain a recording",
    "compare": "compare two recordings: what differs, and by how much",
    "topologies": "list the topologies",
    "grade": "mark what learners did, from the recordings of their lessons",
    "verify": "prove that lessons can be passed, and only by doing what they ask",
    "class": "run a class: a link for each student, their labs in the browser",
    "check": "check topologies, lessons and keepalived.conf files",
    "new": "write a commented topology or lesson to start from",
    "schema": "print the JSON Schema of topologies, lessons or settings, for editors",
    "topology-from": "make a topology from real keepalived.conf files",
    "conf": "print a node's keepalived.conf",
    "compose": "print a topology as a compose or containerlab file",
    "image": "build, save or load the node image",
    "config": "show your settings, write the file for them, or check it",
    "extensions": "list what other packages add: checks, actions, conditions, engines",
    "doctor": "check what works on this machine, and how to fix what does not",
    "uninstall": "remove what hatlab leaves on this machine: files, images, networks",
    "help": "read the documentation, or about a command: hatlab help writing-lessons",
    "man": "show the manual page: every command with its options",
    "completion": "print what makes bash, zsh or fish complete hatlab's words",
}
"""A command, and its line in `hatlab --help`."""


def module_name(command: str) -> str:
    """Return the name of a command's module: with _ for -, and one behind a word of Python's own."""
    return command.replace("-", "_") + "_" * iskeyword(command)


class Ended(KeyboardInterrupt):
    """A signal asked for the end."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number
