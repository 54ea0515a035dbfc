"""A class on two machines: `python -m tests.classroom.swarm [--only docker]`, by hand; it needs root.

Two Docker engines run in namespaces of their own and make a swarm (`private_swarm.py`). Four students click
their links: Swarm places their seats on both machines. One works, their machine is drained, and their link
leads to a seat on the other machine, where they were; a student for whom there is no room is told so. The
marks hold, and nothing is left in the end. Then a student's lab runs on the engine of their machine, and
ends with their seat.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyte

from hatlab.classroom.course import Course
from hatlab.classroom.machines import SEAT_IMAGE
from hatlab.classroom.new_course import make_course
from hatlab.classroom.running import ask_hub, hub_process
from tests.classroom.client import Learner
from tests.classroom.private_swarm import ENGINE_SOCKET, HUB, IN_NAMESPACES, PrivateSwarm, enter

ENGINES = ("simulator", "docker")
ADDRESS = f"http://{HUB}:8000"
_READS_WITHIN = 60.0
_began = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - _began:6.1f} s  {text}", flush=True)


class Student(Learner):
    """A student whose screen can be read."""

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self._screen = pyte.Screen(120, 35)
        self._stream = pyte.ByteStream(self._screen)

    async def come(self) -> None:
        """Follow the link, to a seat's terminal."""
        await self.open_page()
        await self.connect()

    async def reads(self, *texts: str, within: float = _READS_WITHIN) -> str:
        """Wait until the screen shows one of some texts; return which."""
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: any(text in self.shown() for text in texts))
        except TimeoutError:
            raise AssertionError(f"none of {texts} on the screen:\n{self.shown()}") from None
        return next(text for text in texts if text in self.shown())

    async def goes_on(self, text: str) -> None:
        """Press n until the next step is there: on a busy machine a step is drawn before it takes keys."""
        for _ in range(3):
            await self.type_keys(b"n")
            with suppress(AssertionError):
                await self.reads(text)
                return
        raise AssertionError(f"n does not lead to {text!r}")

    def shown(self) -> str:
        """What is on the screen."""
        self._stream.feed(self.output.replace(b"\x1bc", b"\x1b[2J"))
        self.output = b""
        return "\n".join(self._screen.display)


def make_class(folder: Path, reserve: int, *, socket_group: int | None = None) -> Course:
    """Make a class of six whose seats reserve some MB each; on Docker, if given the group of its sockets."""
    folder.mkdir()
    roster = folder / "people.csv"
    roster.write_text("".join(f"s{n:02},Student {n}\n" for n in range(1, 7)), encoding="utf-8")
    course, _ = make_course(folder / "course", roster, address=ADDRESS)
    values = {
        "spawner": '"swarm"',
        "storage": json.dumps(str(course.state / "seats")),
        "label": '"hatlab=seats"',
        "memory": str(reserve),
    }
    text = course.config_file.read_text(encoding="utf-8")
    if socket_group is not None:
        values["socket"] = json.dumps(ENGINE_SOCKET)
        text = text.replace("# socket_group = 998", f"socket_group = {socket_group}")
        text = text.replace('engine = "sim"', 'engine = "docker"').replace("idle = 30", "idle = 1")
    head, section, rest = text.partition("[machines]")
    for key, value in values.items():
        rest = "\n".join(f"{key} = {value}" if x.startswith(f"{key} =") else x for x in rest.splitlines())
    course.config_file.write_text(head + section + rest + "\n", encoding="utf-8")
    folder.chmod(0o755)
    return Course(course.folder)


def hatlab(*words: str) -> str:
    """Run a command of hatlab; return what it prints."""
    command = [sys.executable, "-m", "hatlab.cli", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


@contextmanager
def opened(course: Course) -> Iterator[dict[str, str]]:
    """Start a class as a teacher does; give everybody's link by their name, and stop it afterwards."""
    try:
        for line in hatlab("class", "start", str(course.folder)).splitlines():
            say(f"  {line}")
        links = hatlab("class", "links", str(course.folder), "--json").splitlines()
        yield {link["name"]: link["url"] for link in map(json.loads, links)}
    finally:
        for line in hatlab("class", "stop", str(course.folder)).splitlines():
            say(f"  {line}")


@contextmanager
def log_on_failure(course: Course) -> Iterator[None]:
    """Print the end of the hub's log if something fails."""
    try:
        yield
    except BaseException:
        print("\n".join((course.hub_folder / "hub.log").read_text(encoding="utf-8").splitlines()[-40:]))
        raise


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"{what} ({time.monotonic() - began:.1f} s)")


async def on_both_machines(swarm: PrivateSwarm, course: Course, links: dict[str, str]) -> None:
    """Four students; a machine that is drained; a class that is full."""
    async with AsyncExitStack() as stack:
        await _on_both_machines(swarm, course, links, stack)


async def _on_both_machines(
    swarm: PrivateSwarm, course: Course, links: dict[str, str], stack: AsyncExitStack
) -> None:
    def student_with(name: str) -> Student:
        student = Student(links[name])
        stack.push_async_callback(student.close)
        return student

    students = {name: student_with(name) for name in ("s01", "s02", "s03", "s04")}
    with timed("four students clicked at once, and have a screen"):
        await asyncio.gather(*(student.come() for student in students.values()))
        await asyncio.gather(*(student.reads("Enter") for student in students.values()))
    seats = swarm.seats()
    say(f"Swarm has placed them: {seats}")
    assert sorted(seats.values()) == ["one", "one", "two", "two"], seats

    ada = students["s01"]
    await ada.type_keys(b"\r")
    await ada.reads("Press Enter to answer")
    await ada.type_keys(b"S")
    await ada.reads("Kill mysqld on db1")
    await ada.type_keys(b"k")
    await ada.reads("✔ Kill mysqld on db1")
    await ada.reads("Be that person")
    await ada.type_keys(b"S")
    await ada.reads("step done")
    await ada.goes_on("2/2 An address that moves")
    say("s01 has worked: a task is done, a question and a task skipped; the second step is open")
    os.kill(hub_process(course).pid, signal.SIGKILL)
    await until(lambda: not hub_process(course).is_running)
    await asyncio.to_thread(hatlab, "class", "start", str(course.folder))
    await ada.type_keys(b"?")
    await ada.reads("Esc close")
    await ada.type_keys(b"\x1b")
    say("the hub was killed and started again: s01's seat and page went on")

    old = next(machine for machine in swarm.machines if machine.name == seats["s01"])
    (other,) = set(swarm.machines) - {old}
    moved = [name for name, machine in seats.items() if machine == old.name]

    with timed(f"{old.name} drained, and the pages there heard that their seat has ended"):
        swarm.update(old, "--availability", "drain")
        await asyncio.gather(*(students[name].hears("over") for name in moved))
    with timed("its seats are gone"):
        await until(lambda: not old.containers())
    again = {name: student_with(name) for name in moved}
    with timed("their links opened again lead to seats on the other machine"):
        await asyncio.gather(*(student.come() for student in again.values()))
        await asyncio.gather(*(student.reads("Enter") for student in again.values()))
    seats = swarm.seats()
    say(f"Swarm has placed them: {seats}")
    assert set(seats.values()) == {other.name}
    assert len(seats) == 4
    await again["s01"].type_keys(b"\r")
    await again["s01"].reads("2/2 An address that moves")
    say("s01 is where they were: in the second step")

    with timed("a fifth student is told that the class is full"):
        late = student_with("s05")
        said: list[str] = []
        with suppress(AssertionError):
            await late.open_page(on_page=said.append)
            said.append("a seat")
        assert "The class is full" in said[-1], said
    swarm.update(old, "--availability", "active")
    with timed("with both machines back, the same link leads to a seat"):
        late = student_with("s05")
        await late.come()
        await late.reads("Enter")
    assert swarm.seats()["s05"] == old.name

    spare, victim = (
        next(n for n, at in swarm.seats().items() if at == machine) for machine in ("one", "two")
    )
    ask_hub(course, "DELETE", f"/users/{spare}/server")
    await until(lambda: spare not in swarm.seats())
    loyal = again[victim] if victim in again else students[victim]
    swarm.kill(swarm.two)
    died = time.monotonic()
    say(f"machine two died, and with it the seat of {victim}")
    await asyncio.gather(_reload(loyal, died), _click_again(student_with(victim), died))
    assert swarm.seats()[victim] == "one"


async def _click_again(student: Student, died: float) -> None:
    """A student whose machine has just died clicks their link."""
    told: list[float] = []

    def read(page: str) -> None:
        if "does not answer" in page and not told:
            told.append(time.monotonic() - died)
            say(f"a link clicked at once: after {told[0]:.1f} s its page said: {sentence(page)}")

    await student.open_page(on_page=read)
    assert told, "no page said that the machine does not answer"
    await student.connect()
    await student.reads("Enter")
    say(f"and {time.monotonic() - died:.1f} s after it had a lab on one, with no further click")


async def _reload(student: Student, died: float) -> None:
    """A page of a seat whose machine has just died is loaded again."""
    text = await student.text_of(student.seat_path)
    say(f"a page loaded again waited {time.monotonic() - died:.1f} s: {sentence(text)}")


def sentence(page: str) -> str:
    """What a page of the hub says."""
    text = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


async def until(is_so: object, within: float = 180) -> None:
    assert callable(is_so)
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.2)


async def with_a_lab_on_docker(swarm: PrivateSwarm, links: dict[str, str]) -> None:
    """A lab on the engine of the seat's machine, which ends with the seat: left alone, or killed."""
    for how in ("left alone for a minute", "killed"):
        ada = Student(links["s01"])
        try:
            with timed("a student's lab on Docker is healthy"):
                await ada.come()
                await ada.reads("Enter")
                await ada.type_keys(b"\r")
                await ada.reads("Press Enter to answer")
            host = next(machine for machine in swarm.machines if machine.name == swarm.seats()["s01"])
            (other,) = set(swarm.machines) - {host}
            labs = host.containers("--filter", "label=hatlab.lab")
            say(f"on {host.name}: {', '.join(sorted(labs))}")
            assert len(labs) > 1
            assert not other.containers("--filter", "label=hatlab.lab")
            if how == "killed":
                (seat,) = [name for name in host.containers() if "-s01" in name]
                host.docker("kill", seat)
            with timed(f"the seat was {how}: it is gone, and its lab's containers"):
                await until(lambda host=host: not host.containers())
            with timed("the hub has removed its service"):
                await until(lambda: not swarm.one.docker("service", "ls", "-q"))
        finally:
            await ada.close()
    left = set(host.containers("-a"))
    say(f"a killed seat leaves {len(left)} containers on {host.name}, all of them stopped")
    swarm.update(other, "--availability", "drain")
    ada = Student(links["s01"])
    try:
        with timed("the student has come back there, and their new lab is healthy"):
            await ada.come()
            await ada.reads("Enter")
            await ada.type_keys(b"\r")
            await ada.reads("Press Enter to answer")
        assert not left & set(host.containers("-a")), "what the killed seat left is still there"
        say("what the killed seat left is gone")
    finally:
        await ada.close()
        swarm.update(other, "--availability", "active")


def check_marks(course: Course) -> None:
    """The recordings of s01 are signed, and the task counts; one that ended with its machine has no end."""
    marks = [json.loads(line) for line in hatlab("class", "marks", str(course.folder), "--json").splitlines()]
    (ada,) = [mark for mark in marks if mark["student"] == "s01"]
    (lesson,) = ada["lessons"]
    recordings, signature = len(lesson["recordings"]), lesson["signature"]
    doubts = ", ".join(doubt["code"] for doubt in ada["doubts"])
    say(f"marks of s01: from {recordings} recordings, {signature}; doubts: {doubts or 'none'}")
    assert recordings in {2, 3}
    assert signature == "signed"
    assert [doubt["code"] for doubt in ada["doubts"]] == ["no-end"] * (recordings - 2)
    assert lesson["tasks"][0]["seconds"] is not None


def play(swarm: PrivateSwarm, folder: Path, engines: Sequence[str]) -> None:
    """Do all of it."""
    with timed("two engines make a swarm, and have the image of a seat"):
        swarm.start()
    os.environ["DOCKER_HOST"] = swarm.one.engine
    for machine in swarm.machines:
        swarm.update(machine, "--label-add", "hatlab=seats")
    if "docker" in engines:
        socket = swarm.one.sockets / "docker.sock"
        course = make_class(folder / "docker", 0, socket_group=socket.stat().st_gid)
        with opened(course) as links, log_on_failure(course):
            asyncio.run(with_a_lab_on_docker(swarm, links))
        for machine in swarm.machines:
            assert not machine.containers("-a"), machine.containers("-a")
    if "simulator" in engines:
        on_the_simulator(swarm, folder)


def on_the_simulator(swarm: PrivateSwarm, folder: Path) -> None:
    """Four students on both machines."""
    memory = min(node["Description"]["Resources"]["MemoryBytes"] for node in swarm.nodes().values())
    course = make_class(folder / "simulator", int(memory / 1e6 / 4.5))
    with opened(course) as links, log_on_failure(course):
        asyncio.run(on_both_machines(swarm, course, links))
    assert not swarm.one.containers("-a"), swarm.one.containers("-a")
    assert not swarm.one.docker("service", "ls", "-q")
    say("nothing is left on the machines")
    check_marks(course)


def prepare(folder: Path, base: str | None, engines: Sequence[str]) -> list[Path]:
    """Build the image of a seat on this machine's own engine; return the images as files."""
    from hatlab.classroom.seat_image import build_seat_image
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.image.name import image_name

    build_seat_image(connect(), SEAT_IMAGE, lambda _line: None, lambda _work: None, base)
    names = [SEAT_IMAGE, *([image_name()] if "docker" in engines else [])]
    files = [folder / f"{number}.tar" for number, _ in enumerate(names)]
    for name, file in zip(names, files, strict=True):
        subprocess.run(["docker", "save", "-o", str(file), name], check=True)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=ENGINES, help="try this engine of labs, not both")
    parser.add_argument("--base", help="the image to build that of a seat on")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    engines = [arguments.only] if arguments.only else ENGINES
    if os.environ.get(IN_NAMESPACES):
        swarm = PrivateSwarm(arguments.folder / "engines", sorted(arguments.folder.glob("*.tar")))
        play(swarm, arguments.folder, engines)
        return 0
    with TemporaryDirectory(prefix="hatlab-swarm-", dir="/var/tmp") as folder:
        with timed("the image of a seat is built and saved"):
            prepare(Path(folder), arguments.base, engines)
        Path(folder).chmod(0o755)
        words = ["--folder", folder, *(["--only", arguments.only] if arguments.only else [])]
        return enter("tests.classroom.swarm", words)


if __name__ == "__main__":
    sys.exit(main())
