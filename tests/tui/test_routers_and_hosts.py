"""Routers and hosts on the screen: what they are for, and nothing about a mysqld that they do not run."""

from __future__ import annotations

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.state.timeline import TimelineModel
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.map.client_line import ClientLine
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.screens.menu import menu_entries
from hatlab.tui.widgets.key_bar import KeyBar
from hatlab.views.lab_view import client_view, node_view
from tests.tui.apps import wait_for, wait_for_lab


@pytest.fixture
def session() -> Session:
    engine = SimulatorEngine("gateway", load_topology("gateway"), paced=False)
    session = Session(engine)
    session.start()
    engine.run_until(engine.now() + 2)
    return session


@pytest.fixture
def state(session: Session) -> LabState:
    return session.state


def test_views_show_the_role(state: LabState) -> None:
    router, host = node_view(state, "r1"), node_view(state, "server")
    assert [m.word for m in (*router.services, router.replication)] == ["keepalived", "forwards"]
    assert (router.answers, host.services, host.replication.word) == (True, (), "answers pings")
    client = client_view(state, "client")
    assert (client.target, client.pinged, client.server) == ("198.18.0.100", "server", "r1")


def test_the_menu_offers_what_makes_sense(state: LabState) -> None:
    lines = [choice.line for choice in menu_entries(state, ())]
    assert "stop keepalived r1" in lines
    assert not [line for line in lines if "mysqld" in line or line.startswith("sql")]
    verbs = {choice.line.split()[0] for choice in menu_entries(state, (), "server")}
    assert verbs == {"power", "pause", "link", "resume"}


def test_a_lane_for_each_router_and_addresses_by_network(session: Session) -> None:
    model = TimelineModel()
    model.feed(session.reader().drain().events)
    assert [lane.label for lane in model.lanes] == ["r1", "r2", "lan .100", "far .100", "client"]


async def test_the_screen_shows_ping_and_who_forwards() -> None:
    app = LabApp(Session(SimulatorEngine("gateway", load_topology("gateway"))))
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_for_lab(pilot)
        await wait_for(pilot, lambda: app.state.clients["client"].server, "an answer")
        await wait_for(pilot, lambda: "through r1" in _text(app, ClientLine), "the client's line")
        assert "198.18.0.100 ─▶ ping server  ✔ through r1" in _text(app, ClientLine)
        boxes = {box.node: "\n".join(line.plain for line in box.build()) for box in app.screen.query(NodeBox)}
        assert boxes["server"] == "▣ answers pings"
        assert "mysqld" not in boxes["r1"]
        assert "cut" in _text(app, KeyBar)
        assert "mysqld" not in _text(app, KeyBar)
    app.session.stop()


def _text(app: LabApp, widget: type[ClientLine] | type[KeyBar]) -> str:
    return "\n".join(line.plain for line in app.screen.query_one(widget).build())
