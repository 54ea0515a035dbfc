"""Runs on real keepalived that are kept in a folder, with what tcpdump captured on the nodes meanwhile.

So a run is made once, however often it is judged. tcpdump stands where an operator has it, in the node's own
network, on every interface at once (`-i any`, cooked frames).
"""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from hatlab import events as e
from hatlab.actions.timed_script import read_script
from hatlab.engine.docker.engine import DockerEngine
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.field_cases.lab import write_topology
from tests.field_cases.table import CASES, FieldCase
from tests.incident.reproduce.honest import Story
from tests.parity.play import Acts, play_on
from tests.parity.scenarios import SCENARIOS
from tests.parity.scenarios import topology as topology_of

WANTED = "vrrp or proto 51 or arp or icmp6"
Make = Callable[[], DockerEngine]
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
