"""Find, name and fix an incident against the clock; then you see how an expert would have done it.

Without a name or a seed you get the kind that you should practise next, at the level you have reached.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from math import ceil
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.screen_options import add_screen_options
from hatlab.errors import UserError
from hatlab.util.paths import hatlab_command
from hatlab.util.text import plural

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.records.drill_file import DrillFile, FaultRecord

EXAMPLE = """
hatlab drill                       the next one for you
hatlab drill --level 2 --seed 7    one particular drill, the same for everyone
hatlab drill my-drill.md           one of your own
hatlab drill --table               which kinds of fault you miss
hatlab drill --export drills.json  take your record to another machine, and --import it there
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("drill", nargs="?", metavar="NAME", help="a shipped drill (--list), or a .md file")
    parser.add_argument(
        "--level", type=int, choices=(1, 2, 3), help="1: one plain fault, 2: a subtle one, 3: two at once"
    )
    parser.add_argument("--seed", metavar="N", type=int, help="one particular drill (default: a random one)")
    parser.add_argument("--topology", metavar="T", help="the lab: a shipped name or a .yaml file")
    parser.add_argument("--minutes", metavar="M", type=int, help="the time on the clock (default: 5)")
    parser.add_argument("--plain", action="store_true", help="text in, text out, without a screen")
    add_json_option(parser, "print one JSON object per line; not while you play")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument(
        "--list", action="store_true", help="list the shipped drills and those you played, with your best"
    )
    doing.add_argument("--table", action="store_true", help="show how you do with each kind of fault")
    doing.add_argument("--next", action="store_true", help="print which drill comes next, without playing it")
    doing.add_argument(
        "--export", metavar="FILE", type=Path, help="write your record to a file (- for stdout)"
    )
    doing.add_argument(
        "--import", dest="take", metavar="FILE", type=Path, help="read a record from such a file"
    )
    doing.add_argument("--reset", metavar="DRILL", help="forget a drill, or `all` of them")
    add_screen_options(parser, "engine", "docker_context", "language", "lessons", "record")


def run(args: Namespace) -> int:
    from hatlab.commands.support.drill_play import open_drill_file, play_drills
    from hatlab.commands.support.output import write_export

    drill_file = open_drill_file()
    if args.list:
        return _list_drills(drill_file, as_json=args.json)
    if args.table:
        return _print_table(drill_file, as_json=args.json)
    if args.export:
        return write_export(args.export, drill_file.to_json(), "your drills", as_json=args.json)
    if args.take:
        count = drill_file.merge_from(args.take)
        if args.json:
            print_json({"imported": count})
        else:
            sys.stdout.write(plural(count, "{count} drill imported\n", "{count} drills imported\n"))
        return 0
    if args.reset:
        return _reset(drill_file, args.reset, as_json=args.json)
    _check_play(args)
    draw = _drawer(args, drill_file)
    if args.next:
        return _print_next(draw(), as_json=args.json)
    first = draw() if args.drill is None and args.seed is None else _named_drill(args)
    return play_drills(args, first, drill_file, draw)


def _check_play(args: Namespace) -> None:
    """Refuse options that say nothing together.

    Raises:
        UserError: with what to give instead.
    """
    given = [f"--{name}" for name in ("level", "seed", "topology") if getattr(args, name) is not None]
    if args.drill is not None and given:
        raise UserError(
            f"{given[0]} has no meaning together with the drill {args.drill}", "give one or the other"
        )
    if args.minutes is not None and not 1 <= args.minutes <= 60:
        raise UserError(f"--minutes {args.minutes} is out of range", "give 1 to 60")
    if args.json and not args.next:
        raise UserError("--json has no meaning here", "use it with --list, --table or --next")


def _drawer(args: Namespace, drill_file: DrillFile) -> Callable[[], Lesson]:
    """Return the function that draws the next drill."""
    from hatlab.commands.support.drill_choice import draw_drill

    return lambda: _timed(draw_drill(args.level, args.topology, drill_file), args)


def _named_drill(args: Namespace) -> Lesson:
    """Return the drill that a name, a file or a seed stands for."""
    from hatlab.commands.support.drill_choice import find_drill, generate, to_lesson

    if args.drill is not None:
        return _timed(find_drill(args.drill), args)
    return _timed(to_lesson(generate(args.seed, args.level or 1, args.topology)), args)


def _timed(drill: Lesson, args: Namespace) -> Lesson:
    from hatlab.lessons.as_drill import as_drill

    return as_drill(drill, args.minutes)


def _print_next(drill: Lesson, *, as_json: bool) -> int:
    front = drill.front
    if as_json:
        data = {"id": front.id, "level": front.level, "faults": list(front.fault), "topology": front.topology}
        print_json(data)
        return 0
    seed = front.id.rpartition("-")[2]
    command = f"{hatlab_command()} drill --level {front.level} --seed {seed} --topology {front.topology}"
    sys.stdout.write(f"Next, at level {front.level}: {command}\n")
    return 0


def _reset(drill_file: DrillFile, name: str, *, as_json: bool) -> int:
    if name != "all" and name not in drill_file.drills:
        raise UserError(f"you have not played {name!r}", "hatlab drill --list lists them; or use --reset all")
    drill_file.reset(None if name == "all" else name)
    if as_json:
        print_json({"reset": name})
    else:
        sys.stdout.write("record cleared\n")
    return 0


def _list_drills(drill_file: DrillFile, *, as_json: bool) -> int:
    """Print each drill that ships, and each that was played, with the learner's best."""
    from hatlab.describe.times import format_moment
    from hatlab.drills import list_shipped
    from hatlab.lessons.records.drill_file import DrillRecord

    shipped = {entry.id: DrillRecord(entry.title, entry.level) for entry in list_shipped()}
    for name, record in (shipped | drill_file.drills).items():
        if as_json:
            print_json({"id": name, **asdict(record)})
            continue
        result = "not solved yet" if record.tries else ""
        if record.solved:
            result = f"{record.best} points in {format_moment(record.seconds)}"
        sys.stdout.write(f"level {record.level}  {name:<24} {record.title:<36} {result}".rstrip() + "\n")
    if not as_json:
        play = f"{hatlab_command()} drill"
        sys.stdout.write(f"\nPlay one of them: {play} NAME. The next one for you: {play}\n")
    return 0


def _print_table(drill_file: DrillFile, *, as_json: bool) -> int:
    """Print how the learner does with each kind of fault, those missed most first."""
    from hatlab.lessons.records.drill_report import most_missed

    rows = sorted(drill_file.faults.items(), key=lambda item: (-item[1].missed / item[1].tries, item[0]))
    if as_json:
        for name, fault in rows:
            print_json({"fault": name, **asdict(fault)})
        return 0
    if not rows:
        sys.stdout.write(f"You have not played a drill yet: {hatlab_command()} drill\n")
        return 0
    width = max(len(name) for name, _ in rows)
    sys.stdout.write(f"{'kind of fault':<{width}}  met  missed  comes back\n")
    for name, fault in rows:
        sys.stdout.write(f"{name:<{width}}  {fault.tries:>3}  {fault.missed:>6}  {_when_due(fault)}\n")
    if missed := most_missed(drill_file.faults):
        sys.stdout.write(f"\n{missed}\n")
    return 0


def _when_due(fault: FaultRecord) -> str:
    days = ceil((fault.due - time()) / 86_400)
    return "now" if days <= 0 else plural(days, "in {count} day", "in {count} days")
