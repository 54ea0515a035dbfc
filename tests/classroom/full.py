"""Docker seats until memory ends: `python -m tests.classroom.full [--memory 3000]`, by hand; it needs root.

A class of its own, with an engine of its own for the labs, in namespaces; both may take so many MB together,
as on a machine that has no more (a control group of memory; the engine's own program is outside). Students
click their links one after the other, and each goes into a lab on Docker, until one does not get in. Told are
what each took, what who did not get in read, whether everybody else's lab is as it was, what the kernel
killed, and that there is room again once somebody has left. `--reserve 1` lets in until the kernel kills.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hatlab.classroom.course import Course
from hatlab.classroom.running import ask_hub, hub_process
from hatlab.engine.docker.image.name import image_name
from tests.classroom.private_swarm import CONTROL_GROUPS, IN_NAMESPACES, Machine, enter, run
from tests.classroom.running_class import new_course, running
from tests.classroom.swarm import Student, say, sentence

GROUP = "hatlab-full"
_MOST_STUDENTS = 40
_IN_TIME = 200.0


class MemoryGroup:
    """A control group for a class and its labs, of version 1 or 2.

    Args:
        megabytes: the most that all in it may take.
    """

    def __init__(self, megabytes: int) -> None:
        first = CONTROL_GROUPS / "memory"
        self.is_first = first.is_dir()
        self.folder = (first if self.is_first else CONTROL_GROUPS) / GROUP
        self.folder.mkdir(exist_ok=True)
        (self.folder / self._name("limit_in_bytes", "max")).write_text(str(megabytes * 1_000_000))

    def _name(self, first: str, second: str) -> str:
        return f"memory.{first if self.is_first else second}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be in it meanwhile; what is started is in it for ever."""
        mine = [line.split(":") for line in Path("/proc/self/cgroup").read_text().splitlines()]
        (path,) = [path for _, what, path in mine if what == ("memory" if self.is_first else "")]
        self._take(self.folder)
        try:
            yield
        finally:
            self._take(self.folder.parent / path.lstrip("/"))

    def _take(self, folder: Path) -> None:
        (folder / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def used(self) -> float:
        """MB in use, without what the kernel can drop: files that it has read."""
        stat = dict(line.split() for line in (self.folder / "memory.stat").read_text().splitlines())
        current = int((self.folder / self._name("usage_in_bytes", "current")).read_text())
        dropped = int(stat.get("total_inactive_file", stat.get("inactive_file", 0)))
        return (current - dropped) / 1e6


@contextmanager
def private_engine(folder: Path, image: Path) -> Iterator[Machine]:
    """An engine whose containers count in the group, with the node image."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")
    Path("/run/engine").mkdir()
    machine = Machine("one", "127.0.0.1", folder)
    words = [
        "dockerd",
        "--data-root",
        str(folder / "data"),
        "--exec-root",
        "/run/exec",
        "--pidfile",
        "/run/d.pid",
    ]
    words += ["--host", machine.engine, "--cgroup-parent", f"/{GROUP}/labs"]
    machine.sockets.mkdir()
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    machine.wait_for_engine()
    machine.docker("load", "-q", "-i", str(image))
    try:
        yield machine
    finally:
        engine.terminate()
        engine.wait(60)


async def open_lab(link: str) -> tuple[Student, str]:
    """Click a link and go into the first lesson; return who did, and what kept them out, empty if nothing."""
    student = Student(link)
    seen: list[str] = []
    began = time.monotonic()
    try:
        async with asyncio.timeout(_IN_TIME):
            await student.open_page(on_page=seen.append)
            await student.connect()
            if await student.reads("Over the address", "Enter", within=_IN_TIME) == "Enter":
                await student.type_keys(b"\r")
            await student.reads("Over the address", within=_IN_TIME)
    except (AssertionError, OSError, TimeoutError) as error:
        what = sentence(seen[-1]) if seen and not student.bytes else str(error) or student.shown()
        return student, f"after {time.monotonic() - began:.1f} s: {what}"
    return student, ""


def kernel_says() -> list[str]:
    """The kernel's lines about processes that it killed."""
    lines = subprocess.run(["dmesg"], capture_output=True, text=True, check=False).stdout.splitlines()
    return [line.partition("] ")[2] for line in lines if "Killed process" in line]


async def fill(course: Course, links: dict[str, str], group: MemoryGroup, machine: Machine) -> None:
    """Let one student after the other in, until one is not, or the kernel kills."""
    inside: dict[str, Student] = {}
    before, killed = group.used, kernel_says()
    say(f"hub, proxy and board take {before:.0f} MB")
    names = [name for name in sorted(links) if name != "teacher"]
    for name in names:
        used = group.used
        student, problem = await open_lab(links[name])
        if problem:
            say(f"{name} did not get in, {problem}")
            await student.close()
            break
        inside[name] = student
        say(f"{name} is in: {group.used - used:.0f} MB more, {group.used:.0f} MB in all")
        if kernel_says() != killed:
            break
    assert inside, "nobody got in"
    await asyncio.sleep(30)  # they go on, and the databases grow
    each = (group.used - before) / len(inside)
    say(f"{len(inside)} students are in; each takes {each:.0f} MB, half a minute later")
    new = [line for line in kernel_says() if line not in killed]
    say(f"killed: {len(new)}; the hub runs: {hub_process(course).is_running}")
    for line in new:
        say(f"  kernel: {line[:150]}")
    for who, student in inside.items():
        alive = machine.docker("ps", "--filter", "label=hatlab.lab", "--format", "{{.Names}}").split()
        await student.type_keys(b"?")
        await student.reads("Esc close")
        await student.type_keys(b"\x1b")
        say(f"  {who}'s lab answers keys; in all {len(alive)} containers run")
    leaver = min(inside)
    ask_hub(course, "DELETE", f"/users/{leaver}/server")
    say(f"{leaver} has left; now the one who did not get in tries again")
    inside["again"], problem = await open_lab(links[name])
    say(f"{name} {problem or 'is in'}")
    for student in inside.values():
        await student.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--memory", type=int, default=3000, help="MB for the class and its labs")
    parser.add_argument(
        "--reserve", type=int, default=0, help="what a seat is thought to take, MB; 0: as usual"
    )
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if os.environ.get(IN_NAMESPACES):
        return play(arguments.folder, arguments.memory, arguments.reserve)
    with TemporaryDirectory(prefix="hatlab-full-", dir="/var/tmp") as folder:
        run("docker", "save", "-o", f"{folder}/node.tar", image_name())
        return enter("tests.classroom.full", ["--folder", folder, *sys.argv[1:]])


def play(folder: Path, megabytes: int, reserve: int) -> int:
    """Do all of it, with so many MB for the class; each seat is thought to take `reserve` of them."""
    group = MemoryGroup(megabytes)
    with ExitStack() as stack:
        (folder / "engine").mkdir()
        machine = stack.enter_context(private_engine(folder / "engine", folder / "node.tar"))
        os.environ["DOCKER_HOST"] = machine.engine
        course = new_course(folder, _MOST_STUDENTS, engine='"docker"', run='"learn kill-mysqld"')
        text = course.config_file.read_text(encoding="utf-8").split("[machines]")
        text[1] = text[1].replace("memory = 0", f"memory = {reserve}")
        course.config_file.write_text("[machines]".join(text), encoding="utf-8")
        with group.entered():
            links = stack.enter_context(running(course))
        asyncio.run(fill(course, links, group, machine))
    return 0


if __name__ == "__main__":
    sys.exit(main())
