"""What a killed hatlab leaves, and what holds it: the short form of `python -m tests.kills`."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.docker.image.name import image_name
from tests.kills.plan import draw_plans
from tests.kills.process import HATLAB, environment, run_hatlab
from tests.kills.trial import labs_in, objects_of, play
from tests.support.waiting import wait_until

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("stage", "delay", "clearer"),
    [("start", 0.5, "down"), ("start", 2.0, "next start"), ("reset", 0.6, "status, then down")],
)
def test_nothing_is_left_of_a_killed_lab(client: Any, stage: str, delay: float, clearer: str) -> None:
    plan = replace(next(draw_plans(1, 1, (stage,))), topology="gateway", signal="KILL", on_screen=False)
    outcome = play(replace(plan, delay=delay, clearer=clearer), client)
    assert not outcome.problems


def test_a_network_that_a_stranger_holds_is_named(client: Any) -> None:
    """Nobody's container is detached; whoever it belongs to is asked to, and the exit code says so."""
    stranger = client.containers.create(image_name(), entrypoint=["sleep", "60"], network_mode="bridge")
    with tempfile.TemporaryDirectory(prefix="hlk") as folder:
        state = Path(folder)
        process = subprocess.Popen(
            [*HATLAB, "start", "gateway", "--engine", "docker", "--headless"],
            env=environment(state),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_until(
                lambda: all(objects_of(client, labs_in(state))), 60, "container and network of the lab"
            )
            network = objects_of(client, labs_in(state))[1][0]["Name"]
            stranger.start()
            client.api.connect_container_to_network(stranger.id, network)
            process.terminate()
            _, said = process.communicate(timeout=60)
            assert process.returncode == 1
            assert f"{network} is still there: the container {stranger.name}" in said
            named = run_hatlab(state, "down")
            assert named.returncode == 1
            assert f"docker network disconnect -f {network} {stranger.name}" in named.stdout
            client.api.disconnect_container_from_network(stranger.id, network, force=True)
            assert network in run_hatlab(state, "down").stdout
            assert not any(objects_of(client, [network.split("-")[1] + "-" + network.split("-")[2]]))
        finally:
            process.kill()
            stranger.remove(force=True)
            run_hatlab(state, "down")
