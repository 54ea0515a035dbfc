"""Leads through a lesson: in the terminal UI beside the live lab, or as plain text.

Progress is kept: an unfinished lesson goes on at the step it was left at, in that step's own beginning.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from lab.commands import engines
from lab.errors import UserError

if TYPE_CHECKING:
    from lab.lessons.guide import Guide
    from lab.lessons.model import Lesson
    from lab.lessons.notebook import Notebook
    from lab.session import Session

EXAMPLE = """
hatlab learn                            the next lesson, in the terminal UI
hatlab learn kill-mysqld --plain        the same lesson as text, for a screen reader or a pipe
hatlab learn kill-mysqld --auto         a demonstration: it plays itself
hatlab learn --watch my-lesson.md       for authors: shows and verifies it again at each change
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "lesson", nargs="?", help="a shipped id (hatlab lessons) or a .md file; the next one not finished"
    )
    parser.add_argument("--engine", choices=engines.ENGINES, default="auto", help="as for hatlab start")
    parser.add_argument("--context", metavar="NAME", help="a Docker context; the current one if left out")
    parser.add_argument("--plain", action="store_true", help="text in, text out; no screen")
    parser.add_argument("--auto", action="store_true", help="a demonstration, as text: it plays itself")
    parser.add_argument("--watch", action="store_true", help="show and verify the file at each change")
    parser.add_argument("--restart", action="store_true", help="from its beginning, not where it was left")
    parser.add_argument(
        "--seed", metavar="N", type=int, help="which form of a lesson that has several; drawn if left out"
    )


def run(args: Namespace) -> int:
    if args.watch:
        from lab.commands.preview import preview

        if not args.lesson:
            raise UserError("nothing to watch", "hatlab learn --watch my-lesson.md")
        return preview(args.lesson)
    return take(args, args.lesson or _next(open_notebook()))


def take(args: Namespace, name: str) -> int:
    """One lesson, and those the learner goes on to; the exit code of the last."""
    while True:
        code, wanted = attend(args, name)
        if wanted is None:
            return code
        name = wanted


def attend(args: Namespace, name: str) -> tuple[int, str | None]:
    """One lesson from its start to its end: the exit code, and the lesson the learner wants next."""
    from lab.commands.running import beside, ending_on_signals
    from lab.files import find_topology, load_topology
    from lab.lessons.guide import Guide
    from lab.lessons.library import load_lesson
    from lab.lessons.notebook import remembered
    from lab.lessons.shelf import Shelf
    from lab.session import Session

    notebook = open_notebook()
    lesson = load_lesson(name, args.seed)
    left = {} if args.restart else _left(notebook, lesson, drawn=args.seed is not None)
    if args.seed is None and lesson.front.variants:
        lesson = load_lesson(name, _seed(lesson, left.get("variant")))
    topology = load_topology(lesson.front.topology)
    step = left.get("step", 0)
    guide, shelf = Guide(lesson, remembered(left)), Shelf(notebook)
    with ending_on_signals():
        stem = find_topology(lesson.front.topology).stem
        session = Session(engines.make_engine(args.engine, stem, topology, context=args.context))
        with beside(session, record=None, context=args.context) as around:
            after = _after(lesson, notebook)
            if args.plain or args.auto or not (sys.stdout.isatty() and sys.stdin.isatty()):
                code = _plain(args, session, guide, notebook, step)
            else:
                from lab.commands.screen import show

                code = show(
                    session,
                    around,
                    guide=guide,
                    notebook=notebook,
                    following=_title(after),
                    step=step,
                    shelf=shelf,
                )
    return code, shelf.wanted or (after if guide.onward else None)


def _plain(args: Namespace, session: Session, guide: Guide, notebook: Notebook, step: int) -> int:
    from lab.commands.plain import Plain

    sys.stdout.write(f"The lab is starting ({session.engine.name}); a moment please.\n\n")
    sys.stdout.flush()
    session.start()
    typed = None if args.auto else sys.stdin
    return Plain(session, guide, sys.stdout, typed, lambda: notebook.note(guide)).run(step)


def open_notebook() -> Notebook:
    """The learner's own progress file."""
    from lab.commands.running import note
    from lab.lessons.notebook import Notebook
    from lab.paths import state_dir

    return Notebook(state_dir() / "progress.json", note)


def _seed(lesson: Lesson, variant: object) -> int:
    """The number of a variant of a lesson that goes on; of any, for one that begins."""
    from secrets import randbelow

    known = [each.id for each in lesson.front.variants]
    return known.index(variant) if variant in known else randbelow(len(known))


def _left(notebook: Notebook, lesson: Lesson, *, drawn: bool) -> dict[str, Any]:
    """What is known of an unfinished lesson, if it can go on; `drawn`: in this variant only."""
    known = notebook.lessons.get(lesson.id, {})
    step = known.get("step")
    variants = [lesson.variant] if drawn else [each.id for each in lesson.front.variants] or [""]
    fits = known.get("steps") == len(lesson.steps) and known.get("variant") in variants
    fits = fits and not known.get("finished")
    return known if fits and type(step) is int and 0 <= step < len(lesson.steps) else {}


def _next(notebook: Notebook) -> str:
    """The first shipped lesson that is not finished; the first one if all are."""
    from lab.lessons.library import lessons

    known = [each.lesson.id for each in lessons() if each.lesson is not None]
    if not known:
        raise UserError("this hatlab has no lessons", "give a .md file")
    return next((n for n in known if not notebook.lessons.get(n, {}).get("finished")), known[0])


def _title(name: str | None) -> str:
    from lab.lessons.library import load_lesson

    return load_lesson(name).front.title if name else ""


def _after(lesson: Lesson, notebook: Notebook) -> str | None:
    """The lesson after one, in order; for one that is not shipped, the next not finished."""
    from lab.lessons.library import lessons

    known = [each.lesson.id for each in lessons() if each.lesson is not None]
    if lesson.id not in known:
        return _next(notebook)
    after = known.index(lesson.id) + 1
    return known[after] if after < len(known) else None
