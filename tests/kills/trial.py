"""One trial: hatlab is killed in the middle of something; then nothing of its lab may be left."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hatlab.control import list_running_labs, request_result
from hatlab.engine.docker.labels import LAB
from tests.kills.plan import Plan
from tests.kills.process import HatlabProcess, run_hatlab

READY_WITHIN = 120.0
ENDS_WITHIN = 60.0
"""Seconds within which a hatlab ends that was asked to."""
LEASE_WITHIN = 110.0
"""Seconds after which no container of a killed hatlab may run."""


@dataclass(slots=True)
class Outcome:
    """What came of a trial."""

    plan: Plan
    labs: list[str] = field(default_factory=list)
    left_by_kill: int = 0
    """Containers and networks that were there when hatlab was dead."""
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def play(plan: Plan, client: Any) -> Outcome:
    """Play a trial on the engine of this client."""
    outcome = Outcome(plan)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hlk") as folder:
        state = Path(folder)
        try:
            _play(plan, client, state, outcome)
        except Exception as error:  # noqa: BLE001 - a trial that cannot be played is a failure of the campaign
            outcome.problems.append(f"{type(error).__name__}: {error}")
        finally:
            if any(objects_of(client, labs_in(state))):
                run_hatlab(state, "down")
    outcome.seconds = time.monotonic() - began
    return outcome


def _play(plan: Plan, client: Any, state: Path, outcome: Outcome) -> None:
    if plan.stage == "build":
        argv = ["image", "build"]
    else:
        argv = ["start", plan.topology, "--engine", "docker", *([] if plan.on_screen else ["--headless"])]
    process = HatlabProcess(state, plan.on_screen, *argv)
    other: HatlabProcess | None = None
    try:
        if plan.stage not in ("start", "build"):
            _wait_until_ready(state, process)
        if plan.stage == "down":
            other = HatlabProcess(state, False, "down")
        elif action := {"fault": plan.action, "reset": "reset"}.get(plan.stage):
            threading.Thread(target=_act, args=(state, action), daemon=True).start()
        time.sleep(plan.delay)
        process.end(plan.signal)
        if other is not None and plan.number % 2:
            other.end("KILL")
        if not process.wait(ENDS_WITHIN):
            outcome.problems.append(f"it had not ended {ENDS_WITHIN:g} s after {plan.signal}")
        if other is not None and not other.wait(ENDS_WITHIN):
            outcome.problems.append(f"`down` had not ended within {ENDS_WITHIN:g} s")
    finally:
        process.close()
        if other is not None:
            other.close()
    outcome.labs = labs_in(state)
    left = sum(map(len, objects_of(client, outcome.labs)))
    outcome.left_by_kill = left
    if plan.signal != "KILL" and left:
        outcome.problems.append(f"{left} objects left although it ended by itself")
    _clear(plan, client, state, outcome)


def _wait_until_ready(state: Path, process: HatlabProcess) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if not process.runs:
            raise RuntimeError("it ended before it was ready")
        if any(lab.ready for lab in list_running_labs(sockets_of(state))):
            return
        time.sleep(0.1)
    raise RuntimeError(f"it was not ready within {READY_WITHIN:g} s")


def sockets_of(state: Path) -> Path:
    """The folder of the control sockets, once there is one."""
    return next((state / "hatlab" / "run").glob("*"), state)


def _act(state: Path, action: str) -> None:
    try:
        lab = list_running_labs(sockets_of(state))[0]
        request_result(lab.path, {"ask": "do", "words": action.split()})
    except Exception:  # noqa: BLE001 - the lab is being killed
        pass


def labs_in(state: Path) -> list[str]:
    """Return the ids of all labs of a state folder: of its records and recordings."""
    records = {path.stem for path in state.glob("hatlab/labs/*.json")}
    recordings = {path.stem.split("-", 2)[2] for path in state.glob("hatlab/recordings/*.jsonl")}
    return sorted(records | recordings)


def objects_of(client: Any, labs: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the containers and networks of labs."""
    filters = [{"label": f"{LAB}={lab}"} for lab in labs]
    containers = [c for label in filters for c in client.api.containers(all=True, filters=label)]
    return containers, [n for label in filters for n in client.api.networks(filters=label)]


def _clear(plan: Plan, client: Any, state: Path, outcome: Outcome) -> None:
    """Let the trial's clearer do its work, and look whether anything is left."""
    if plan.clearer == "status, then down":
        run_hatlab(state, "status")
    elif plan.clearer == "lease, then down":
        _wait_for_lease(client, outcome)
    elif plan.clearer == "next start" and outcome.labs:
        started = run_hatlab(state, "start", "gateway", "--engine", "docker", "--headless", "--for", "0")
        if started.returncode:
            outcome.problems.append(f"the next start failed: {started.stderr.strip()[-200:]}")
        _look(client, outcome, "the next start")
    done = run_hatlab(state, "down")
    if done.returncode:
        outcome.problems.append(
            f"`down` ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"
        )
    _look(client, outcome, "`down`")
    again = run_hatlab(state, "down")
    if "nothing is left over" not in again.stdout and any(lab in again.stdout for lab in outcome.labs):
        outcome.problems.append(f"a second `down` found more: {again.stdout.strip()[-200:]}")
    if list(state.glob("hatlab/labs/*.json")) or list(state.glob("hatlab/run/*/*.sock")):
        outcome.problems.append("`down` left a record or a socket")


def _look(client: Any, outcome: Outcome, who: str) -> None:
    containers, networks = objects_of(client, outcome.labs)
    names = [*(c["Names"][0] for c in containers), *(n["Name"] for n in networks)]
    if names:
        outcome.problems.append(f"{who} left {', '.join(names)}")


def _wait_for_lease(client: Any, outcome: Outcome) -> None:
    deadline = time.monotonic() + LEASE_WITHIN
    while time.monotonic() < deadline:
        containers, _ = objects_of(client, outcome.labs)
        if not any(c["State"] == "running" for c in containers):
            return
        time.sleep(1)
    outcome.problems.append(f"a container still ran {LEASE_WITHIN:g} s after the kill")
