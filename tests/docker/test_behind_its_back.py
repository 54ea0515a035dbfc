"""Actions after what was done to a lab with Docker's own commands, or by hand inside a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hatlab import events as e
from hatlab.errors import ActionFailed
from tests.docker.watched import Watched
from tests.support.waiting import wait_until

pytestmark = pytest.mark.docker


def _network(lab: Watched, name: str) -> str:
    return f"hatlab-{lab.engine.lab}-{name}"


def _disconnect(client: Any, lab: Watched) -> None:
    client.api.disconnect_container_from_network(lab.engine.containers["db1"], _network(lab, "lan"))


def _connect_elsewhere(client: Any, lab: Watched) -> None:
    _disconnect(client, lab)
    client.api.connect_container_to_network(lab.engine.containers["db1"], _network(lab, "lan"))


def _remove(client: Any, lab: Watched) -> None:
    client.api.remove_container(lab.engine.containers["db1"], force=True, v=True)


def _restart(client: Any, lab: Watched) -> None:
    client.api.restart(lab.engine.containers["db1"], timeout=0)


def _pause(client: Any, lab: Watched) -> None:
    client.api.pause(lab.engine.containers["db1"])


def _delete_interface(client: Any, lab: Watched) -> None:
    device = lab.engine.interfaces["db1"]["lan"]["device"]
    lab.engine.run_line("db1", f"ip link del {device}")


def _delete_address(client: Any, lab: Watched) -> None:
    device = lab.engine.interfaces["db2"]["lan"]["device"]
    lab.engine.run_line("db2", f"ip addr flush dev {device}")


MANIPULATIONS: list[Callable[[Any, Watched], None]] = [
    _disconnect,
    _connect_elsewhere,
    _remove,
    _restart,
    _pause,
    _delete_interface,
    _delete_address,
]


@pytest.mark.parametrize("manipulate", MANIPULATIONS)
def test_a_reset_repairs_it(
    client: Any, running: Watched, manipulate: Callable[[Any, Watched], None]
) -> None:
    manipulate(client, running)
    running.do("reset")
    running.healthy()


def test_power_on_brings_back_a_removed_node(client: Any, running: Watched) -> None:
    _remove(client, running)
    wait_until(lambda: "db1" in running.engine.off, 10, "db1 off")
    assert "its container was made again" in running.do("power on db1")
    running.do("reset")
    running.healthy()


def test_link_up_and_heal_attach_it_again(client: Any, running: Watched) -> None:
    for action in ("link up lan db1", "heal lan"):
        _disconnect(client, running)
        assert "is attached again" in running.do(action)
        assert "default" not in running.engine.run_line("db1", "ip route")
        assert running.all(e.Process, node="db2", service="keepalived")[-1].state == "up"
    running.do("reset")
    running.healthy()


def test_what_cannot_be_repaired_leaves_the_others_as_they_are(client: Any, running: Watched) -> None:
    """Another container took the node's address: the reset says so before it stops anything."""
    _disconnect(client, running)
    address = running.engine.layout.address("db1", "lan")
    image = client.api.inspect_container(running.engine.containers["db2"])["Image"]
    stranger = client.containers.create(image, entrypoint=["sleep", "60"], network_mode="none")
    stranger.start()
    network = _network(running, "lan")
    try:
        client.api.disconnect_container_from_network(stranger.id, "none")
        client.api.connect_container_to_network(stranger.id, network, ipv4_address=address)
        began = running.now()
        with pytest.raises(ActionFailed, match="db1 cannot be repaired"):
            running.do("reset")
        assert not running.all(e.Process, began, node="db2", state="down")
    finally:
        stranger.remove(force=True)
    running.do("reset")
    running.healthy()
