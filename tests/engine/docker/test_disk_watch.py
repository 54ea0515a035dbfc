"""What a node writes is held within a limit: by the engine where it can, by looks at its size everywhere."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest
from docker.errors import APIError

from hatlab import events as e
from hatlab.engine.docker import disk_watch
from hatlab.engine.docker.container_config import all_settings
from hatlab.engine.docker.container_creation import create_container
from hatlab.engine.docker.containers import Containers
from hatlab.engine.docker.disk_watch import MOST_OF_A_NODE, disk_quota
from hatlab.engine.docker.event_emitter import EventEmitter
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.waiting import wait_until

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


class Engine:
    """An engine with a disk of some kind; it is its own `api`."""

    api_version = "1.41"

    def __init__(self, driver: str = "overlay2", backing: str = "extfs", *, refuses: str = "") -> None:
        self.api = self
        self.driver, self.backing, self.refuses = driver, backing, refuses
        self.made: list[dict[str, Any]] = []
        self.removed: list[str] = []
        self.sizes = {"db1": 10, "db2": MOST_OF_A_NODE + 1}

    def info(self) -> dict[str, Any]:
        return {"Driver": self.driver, "DriverStatus": [["Backing Filesystem", self.backing]]}

    def create_endpoint_config(self, **settings: Any) -> dict[str, Any]:
        return settings

    def connect_container_to_network(self, *_: object, **__: object) -> None:
        pass

    def create_container_from_config(self, config: dict[str, Any], name: str) -> dict[str, str]:
        if self.refuses and "StorageOpt" in config["HostConfig"]:
            raise APIError(self.refuses)
        self.made.append(config["HostConfig"])
        return {"Id": name}

    def containers(self, **asked: Any) -> list[dict[str, Any]]:
        assert asked["size"]
        kept = {name: size for name, size in self.sizes.items() if name not in self.removed}
        return [{"Id": name, "SizeRw": size} for name, size in kept.items()]

    def remove_container(self, container: str, **_: object) -> None:
        self.removed.append(container)


@pytest.mark.parametrize(
    ("driver", "backing", "can"),
    [("overlay2", "extfs", False), ("overlay2", "xfs", True), ("btrfs", "", True), ("vfs", "", False)],
)
def test_an_engine_that_can_limit_a_disk_is_asked_to(driver: str, backing: str, can: bool) -> None:
    assert disk_quota(Engine(driver, backing).info()) == ({"size": str(MOST_OF_A_NODE)} if can else {})


def _make(engine: Engine) -> str:
    settings = all_settings(LAYOUT)[0][0]
    storage = disk_quota(engine.info())
    return create_container(cast("Any", engine), "ab", LAYOUT, "image", settings, storage=storage)


def test_what_an_engine_refuses_after_all_is_left_out() -> None:
    refusal = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
    _make(with_quota := Engine("overlay2", "xfs"))
    _make(without := Engine("overlay2", "xfs", refuses=refusal))
    assert with_quota.made[0]["StorageOpt"] == {"size": str(MOST_OF_A_NODE)}
    assert "StorageOpt" not in without.made[0]
    with pytest.raises(APIError, match="no such image"):
        _make(Engine("overlay2", "xfs", refuses="no such image"))


def test_a_node_that_wrote_too_much_loses_its_files_and_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_watch, "LOOK_EVERY", 0.01)
    engine, stopping, told = Engine(), threading.Event(), list[e.Event]()
    emitter = EventEmitter()
    emitter.begin(told.extend)
    lab = Containers(lambda: cast("Any", engine), LAYOUT, emitter, stopping)
    lab.ids.update(db1="db1", db2="db2")
    watch = threading.Thread(target=lab.watch_disk, args=("ab",), daemon=True)
    watch.start()
    wait_until(lambda: engine.removed, 10, "a look")
    stopping.set()
    watch.join(10)
    assert engine.removed == ["db2"]
    (event,) = (each for each in told if isinstance(each, e.Node))
    assert (event.node, event.state) == ("db2", "off")
    assert "4.0 GiB" in event.reason
