"""Plays cases with real keepalived: starts the container, hands it cases, reads what was seen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.image.name import choose_image
from hatlab.engine.simulator.keepalived.daemon import START
from hatlab.util.files import shipped_folder
from tests.differential.case import DEVICES, Case, Step
from tests.differential.outcome import Fact, Outcome, read_frame, read_notify

FOLDER = Path(__file__).parent
_RIGHTS = ("NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_NICE")


class RealRunFailed(Exception):
    """The container could not play a case; the text says why."""


def play_all(cases: Iterable[tuple[str, Case]], parallel: int) -> Iterator[tuple[str, Outcome]]:
    """Play cases with names, some at once; yield each outcome as it comes.

    Raises:
        RealRunFailed: a case could not be played.
    """
    named = dict(cases)
    process = subprocess.Popen(_command(parallel), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        for name, case in named.items():
            process.stdin.write(json.dumps({"id": name, **_to_request(case)}) + "\n")
        process.stdin.close()
        for line in process.stdout:
            answer = json.loads(line)
            if "error" in answer:
                raise RealRunFailed(answer["error"])
            case = named.pop(answer["id"])
            yield answer["id"], _outcome(case, answer)
        if named:
            raise RealRunFailed("the container ended before its cases did")
    finally:
        process.terminate()
        process.wait()


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
        *("--entrypoint", "python3", image, "-m", "differential.namespaces", str(parallel)),
    ]


def _to_request(case: Case) -> dict[str, Any]:
    return {
        "nodes": {
            name: {
                "conf": conf,
                "files": dict(case.files),
                "addresses": {device: f"{case.address(name, device)}/24" for device in DEVICES},
            }
            for name, conf in case.confs.items()
        },
        "steps": [[step.at, *_to_words(step, text)] for step, text in case.resolved_steps()],
        "length": case.length,
    }


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


def _outcome(case: Case, seen: dict[str, Any]) -> Outcome:
    own = case.own_addresses()
    frames = (
        read_frame(node, device, at, bytes.fromhex(frame)) for at, node, device, frame in seen["frames"]
    )
    read = [fact for fact in frames if fact is not None]
    states = (read_notify(node, at, line) for at, node, line in seen["notified"])
    return Outcome(
        states=tuple(fact for fact in states if fact is not None),
        adverts=tuple(fact for kind, fact in read if kind == "adverts"),
        announcements=tuple(fact for kind, fact in read if kind == "announcements"),
        addresses=tuple(
            Fact(at, f"{node} {address}", "held" if held else "gone")
            for at, node, address, held in seen["addresses"]
            if address not in own and not address.startswith("fe80")
        ),
        logs=tuple(Fact(at, node, text) for at, node, text in seen["logs"]),
        done=tuple(_step_times(case, seen)),
    )


def _step_times(case: Case, seen: dict[str, Any]) -> Iterator[float]:
    """Yield when each step was done; a start counts from the child's first line, however long that took."""
    for step, (at,) in zip(case.steps, seen["done"], strict=True):
        lines = (
            when
            for when, node, text in seen["logs"]
            if node == step.node and when >= at - 0.05 and text.startswith("Starting VRRP child process")
        )
        yield next(lines, at + START) - START if step.verb == "start" else at
