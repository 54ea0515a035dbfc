"""Runs on real keepalived that are kept in a folder, with what tcpdump captured on the nodes meanwhile.

So a run is made once, however often it is judged. tcpdump stands where an operator has it, in the node's own
network, on every interface at once (`-i any`, cooked frames).
"""

from __future__ import annotations

import contextlib
import json
import shlex
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from hatlab import events as e
from hatlab.actions.timed_script import read_script
from hatlab.capture_files import to_ethernet
from hatlab.engine.docker.engine import DockerEngine
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from hatlab.vrrp.codec import decode
from tests.field_cases.lab import write_topology
from tests.field_cases.table import CASES, FieldCase
from tests.incident.reproduce.honest import Story
from tests.parity.play import Acts, play_on
from tests.parity.scenarios import SCENARIOS
from tests.parity.scenarios import topology as topology_of

WANTED = "vrrp or ip6 proto 112 or proto 51 or arp or icmp6"
Make = Callable[[], DockerEngine]
_ETHERNET = 14
"""Bytes of a frame's own header."""
_SAME = 0.2
"""Seconds within which two clocks of one machine saw the same frame."""
_MOST_TRIES = 2
_LOOK = 0.02
"""Seconds between two looks for a container that has been started."""


class Tcpdump:
    """Captures in each of a lab's nodes from its start, and anew whenever it is started again.

    Args:
        engine: of the lab, which need not have been started.
        folder: where a file for each start of each node is written: `db1-0.pcap`.
    """

    def __init__(self, engine: DockerEngine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._ended = threading.Event()
        self._running: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Tcpdump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for process in self._running:
            process.terminate()
            process.wait()

    def _follow(self) -> None:
        seen: dict[str, list[int]] = {}
        while not self._ended.wait(_LOOK):
            for node, container in dict(self._engine.containers).items():
                with contextlib.suppress(Exception):  # it is being made, or was removed
                    pid = self._engine.client.api.inspect_container(container)["State"]["Pid"]
                    if pid and pid not in seen.setdefault(node, []):
                        seen[node].append(pid)
                        self._begin(pid, self._folder / f"{node}-{len(seen[node]) - 1}.pcap")

    def _begin(self, pid: int, file: Path) -> None:
        command = ["nsenter", "-t", str(pid), "-n", "tcpdump", "-i", "any", "-U", "-Z", "root"]
        self._running.append(
            subprocess.Popen(
                [*command, "-w", str(file), WANTED], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )


def keep_runs(folder: Path, names: tuple[str, ...]) -> None:
    """Play each scenario and field case that is not in the folder yet; one that fails is told, and left."""
    for scenario in SCENARIOS:
        if not names or scenario.title.startswith(names):
            made: Make = partial(DockerEngine, "two-node", topology_of(scenario))
            _keep(folder / scenario.slug, scenario.title, made, scenario.acts, scenario.length)
    for case in CASES:
        if not names or case.folder.startswith(names):
            acts, made = _of_case(case, folder)
            _keep(folder / case.folder, case.folder, made, acts, case.seconds)


def _of_case(case: FieldCase, folder: Path) -> tuple[Acts, Make]:
    file = write_topology(case, folder)
    topology = load_topology(str(file))
    layout = Layout.numbered(file.stem, topology)
    script = read_script(case.script, layout) if case.script else ()
    acts = tuple((line.at, shlex.join(line.words)) for line in script)
    return acts, partial(DockerEngine, file.stem, topology)


def _keep(home: Path, name: str, make_engine: Make, acts: Acts, length: float) -> None:
    for _ in range(_MOST_TRIES):
        if (home / "run.json").exists():
            return
        home.mkdir(parents=True, exist_ok=True)
        try:
            engine = make_engine()
            with Tcpdump(engine, home):
                run = play_on(engine, acts, length)
                zero = time.time() - engine.now()
        except Exception as error:  # noqa: BLE001  a campaign goes on, and tells it
            sys.stderr.write(f"{name}: {type(error).__name__}: {str(error)[:300]}\n")
            continue
        facts = {"name": name, "acts": [line for _, line in acts], "zero": zero}
        lines = [json.dumps(facts), *map(e.to_json, run.events)]
        (home / "run.json").write_text("\n".join(lines))
        sys.stderr.write(f"{name}: kept\n")
        return


def read_kept(folder: Path, names: tuple[str, ...]) -> Iterator[Story]:
    """Yield the runs of a folder."""
    for file in sorted(folder.glob("*/run.json")):
        first, *lines = file.read_text().splitlines()
        facts = json.loads(first)
        if not names or facts["name"].startswith(names):
            events = [e.from_dict(json.loads(line)) for line in lines]
            yield Story(facts["name"], tuple(facts["acts"]), events, facts["zero"], captures_in(file.parent))


def captures_in(home: Path) -> Mapping[str, tuple[Path, ...]]:
    """Return each node's captures."""
    found: dict[str, tuple[Path, ...]] = {}
    for file in sorted(home.glob("*.pcap")):
        node = file.stem.rpartition("-")[0]
        found[node] = (*found.get(node, ()), file)
    return found


def captures_of(story: Story, ahead: Mapping[str, float]) -> dict[str, list[bytes]]:
    """Return each node's captures by its clock, without the adverts that died at a cut.

    A lab's cut is behind the point where tcpdump sees frames; behind a broken switch it would have seen none.
    """
    return {
        node: [_by_clock(file.read_bytes(), story, node, ahead.get(node, 0.0)) for file in files]
        for node, files in story.captures.items()
    }


def _by_clock(capture: bytes, story: Story, node: str, ahead: float) -> bytes:
    arrived = [
        (event.at + story.zero, bytes.fromhex(event.frame)[_ETHERNET:])
        for event in story.events
        if isinstance(event, e.Advert) and event.node == node and event.direction == "received"
    ]
    link_type = struct.unpack_from("<I", capture, 20)[0]
    out, at = [capture[:24]], 24
    while at + 16 <= len(capture):
        seconds, micro, size, whole = struct.unpack_from("<IIII", capture, at)
        data, at = capture[at + 16 : at + 16 + size], at + 16 + size
        frame = to_ethernet(link_type, data)
        unix = seconds + micro / 1e6
        if frame is not None and frame.direction == "received" and decode(frame.data) is not None:
            packet = frame.data[_ETHERNET:]
            if not any(abs(when - unix) < _SAME and packet[:40] == heard[:40] for when, heard in arrived):
                continue
        moved = unix + ahead
        out.append(struct.pack("<IIII", int(moved), round(moved % 1 * 1e6) % 10**6, size, whole) + data)
    return b"".join(out)
