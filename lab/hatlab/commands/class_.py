"""Run a class: one link for each student, a lab in the browser for each of them, nothing to install for them.

`setup` fetches what pip does not bring, `new` makes the folder of a class from a list of people, `start` runs
it, `links` writes the links to hand out, `stop` ends everything. `image` builds the image of a seat, for
classes on several machines. `hatlab help class.md` tells the whole story.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hatlab.commands.grade import add_output_options, grade_everybody, write_marks
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_line, print_progress
from hatlab.errors import UserError
from hatlab.util.files import shipped_folder
from hatlab.util.paths import hatlab_command
from hatlab.util.text import join_names, plural

if TYPE_CHECKING:
    from hatlab.classroom.course import Course
    from hatlab.classroom.swarm import Room

EXAMPLE = """
hatlab class setup                                 fetch the proxy and the browser's terminal, once
hatlab class new course/ --roster people.csv       make a class from a list of people
hatlab class start course/                         run it
hatlab class links course/                         everybody's link, as CSV
hatlab class links course/ --html links.html       the same as cards with QR codes, to print
hatlab class links course/ --renew s07             s07's link counts no more; here is a new one
hatlab class marks course/                         everybody's marks, from the recordings of their seats
hatlab class image course/                         build the image of a seat, for several machines
hatlab class stop course/                          end it, with all labs; progress is kept
"""
NEEDED = ("jupyterhub", "segno")
"""What the extra brings."""
SPAWNERS = {"swarm": "dockerspawner", "kubernetes": "kubespawner"}
"""Where seats run → what its extra brings."""
VERBS = ("setup", "new", "start", "links", "marks", "image", "stop")
_OPTIONS = {
    "roster": ("new",),
    "address": ("new",),
    "title": ("new",),
    "html": ("links",),
    "renew": ("links",),
    "base": ("image",),
    "csv": ("marks",),
    "pages": ("marks",),
}
"""Option → the verbs that take it."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=VERBS, help="what to do")
    parser.add_argument("course", nargs="?", type=Path, metavar="COURSE", help="the folder of the class")
    parser.add_argument(
        "--roster", metavar="FILE", type=Path, help="new: a CSV file of people, such as s01,Ada Example"
    )
    parser.add_argument(
        "--address", metavar="URL", help="new: what students open, such as http://192.0.2.7:8000"
    )
    parser.add_argument("--title", metavar="TEXT", help="new: the title of the class")
    parser.add_argument(
        "--html", metavar="FILE", type=Path, help="links: write cards with QR codes, to print"
    )
    parser.add_argument(
        "--renew", metavar="NAME", help="links: give somebody a new link; the old one stops working"
    )
    parser.add_argument(
        "--base", metavar="IMAGE", help="image: the Debian image to build on (default: debian:trixie-slim)"
    )
    add_output_options(parser, "marks: ")
    add_json_option(parser, "print one JSON object: what was done, and where; links, marks: one a line")


def run(args: Namespace) -> int:
    _check(args)
    _require_extra()
    do = {
        "setup": _setup,
        "new": _new,
        "start": _start,
        "links": _links,
        "marks": _marks,
        "image": _image,
        "stop": _stop,
    }
    return do[args.what](args)


def _check(args: Namespace) -> None:
    """Raise a UserError for an option that the verb does not take, or one that is missing."""
    for option, verbs in _OPTIONS.items():
        if getattr(args, option) is not None and args.what not in verbs:
            raise UserError(f"hatlab class {args.what} takes no --{option}", f"it is for: {', '.join(verbs)}")
    if (args.course is None) != (args.what == "setup"):
        problem = "takes no folder" if args.course else "needs the folder of a class"
        raise UserError(f"hatlab class {args.what} {problem}", "hatlab class --help has examples")
    if args.what == "new" and args.roster is None:
        raise UserError(
            "a new class needs a list of people", f"hatlab class new {args.course} --roster people.csv"
        )


def _require_extra() -> None:
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UserError(f"a class needs {', '.join(missing)}", 'install it: pip install "hatlab[class]"')


def _setup(args: Namespace) -> int:
    from hatlab.classroom.setup import fetch_parts, missing_parts, parts_folder

    if not missing_parts():
        _tell(args, {"parts": str(parts_folder())}, f"Everything is there already, in {parts_folder()}.")
        return 0
    fetch_parts(print_progress)
    _tell(
        args,
        {"parts": str(parts_folder())},
        "Done. Now make a class: hatlab class new course/ --roster people.csv",
    )
    return 0


def _new(args: Namespace) -> int:
    from hatlab.classroom.new_course import make_course

    course, count = make_course(args.course, args.roster, address=args.address, title=args.title)
    first = course.read_students()[0]
    _tell(
        args,
        {"course": str(course.folder), "people": count},
        f"{course.folder} is a class of {count}. Look into its class.toml.",
        f"The first in its roster.csv is {first.name}: {first.shown_name}.",
        f"Then run: {hatlab_command()} class start {args.course}",
    )
    return 0


def _start(args: Namespace) -> int:
    from hatlab.classroom.course import open_course
    from hatlab.classroom.known_courses import remember_course
    from hatlab.classroom.renewal import end_renewed
    from hatlab.classroom.running import start_class

    course = open_course(args.course)
    rooms = _look_at_machines(course)
    is_new = start_class(course)
    remember_course(course.folder)
    end_renewed(course)
    say = "The class is open at {}." if is_new else "The class was open already, at {}."
    address = course.config.server.address
    _tell(
        args,
        {
            "course": str(course.folder),
            "address": address,
            "started": is_new,
            **({"room": [asdict(each) for each in rooms]} if rooms else {}),
        },
        say.format(address),
        *_describe_room(rooms),
        f"Everybody's link: {hatlab_command()} class links {args.course}",
        f"To end it: {hatlab_command()} class stop {args.course}",
    )
    return 0


def _look_at_machines(course: Course) -> list[Room]:
    """Return how many seats each machine of a swarm has room for; nothing where seats run otherwise.

    Raises:
        UserError: what this needs is missing, or the swarm cannot hold the class.
    """
    spawner = course.config.machines.spawner
    needed = SPAWNERS.get(spawner)
    if needed is not None and find_spec(needed) is None:
        raise UserError(
            f"a class on several machines needs {needed}", f'install it: pip install "hatlab[{spawner}]"'
        )
    if spawner != "swarm":
        return []
    from hatlab.classroom.swarm import check_swarm

    return check_swarm(course)


def _describe_room(rooms: Sequence[Room]) -> list[str]:
    if not rooms:
        return []
    each = ", ".join(f"{room.machine} {room.seats}" for room in rooms)
    one = "The machines have room for {count} seat: {each}."
    many = "The machines have room for {count} seats: {each}."
    return [plural(sum(room.seats for room in rooms), one, many, each=each)]


def _image(args: Namespace) -> int:
    from contextlib import closing

    from hatlab.classroom.course import open_course
    from hatlab.classroom.seat_image import build_hub_image, build_seat_image
    from hatlab.commands.support.progress import progress_bar
    from hatlab.engine.docker.connection import connect

    machines = open_course(args.course).config.machines
    names = [machines.image_name]
    with closing(connect(on_slow=print_progress)) as client, progress_bar() as bar:
        report = print_progress if args.json else bar.print_line
        build_seat_image(client, machines.image_name, report, bar.show, args.base)
        if machines.spawner == "kubernetes":
            names.append(machines.hub_image_name)
            build_hub_image(client, names[1], names[0], report, bar.show)
    _tell(args, {"images": names}, *_describe_images(names, is_for_cluster=machines.spawner == "kubernetes"))
    return 0


def _describe_images(names: Sequence[str], *, is_for_cluster: bool) -> list[str]:
    if is_for_cluster:
        folder = shipped_folder("compose") / "class"
        return [
            f"The images are {join_names(names)}. Push them to where the cluster finds them.",
            f"What the class needs there: {folder / 'kubernetes.yaml'}",
        ]
    (name,) = names
    bring = f"docker push {name}" if "/" in name else f"docker save {name} | ssh HOST docker load"
    return [f"The image of a seat is {name}.", f"For the other machines: {bring}"]


def _links(args: Namespace) -> int:
    from hatlab.classroom.course import open_course
    from hatlab.classroom.links import links_as_csv, links_as_page, make_links
    from hatlab.classroom.renewal import end_renewed
    from hatlab.classroom.roster import TEACHER
    from hatlab.util.files import write_text

    course = open_course(args.course)
    links = make_links(course)
    if args.renew is not None:
        if args.renew not in {link.name for link in links}:
            raise UserError(
                f"nobody in this class is called {args.renew!r}", f"{TEACHER}, or a name of roster.csv"
            )
        course.renew_link(args.renew)
        end_renewed(course)
        links = [link for link in make_links(course) if link.name == args.renew]
    if args.html is not None:
        write_text(args.html, links_as_page(course.config.class_.title, links))
        text = f"{args.html}: print it, cut out the cards and give each to its student."
        _tell(args, {"file": str(args.html), "links": len(links)}, text, *_warn_of_loopback(course))
        return 0
    if args.json:
        for link in links:
            print_json(asdict(link))
        return 0
    sys.stdout.write(links_as_csv(links))
    return 0


def _warn_of_loopback(course: Course) -> list[str]:
    """Return a sentence for whoever would hand out links that lead nowhere from another machine."""
    host = urlsplit(course.config.server.address).hostname
    if host not in {"127.0.0.1", "localhost", "::1"}:
        return []
    return [
        f"These links work on this machine alone. For others, set `address` in {course.config_file} first."
    ]


def _stop(args: Namespace) -> int:
    from hatlab.classroom.course import open_course
    from hatlab.classroom.running import stop_class

    was_running = stop_class(open_course(args.course), print_progress)
    text = "The class has ended." if was_running else "The class was not running."
    _tell(args, {"ended": was_running}, text)
    return 0


def _tell(args: Namespace, data: Mapping[str, Any], *lines: str) -> None:
    """Say what was done, in lines or as JSON."""
    if args.json:
        print_json(data)
        return
    for line in lines:
        print_line(line)


def _marks(args: Namespace) -> int:
    from dataclasses import replace

    from hatlab.classroom.course import open_course
    from hatlab.classroom.keys import signing_key, variant_seed
    from hatlab.classroom.marks.grade import ClassKeys
    from hatlab.classroom.marks.seats import seat_files
    from hatlab.lessons.library.loader import lesson_files

    course = open_course(args.course)
    students = course.read_students()
    secret = course.secret
    has_lessons = course.lessons.is_dir() and bool(lesson_files(course.lessons))
    files = {student.name: seat_files(course.seat_folder(student.name)) for student in students}
    marks = grade_everybody(
        files,
        course.lessons if has_lessons else None,
        lambda name: ClassKeys(signing_key(secret, name), variant_seed(secret, name)),
    )
    full_names = {student.name: student.full_name for student in students}
    return write_marks(args, [replace(each, full_name=full_names[each.name]) for each in marks])
