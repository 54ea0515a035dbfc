"""The agent refuses and reports in the words of `hatlab.engine.action_outcomes`, which the simulator uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from compose.agent import filters, interfaces, keepalived, service_actions
from compose.agent.errors import Refused
from compose.agent.event_loop import EventLoop
from compose.agent.filters import Filter, Filters
from compose.agent.interfaces import Interfaces
from compose.agent.keepalived import Keepalived
from compose.agent.service_actions import ServiceActions
from compose.agent.services import Services
from hatlab.engine import action_outcomes as outcomes
from hatlab.errors import ActionFailed


class Agent:
    """The agent's parts on a node db1 with keepalived and an interface on `lan`; nothing of them runs."""

    def __init__(self) -> None:
        loop = EventLoop()
        self.services = Services("db1", loop, ["keepalived"])
        self.service = self.services.keepalived
        self.actions = ServiceActions("db1", self.services, None, loop)  # type: ignore[arg-type]
        self.interfaces = Interfaces("db1", {"lan": "198.18.0.0/24"}, {}, {}, loop)
        self.interfaces.devices["eth0"] = "lan"
        self.filters = Filters("db1", self.interfaces, loop)
        self.keepalived = Keepalived("db1", "", self.interfaces, loop)

    def run(self, state: str) -> None:
        self.service.pid, self.service.state, self.service.tree = 7, state, [7]


@pytest.fixture
def agent() -> Agent:
    return Agent()


def refusal(request: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        request(*arguments)
    return str(caught.value)


def is_refused(failure: ActionFailed, request: Callable[..., object], *arguments: object) -> bool:
    """Return whether a request is refused in the words of a failure."""
    return refusal(request, *arguments) == failure.message


def test_refusals_of_a_service(agent: Agent) -> None:
    actions, service = agent.actions, agent.service
    assert is_refused(outcomes.service_missing("mysqld", "db1"), actions.kill, "mysqld")
    down = outcomes.service_not_running("keepalived", "db1", service)
    assert is_refused(down, actions.stop, "keepalived")
    assert is_refused(down, actions.reload, "keepalived")
    agent.run("up")
    assert is_refused(outcomes.service_running("keepalived", "db1", service), actions.start, "keepalived")
    assert is_refused(outcomes.service_not_frozen("keepalived", "db1"), actions.thaw, "keepalived")
    agent.run("frozen")
    assert is_refused(outcomes.service_frozen("keepalived", "db1"), actions.freeze, "keepalived")
    assert is_refused(outcomes.frozen_cannot_stop("keepalived"), actions.stop, "keepalived")


def test_refusals_of_what_lasts_too_long_or_ends_soon(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_actions, "send_signal", lambda pids, number: None)
    monkeypatch.setattr(agent.services, "wait_until", lambda condition, seconds: False)
    agent.run("up")
    assert is_refused(outcomes.still_running("keepalived", 20), agent.actions.stop, "keepalived")
    agent.service.pid, agent.service.reason = None, "exit 1"
    monkeypatch.setattr(agent.services, "wait_until", lambda condition, seconds: True)
    monkeypatch.setattr(agent.services, "spawn", lambda service: None)
    assert is_refused(outcomes.ended_at_once("keepalived", "exit 1"), agent.actions.start, "keepalived")


def test_refusals_of_interfaces_and_addresses(agent: Agent) -> None:
    assert is_refused(outcomes.no_interface("db1", "heartbeat"), agent.interfaces.device, "heartbeat")
    vip = "198.18.0.100"
    assert is_refused(outcomes.address_not_held("db1", vip), agent.interfaces.delete_address, vip)


def test_effects_on_a_service(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    agent.run("up")
    running = str(agent.service)

    def kill_tree(pid: int, tree: list[int]) -> None:
        agent.service.pid, agent.service.state, agent.service.reason = None, "down", "signal 9"

    monkeypatch.setattr(service_actions, "kill_tree", kill_tree)
    effect = outcomes.service_effect("keepalived", running, "gone (signal 9)")
    assert agent.actions.kill("keepalived") == effect
    agent.run("up")
    monkeypatch.setattr("os.kill", lambda pid, number: None)
    assert agent.actions.reload() == outcomes.reload_effect("keepalived", running)


def test_effects_on_the_network(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*command: str, text: str = "") -> CompletedProcess[str]:
        agent.filters._filters["lan"] = Filter(60.0, [], 0.0)
        return CompletedProcess(command, 0, "", "")

    def run_or_refuse(*command: str) -> str:
        if command[1] == "link":
            agent.interfaces._links["eth0"] = command[-1] == "up"
        return json.dumps([{"addr_info": [{"local": "198.18.0.100", "prefixlen": 32}]}])

    monkeypatch.setattr(filters, "run", run)
    monkeypatch.setattr(agent.filters, "_report_changes", lambda: None)
    monkeypatch.setattr(interfaces, "run_or_refuse", run_or_refuse)
    effect = agent.filters.set_drop("lan", 60.0, ["02:00:00:00:00:01"])
    assert effect == outcomes.drop_effect("db1", "lan", 0.0, 60.0)
    assert agent.filters.set_delay("lan", 200.0) == outcomes.delay_effect("db1", "lan", 0.0, 200.0)
    assert agent.interfaces.set_link("lan", False) == outcomes.link_effect("db1", "lan", "eth0", True, False)
    agent.interfaces.addresses.add(("eth0", "198.18.0.100"))
    effect = agent.interfaces.delete_address("198.18.0.100")
    assert effect == outcomes.address_effect("db1", "eth0", "198.18.0.100")


def test_effects_on_the_configuration(agent: Agent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text("a\nb\n")
    monkeypatch.setattr(keepalived, "CONF", str(path))
    effect: Any = agent.keepalived.write("a\n")
    assert effect.replace(str(path), outcomes.CONF) == outcomes.conf_effect("db1", "a\nb\n", "a\n")
