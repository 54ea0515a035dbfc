"""The commands of a lesson as text, as its help lists them."""

from __future__ import annotations

from hatlab.errors import UserError

FIRST_WORDS = ("help", "hint", "wait", "next", "retry", "status", "quit")
"""Words that a learner is greeted with; `help` lists all."""
COMMANDS = """\
hint              a hint to a task; each is plainer than the one before
skip              go on without this
mend              what you broke last, mended; mend all: everything
next              the next step, once this one is over
wait              until this task is done, a minute at most
wait SECONDS      so long
wait until CONDITION    as in: wait until owner db2 and answered db2 for 2 s
retry             this step again, from its beginning
status            what is true in the lab: where a lesson says map, or the client's line
packets [NODE]    the latest adverts; with a node, every field of its last one
log [NODE]        what the services logged last, and what actions brought
why               why things happened
facts             facts only: hides what hatlab concludes, or shows it again
addresses NODE    what its interfaces hold
shell NODE LINE   runs a line in its shell, as in: shell db1 ip -br addr
conf NODE [FILE]  its keepalived.conf; with a file, written there to be changed
edit NODE FILE    puts the file in its place; reload NODE applies it
glossary [TERM]   what a word means; without one, the words of this step and all others
help actions      what can be done to the lab: each of these is a line, too
quit              end the lab; your progress is kept
Enter             what is open now, again
"""

DRILL_WORDS = ("help", "status", "packets", "log", "conf", "shell", "give up", "quit")
"""Words that whoever takes a drill is greeted with."""
DRILL_COMMANDS = """\
1, 2, 3 …         name the cause by its number
status            what is true in the lab: nodes, addresses, processes, the client
packets [NODE]    the latest adverts; with a node, every field of its last one
log [NODE]        what the services logged last, and what actions brought
addresses NODE    what its interfaces hold
shell NODE LINE   runs a line in its shell, as in: shell db1 ip -br addr
conf NODE [FILE]  its keepalived.conf; with a file, written there to be changed
edit NODE FILE    puts the file in its place; reload NODE applies it
mend              undoes what you broke last; mend all: everything that you broke
help actions      what can be done to the lab: each of these is a line, too
wait [SECONDS]    lets the lab go on; wait until CONDITION, as in: wait until owner db2
time              how long you have taken, of how long the clock allows
give up           shows the cause and how an expert would have found it
retry             this incident again, from its beginning
quit              end the lab
Enter             the question again
"""


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
        raise UserError(f"cannot wait {word!r}", "wait, wait 5 or wait until owner db2")
    return seconds
