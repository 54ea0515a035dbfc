"""The commands of a lesson as text, as its help lists them."""

from __future__ import annotations

from hatlab.errors import UserError

FIRST_WORDS = ("help", "hint", "wait", "next", "restart", "status", "quit")
"""Words that a learner is greeted with; `help` lists all."""
COMMANDS = """\
hint              give a hint for the task; each one says more than the last
skip              skip this question or task
fix               fix what you broke last; fix all: fix everything
next              continue to the next step, once this one is done
wait              wait until this task is done, for a minute at most
wait SECONDS      wait that long
wait until CONDITION    for example: wait until owner db2 and answered db2 for 2 s
restart           restart this step, with the lab reset for it
status            show the lab now: what a lesson calls the map, or the client's line
packets [NODE]    show the latest adverts; with a node, every field of its last one
log [NODE]        show the latest log lines, and the results of actions
why               explain the latest changes
facts             hide what hatlab concludes, or show it again
addresses NODE    show the addresses on a node's interfaces
shell NODE LINE   run a line in a node's shell, for example: shell db1 ip -br addr
conf NODE [FILE]  show its keepalived.conf; with a file, save it there so that you can edit it
edit NODE FILE    replace its keepalived.conf with your file; reload NODE applies it
glossary [TERM]   explain a word; without one, list the words of this step and all others
help actions      list what you can do to the lab: type any of them as a line
quit              end the lab; your progress is kept
Enter             show again what is open now
"""

DRILL_WORDS = ("help", "status", "packets", "log", "conf", "shell", "give up", "quit")
"""Words that a learner in a drill is greeted with."""
DRILL_COMMANDS = """\
1, 2, 3 …         name the cause by its number
status            show the lab now: nodes, addresses, processes, the client
packets [NODE]    show the latest adverts; with a node, every field of its last one
log [NODE]        show the latest log lines, and the results of actions
addresses NODE    show the addresses on a node's interfaces
shell NODE LINE   run a line in a node's shell, for example: shell db1 ip -br addr
conf NODE [FILE]  show its keepalived.conf; with a file, save it there so that you can edit it
edit NODE FILE    replace its keepalived.conf with your file; reload NODE applies it
fix               fix what you broke last; fix all: fix everything that you broke
glossary [TERM]   explain a word; without one, list all words
help actions      list what you can do to the lab: type any of them as a line
wait [SECONDS]    let the lab run on; or wait until CONDITION, for example: wait until owner db2
time              show how long you have taken, and how long the clock allows
give up           show the cause and how an expert would have found it
restart           start this incident again
quit              end the lab
Enter             show the question again
"""


_NOT_IN_EXAM = ("hint", "restart", "why", "facts", "time", "give up")
"""Commands that an exam does not have, or has in its own way."""


def words_of_exam(words: tuple[str, ...], commands: str) -> tuple[tuple[str, ...], str]:
    """Return the words that a learner in an exam is greeted with, and the commands that help lists."""
    lines = [line for line in commands.splitlines() if not line.startswith(_NOT_IN_EXAM)]
    first = tuple(word for word in words if word not in _NOT_IN_EXAM)
    return ("time", *first), "\n".join(["time              show how much time is left", *lines]) + "\n"


def parse_seconds(word: str) -> float:
    """Return a time to wait, s.

    Raises:
        UserError: it is none.
    """
    try:
        seconds = float(word.removesuffix("s"))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 600:
        raise UserError(f"cannot wait for {word!r}", "type: wait, wait 5 or wait until owner db2")
    return seconds
