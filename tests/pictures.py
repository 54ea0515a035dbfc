"""Takes the pictures of the README and docs/ from a real lab: python -m tests.pictures [WHICH]

Needs Docker and the node image, and about a minute and a half. WHICH is `capture` (needs tshark), `page`
(needs Chromium), `board` (that, too) or `incident`, which are taken when asked for alone.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text
from textual.pilot import Pilot

from hatlab import api
from hatlab import events as e
from hatlab.describe.shown_clock import use_clock
from hatlab.describe.times import RunClock
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.export.html import write
from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.sources import find_zone
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from tests.classroom.board.running_board import running_board
from tests.classroom.board.thirty import class_of_thirty, report_thirty
from tests.incident.field_files import write_files
from tests.support.browser import running_browser

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WIDE, SMALL = (140, 45), (80, 24)
DEADLINE = 60.0


def save(app: LabApp, name: str) -> None:
    save_svg(app.export_screenshot(title="hatlab"), name)


def save_svg(svg: str, name: str) -> None:
    """An SVG without the web fonts that Textual and Rich ask for: a picture must not call anybody."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"Fira Code", "DejaVu Sans Mono", svg)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop leading blanks without it
    (FOLDER / f"{name}.svg").write_text(svg)
    print(FOLDER / f"{name}.svg")  # noqa: T201


async def until(app: LabApp, true: Callable[[LabState], bool], linger: float = 0.0) -> None:
    """Waits for a condition on the state, then lets the screen go on for a moment."""
    ended = asyncio.get_running_loop().time() + DEADLINE
    while not true(app.state):
        if asyncio.get_running_loop().time() > ended:
            raise TimeoutError("the lab did not get there")
        await asyncio.sleep(0.05)
    await asyncio.sleep(linger)


def master(node: str) -> Callable[[LabState], bool]:
    return lambda state: state.nodes[node].instances["VI_1"].reported == "MASTER"


async def failover(app: LabApp, pilot: Pilot[int]) -> None:
    """Wide: mysqld killed, db2 took over; then the heartbeat cut, and an advert read."""
    await until(app, lambda s: s.ready, 4)
    await pilot.press("k")
    await until(app, lambda s: bool(s.nodes) and master("db2")(s), 7)
    save(app, "failover")
    await pilot.press("u")
    await until(app, master("db1"), 3)
    await pilot.press("c")
    await until(app, lambda s: "split_brain" in s.conditions, 6)
    save(app, "split-brain")


def take_page() -> None:
    """The page of a failover and a split brain, at a moment of that."""
    with api.run_lab("two-node", engine="docker") as lab:
        lab.wait_for(lambda state: state.ready)
        for line, seconds in (
            *(("kill mysqld db1", 15), ("start mysqld db1", 15)),
            *(("cut heartbeat", 18), ("heal heartbeat", 12), ("stop keepalived db1", 8)),
        ):
            lab.act(line)
            lab.run_for(seconds)
        steps = list(lab.steps())
    split = next(
        s.event.at for s in steps if isinstance(s.event, e.Condition) and s.event.name == "split_brain"
    )
    with TemporaryDirectory() as folder, running_browser() as browser:
        path = Path(folder) / "run.html"
        with path.open("wb") as out:
            write(out, steps)
        page = browser.new_page()
        page.size(1200, 905)
        page.prefer(color_scheme="dark")
        page.open(path, f"#t={split + 6.3:.2f}", ready="document.documentElement.matches('.has-player')")
        page.run("scrollTo(0, document.getElementById('player').offsetTop - 14)")
        page.screenshot(FOLDER / "player.png")


def take_board() -> None:
    """The board of a class of thirty, on a laptop and on a phone."""
    students = [
        replace(s, full_name=s.full_name if s.full_name.isascii() else "Wang") for s in class_of_thirty()
    ]
    with (
        running_board(students=students, title="High availability, Monday") as board,
        running_browser() as browser,
    ):
        report_thirty(board)
        page = browser.new_page()
        page.open_address(board.address, ready="document.querySelectorAll('#rows tr').length === 30")
        for name, width, height, scheme in (("board", 1280, 800, "light"), ("board-phone", 360, 700, "dark")):
            page.size(width, height)
            page.prefer(color_scheme=scheme)
            page.screenshot(FOLDER / f"{name}.png")


async def small(app: LabApp, pilot: Pilot[int]) -> None:
    """80x24: a healthy pair."""
    await until(app, lambda s: s.ready, 5)
    save(app, "small")


async def lesson(app: LabApp, pilot: Pilot[int]) -> None:
    """A prediction locked, db1 without power, and the measured truth beside what was said."""
    await pilot.pause(1)
    await pilot.press("enter")
    await until(app, lambda s: s.ready, 3)
    await pilot.press(*"3.6", "enter")
    await pilot.pause(0.5)
    await pilot.press(*"3.5", "enter")
    await pilot.pause(2)
    await pilot.press("o")
    await until(app, lambda s: bool(s.nodes) and master("db2")(s), 5)
    save(app, "lesson")


async def take_lesson() -> None:
    runner = LessonRunner(load_lesson("timers"))
    session = Session(DockerEngine("two-node", load_topology("two-node"), reason="a Docker engine answers"))
    app = LabApp(session, runner=runner)
    try:
        async with app.run_test(size=WIDE) as pilot:
            await lesson(app, pilot)
    finally:
        session.stop()


async def take(size: tuple[int, int], play: Callable[[LabApp, Pilot[int]], object]) -> None:
    session = Session(DockerEngine("two-node", load_topology("two-node"), reason="a Docker engine answers"))
    app = LabApp(session)
    try:
        async with app.run_test(size=size) as pilot:
            await play(app, pilot)  # type: ignore[misc]
    finally:
        session.stop()


def capture() -> None:
    """What tshark shows of a failover, as it happens."""
    shown = ["frame.time_relative", "frame.interface_name", "vrrp.prio", "frame.comment"]
    tshark = f"tshark -l -r - -T fields -E occurrence=f -E separator=/s {' '.join(f'-e {x}' for x in shown)}"
    command = f"hatlab capture --filter 'vrrp or arp src host 198.18.0.100' db2 | {tshark}"
    with TemporaryDirectory(prefix="hl") as folder:
        script = Path(folder) / "script.txt"
        script.write_text("1.5 kill mysqld db1\n8 end\n")
        environ = {
            **os.environ,
            "XDG_STATE_HOME": folder,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        lab = Popen(
            ["hatlab", "start", "--engine", "docker", "--script", script], env=environ, stdout=DEVNULL
        )
        out = run(
            command.replace("capture", "capture --wait"),
            shell=True,
            env=environ,
            stdout=PIPE,
            text=True,
            check=True,
        ).stdout
        lab.wait(60)
    lines = out.splitlines()
    console = Console(record=True, width=118, file=io.StringIO())
    console.print(Text(f"$ {command}"), style="bold")
    for line in lines:
        time, node, network, prio, comment = line.split(" ", 4)
        console.print(
            Text.assemble(
                (f"{float(time):9.6f}  ", "dim"), f"{node} {network:<10}", f"{prio:>4}  ", (comment, "green")
            ),
            no_wrap=True,
        )
    save_svg(console.export_svg(title="hatlab capture"), "capture")


async def take_incident() -> None:
    """The Master of a pair loses power: two logs in whole seconds, one clock wrong, one capture, imported."""
    with api.run_lab("two-node", engine="docker") as lab, TemporaryDirectory() as folder:
        lab.wait_for(lambda state: state.ready)
        for line, owner in (("power off db1", "db2"), ("power on db1", "db1")):
            lab.run_for(8)
            lab.act(line)
            lab.wait_for(master(owner), seconds=DEADLINE)
        lab.run_for(3)
        events = sorted((step.event for step in lab.steps()), key=lambda event: event.at)
        files = write_files(events, Path(folder), captures=("db2",), ahead={"db2": -37.4})
        incident = import_incident(find_files(files), zone=find_zone("UTC"))
        path = Path(folder) / "incident.jsonl"
        path.write_text("".join(e.to_json(event) + "\n" for event in incident.events))
        engine = ReplayEngine(path, 1.0)
        use_clock(RunClock.of_day(engine.recording.lab.started))
        masters = (ev for _, ev in engine.recording.read() if isinstance(ev, e.Vrrp) and ev.state == "MASTER")
        engine.begin_at(next(ev.at for ev in masters if ev.node == "db2") + 1.5)
        session = Session(engine)
        app = LabApp(session)
        try:
            async with app.run_test(size=(120, 35)) as pilot:
                await until(app, lambda s: bool(s.nodes) and master("db2")(s), 4)
                await pilot.press("p")
                await pilot.pause(0.5)
                save(app, "incident")
        finally:
            session.stop()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    if sys.argv[1:] == ["capture"]:
        capture()
    elif sys.argv[1:] == ["page"]:
        take_page()
    elif sys.argv[1:] == ["board"]:
        take_board()
    elif sys.argv[1:] == ["incident"]:
        asyncio.run(take_incident())
    else:
        asyncio.run(take(WIDE, failover))
        asyncio.run(take(SMALL, small))
        asyncio.run(take_lesson())
