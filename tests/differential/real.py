"""Plays cases with real keepalived: starts the container, hands it cases, reads what was seen."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.image.name import choose_image
from hatlab.engine.simulator.keepalived.daemon import START
from hatlab.util.files import shipped_folder
from tests.differential.case import DEVICES, Case, Step
from tests.differential.outcome import Fact, Outcome, read_frame, read_notify

FOLDER = Path(__file__).parent
_RIGHTS = ("NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_NICE")
LONGEST_START = 2.0
"""Seconds that a start or a reload may take on a busy machine."""
_STARTED = (re.compile(r"STATE \(init\)$"), re.compile(r"^Startup complete$"))
_RELOADING = (re.compile(r"^Reloading$"),)
_NEW_PROCESS = re.compile(r"^Starting Keepalived|died: Respawning$")
Seen = dict[str, Any]
"""What the container tells of a case: kind of fact → [seconds, …] of each."""


class RealRunFailed(Exception):
    """The container could not play a case; the text says why."""


class RealKeepalived:
    """A container in which cases are played, some at once. Any thread may ask; leaving the block ends it all.

    Args:
        parallel: how many cases at once.
        kept: a folder for what was seen; a case that is in it already is not played again.
    """

    def __init__(self, parallel: int, kept: Path | None = None) -> None:
        self._parallel, self._kept = parallel, kept
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Case, Future[Outcome]]] = {}
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        if self._process is not None:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.terminate()
            self._process.wait()

    def play(self, case: Case, *, again: bool = False) -> Future[Outcome]:
        """Play a case, in real time, and give its outcome; RealRunFailed if that cannot be done.

        Args:
            again: also if it is kept from another time.
        """
        future: Future[Outcome] = Future()
        file = self._file(case)
        if file is not None and file.exists() and not again:
            future.set_result(_outcome(case, json.loads(gzip.decompress(file.read_bytes()))))
            return future
        with self._lock:
            process = self._start()
            assert process.stdin
            self._asked += 1
            self._waiting[str(self._asked)] = (case, future)
            process.stdin.write(json.dumps({"id": str(self._asked), **_to_request(case)}) + "\n")
            process.stdin.flush()
        return future

    def _file(self, case: Case) -> Path | None:
        digest = hashlib.sha256(json.dumps(case.to_data()).encode()).hexdigest()
        return self._kept / f"{digest[:16]}.json.gz" if self._kept else None

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = _command(self._parallel)
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        return self._process

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                seen = json.loads(line)
                with self._lock:
                    case, future = self._waiting.pop(seen.pop("id"))
                if "error" in seen:
                    future.set_exception(RealRunFailed(seen["error"]))
                    continue
                if file := self._file(case):
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(gzip.compress(json.dumps(seen).encode()))
                future.set_result(_outcome(case, seen))
        for _, future in self._waiting.values():
            future.set_exception(RealRunFailed("the container ended before its cases did"))


def _command(parallel: int) -> list[str]:
    client = connect()
    try:
        image = choose_image(client)
    finally:
        client.close()
    return [
        *("docker", "run", "--rm", "--interactive", "--init", "--network", "none", "--tmpfs", "/labs"),
        *(f"--cap-add={right}" for right in _RIGHTS),
        *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
        *("--label", "hatlab.differential", "--volume", f"{FOLDER}:/bench/differential:ro"),
        *("--volume", f"{shipped_folder('compose')}:/bench/compose:ro"),
        *("--env", "PYTHONPATH=/bench", "--env", "PYTHONDONTWRITEBYTECODE=1"),
        *("--cpu-shares", "8192"),
        *("--entrypoint", "python3", image, "-m", "differential.namespaces", str(parallel)),
    ]


def _to_request(case: Case) -> dict[str, Any]:
    return {
        "nodes": {
            name: {
                "conf": conf,
                "files": dict(case.files),
                "interfaces": {device: _interface(case, name, device) for device in DEVICES},
            }
            for name, conf in case.confs.items()
        },
        "steps": [[step.at, *_to_words(step, text)] for step, text in case.resolved_steps()],
        "length": case.length,
    }


def _interface(case: Case, node: str, device: str) -> dict[str, Any]:
    """Return a device's MAC, the one that the simulator gives it, and its addresses."""
    four, *six = case.addresses(node, device)
    mac = "02:42:" + ":".join(f"{int(octet):02x}" for octet in four.split("."))
    return {"mac": mac, "addresses": [f"{four}/24", *(f"{address}/64 nodad" for address in six)]}


def _to_words(step: Step, text: str) -> list[Any]:
    node, words = step.node, step.words
    match step.verb:
        case "edit":
            return ["edit", node, text]
        case "write":
            path, _, content = words.partition(" ")
            return ["write", node, path, content + "\n"]
        case "remove":
            return ["write", node, words, None]
        case "down" | "up":
            return ["link", node, words, step.verb == "up"]
        case "deaf" | "hears":
            return ["deaf", node, words, step.verb == "deaf"]
        case _:
            return [step.verb, node, *([words] if words else [])]


def _outcome(case: Case, seen: Seen) -> Outcome:
    unwatched = case.own_addresses() | case.loopback_addresses()
    frames = (read_frame(node, dev, at, bytes.fromhex(data)) for at, node, dev, data in seen["frames"])
    read = [fact for fact in frames if fact is not None]
    starts = [(at, node) for at, node, text in seen["logs"] if _NEW_PROCESS.search(text)]
    return Outcome(
        states=tuple(read_notify(seen["notified"], starts)),
        adverts=tuple(fact for kind, fact in read if kind == "adverts"),
        announcements=tuple(fact for kind, fact in read if kind == "announcements"),
        addresses=tuple(
            Fact(at, f"{node} {address}", "held" if held else "gone")
            for at, node, address, held in seen["addresses"]
            if address not in unwatched and not address.startswith("fe80")
        ),
        logs=tuple(Fact(at, node, text) for at, node, text in seen["logs"]),
        done=tuple(_step_times(case, seen)),
    )


def _step_times(case: Case, seen: Seen) -> Iterator[float]:
    """Yield when each step was done. On a busy machine starts and reloads take long: they count from the line
    with which the VRRP process begins, where the simulator's count from it, too."""
    begins = {"start": (_STARTED, START), "edit": (_RELOADING, 0.0)}
    silent = {step.node for step in case.steps}
    """Nodes whose keepalived does not run: an edit of theirs is no reload, nor is one of a frozen node."""
    used = set[tuple[str, float]]()
    for step, (at,) in zip(case.steps, seen["done"], strict=True):
        if step.verb in {"start", "thaw"}:
            silent.discard(step.node)
        elif step.verb in {"stop", "kill", "freeze"}:
            silent.add(step.node)
        if step.verb not in begins or step.node in silent:
            yield at
            continue
        patterns, before = begins[step.verb]
        lines = [
            (t, text)
            for t, node, text in seen["logs"]
            if node == step.node and 0 <= t - at < LONGEST_START and (step.verb, t) not in used
        ]
        found = (t for pattern in patterns for t, text in lines if pattern.search(text))
        begun = next(found, at + before)
        used.add((step.verb, begun))
        yield max(at, begun - before)
