"""Prove lessons: their solutions pass, doing nothing does not, and each wrong answer fails.

Without names it verifies every shipped lesson. The exit code is 1 if one fails. On the simulator a lesson
takes about a second; on Docker it takes as long as its solutions.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.lesson_options import open_library
from hatlab.commands.support.open_settings import add_extensions_option, add_setting_options
from hatlab.commands.support.progress import progress_bar
from hatlab.commands.support.reports import format_result
from hatlab.errors import EngineError, FileError, UserError
from hatlab.settings.table import BY_KEY
from hatlab.util.work import Work

if TYPE_CHECKING:
    from hatlab.drills.verify import DrillResult
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.verify.result import LessonResult
    from hatlab.lessons.verify.verifier import OnProgress

EXAMPLE = """
hatlab verify                              every lesson, on the simulator and (if available) on Docker
hatlab verify kill-mysqld --engine sim
hatlab verify my-lesson.md --json
hatlab verify course/                      every lesson of a folder
hatlab verify --drills 0-29 --engine sim   the drills of thirty seeds
"""
_JOBS = min(8, 3 * (os.cpu_count() or 1))
"""Labs at once on Docker: they wait most of the time."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "lessons",
        nargs="*",
        metavar="LESSON",
        help="an id, a .md file or a folder (default: all shipped lessons)",
    )
    parser.add_argument(
        "--engine",
        metavar="ENGINE",
        default="both",
        help="where to play them: sim, docker, both, or an extension's (default: both, if Docker is there)",
    )
    add_setting_options(parser, "docker_context")
    add_extensions_option(parser)
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=_JOBS,
        help=f"how many labs to run at once on Docker (default here: {_JOBS})",
    )
    parser.add_argument("--drills", metavar="SEEDS", help="verify drills instead of lessons: 7, or 0-29")
    parser.add_argument("--level", type=int, choices=(1, 2, 3), help="with --drills (default: by seed)")
    parser.add_argument("--topology", metavar="NAME", help="with --drills (default: by seed)")
    add_json_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.lifecycle import ending_on_signals

    if not 1 <= args.jobs <= 16:
        raise UserError(f"--jobs {args.jobs} is not a possible number of labs", "give 1 to 16")
    if args.drills is not None:
        return _verify_drills(args)
    began = time.monotonic()
    lessons, results = _read_lessons(args.lessons)
    if not lessons and not results:
        raise UserError("there are no lessons", "give a .md file")
    engines = _available_engines(args)
    total = len(results) + len(lessons) * len(engines)
    if not args.json:
        sys.stdout.write("".join(map(format_result, results)))
    with ending_on_signals(), progress_bar() as bar:

        def tell(what: str) -> None:
            bar.show(Work(what, len(results), total))

        for engine in engines:
            tell(f"on {engine}")
            for result in _verify_on(lessons, engine, args, tell):
                results.append(result)
                if not args.json:
                    bar.print_line(format_result(result).rstrip("\n"))
                tell(f"on {engine}")
    return _conclude(results, began, as_json=args.json)


def _conclude(results: Sequence[LessonResult | DrillResult], began: float, *, as_json: bool) -> int:
    """Print how it went as a whole, and return the exit code."""
    bad = sum(not result.ok for result in results)
    seconds = time.monotonic() - began
    if as_json:
        data = {"ok": not bad, "seconds": round(seconds, 3), "results": [r.to_data() for r in results]}
        print_json(data)
    else:
        verdict = f"{bad} of {len(results)} failed" if bad else f"all {len(results)} passed"
        sys.stdout.write(f"{verdict} ({seconds:.1f} s)\n")
    return 1 if bad else 0


def _verify_drills(args: Namespace) -> int:
    """Verify the drills of some seeds."""
    from hatlab.commands.support import verify_drills
    from hatlab.commands.support.lifecycle import ending_on_signals

    began = time.monotonic()
    seeds = verify_drills.parse_seeds(args.drills)
    results: list[DrillResult] = []
    engines = _available_engines(args)
    total = len(seeds) * len(engines)
    with ending_on_signals(), progress_bar() as bar:
        for engine in engines:
            bar.show(Work(f"on {engine}", len(results), total))
            for result in verify_drills.verify_drills(
                seeds, engine, level=args.level, topology=args.topology, context=args.context
            ):
                results.append(result)
                if not args.json:
                    bar.print_line(verify_drills.format_drill_result(result).rstrip("\n"))
                bar.show(Work(f"on {engine}", len(results), total))
    return _conclude(results, began, as_json=args.json)


def _read_lessons(names: list[str]) -> tuple[list[Lesson], list[LessonResult]]:
    """Read each lesson in each of its variants; one that cannot be read is a result that fails.

    Raises:
        UserError: there is no lesson of a name, or none in a folder.
    """
    from hatlab.lessons.library.loader import lesson_files, lesson_language, lesson_name, read_variants
    from hatlab.lessons.verify.result import LessonResult

    lessons: list[Lesson] = []
    unreadable: list[LessonResult] = []
    for path in [file for name in names for file in _lesson_files(name)] or lesson_files():
        try:
            lessons += read_variants(path)
        except FileError as error:
            language, file = lesson_language(path), str(path)
            unreadable.append(
                LessonResult(
                    lesson_name(path), "", "none", 0.0, problems=(str(error),), language=language, file=file
                )
            )
    return lessons, unreadable


def _lesson_files(name: str) -> list[Path]:
    """Return a lesson's file by its id or path; or every lesson of a folder, in every language."""
    from hatlab.lessons.library.catalogue import require_lesson_files

    folder = Path(name)
    return require_lesson_files(folder) if folder.is_dir() else [open_library().find(name)]


def _available_engines(args: Namespace) -> list[str]:
    if args.engine != "both":
        known = ("both", *BY_KEY["engine"].all_choices[1:])
        if args.engine not in known:
            raise UserError(f"there is no engine {args.engine!r}", f"use one of: {', '.join(known)}")
        if args.drills is not None and args.engine not in ("docker", "sim"):
            raise UserError(f"drills are not verified on {args.engine}", "use --engine sim or docker")
        return [args.engine]
    from hatlab.commands.support.output import print_progress
    from hatlab.engine.docker.connection import connect

    try:
        connect(args.context).close()
    except EngineError as error:
        print_progress(f"hatlab: not verified on Docker: {error.message}")
        return ["sim"]
    return ["sim", "docker"]


def _verify_on(
    lessons: list[Lesson], engine: str, args: Namespace, on_progress: OnProgress
) -> Iterator[LessonResult]:
    """Yield each lesson's result, in their order; several are played at once."""
    if engine == "sim":
        from hatlab.commands.support.verify_on_simulator import verify_on_simulator

        yield from verify_on_simulator(lessons)
        return
    if engine != "docker":
        from hatlab.commands.support.verify_on_simulator import verify_on_engine

        yield from verify_on_engine(lessons, engine)
        return
    from hatlab.commands.support.engine_choice import prepare_docker
    from hatlab.commands.support.verify_on_docker import DockerVerifier

    prepare_docker(args.context)
    yield from DockerVerifier(args.jobs, args.context, on_progress).verify(lessons)
