"""The control socket: what a lab answers, and to whom."""

from __future__ import annotations

import json
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import PlainNames, names_to_data, parse_words, possible_actions
from hatlab.control import find_lab, list_running_labs, request_result, send_request
from hatlab.control.event_stream import stream_events
from hatlab.control.server import ControlServer
from hatlab.errors import ActionFailed, UserError
from hatlab.session import Session
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.scripted_engine import SPEED, FakeEngine


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a socket's is limited to about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="hl") as name:
        yield Path(name)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    session.start()
    yield session
    session.stop()


@pytest.fixture
def server(session: Session, folder: Path) -> Iterator[ControlServer]:
    server = ControlServer(session, folder, "abc123", {"context": "far"})
    yield server
    server.close()


def test_the_socket_is_the_users_alone_and_goes_with_its_lab(session: Session, folder: Path) -> None:
    server = ControlServer(session, folder, "abc123")
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
    server.close()
    assert list(folder.iterdir()) == []


def test_an_action_replies_with_its_event_and_effect(server: ControlServer, session: Session) -> None:
    replies = list(send_request(server.path, {"ask": "do", "words": ["kill", "mysqld", "db1"]}))
    assert replies[0]["event"]["phase"] == "done"
    assert replies[1]["result"] == {"action": "kill mysqld db1", "effect": "up → down"}
    assert session.wait_for(lambda s: s.nodes["db1"].service("mysqld").state == "down", 5)


def test_the_text_of_an_edit_travels_along(server: ControlServer) -> None:
    request = {"ask": "do", "words": ["edit", "db1", "/home/me/x.conf"], "text": "twelve bytes"}
    assert request_result(server.path, request)["effect"] == "12 bytes written"


def test_a_virtual_address_may_be_short(server: ControlServer) -> None:
    request = {"ask": "do", "words": ["address", "delete", "db1", ".100"]}
    assert request_result(server.path, request)["action"] == "address delete db1 198.18.0.100"


def test_errors_keep_their_kind(server: ControlServer) -> None:
    with pytest.raises(ActionFailed, match="no netem") as failed:
        request_result(server.path, {"ask": "do", "words": ["delay", "lan", "100"]})
    assert failed.value.definite
    with pytest.raises(UserError, match="no node 'db9'") as mistaken:
        request_result(server.path, {"ask": "do", "words": ["pause", "db9"]})
    assert "did you mean" in mistaken.value.hint


@pytest.mark.parametrize(
    "line", ["", "{", "[1]", '{"ask": "sing"}', '{"ask": "do", "words": "kill"}', "\x00\xff"]
)
def test_nonsense_is_refused_and_the_server_lives_on(server: ControlServer, line: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(server.path))
        connection.sendall(line.encode("latin-1") + b"\n")
        reply = json.loads(connection.makefile().readline())
    assert reply["error"]["exit"] == 2
    assert request_result(server.path, {"ask": "hello"})["lab"] == "abc123"


def test_whoever_goes_away_early_hurts_nobody(server: ControlServer) -> None:
    for _ in range(5):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(server.path))
            connection.sendall(b'{"ask": "status"}\n')
    assert request_result(server.path, {"ask": "hello"})["ready"]


def test_status_tells_what_is_true(server: ControlServer) -> None:
    found = request_result(server.path, {"ask": "status"})
    assert found["nodes"]["db1"]["instances"]["VI_1"]["state"] == "MASTER"
    assert found["addresses"] == {"198.18.0.100": {"network": "lan", "owners": ["db1"]}}
    assert found["faults"] == []
    json.dumps(found)


def test_names_are_what_actions_may_use(server: ControlServer) -> None:
    names = PlainNames.from_data(request_result(server.path, {"ask": "names"}))
    layout = Layout.numbered("two-node", load_topology("two-node"))
    assert names_to_data(names) == names_to_data(layout)
    assert [*possible_actions(names)] == [*possible_actions(layout)]


def test_place_names_the_docker_context(server: ControlServer) -> None:
    assert request_result(server.path, {"ask": "place", "node": "db1"}) == {"context": "far", "node": "db1"}
    with pytest.raises(UserError, match="no node 'x'"):
        request_result(server.path, {"ask": "place", "node": "x"})


@pytest.mark.parametrize("request_", [{"ask": "end"}, {"ask": "do", "words": ["end"]}], ids=["end", "do end"])
def test_the_end_is_told_when_all_is_gone(
    server: ControlServer, session: Session, request_: dict[str, object]
) -> None:
    assert request_result(server.path, request_)["removed"] == ["db1", "db2", "client", "lan", "heartbeat"]
    assert session.ended


def test_an_action_waits_for_a_lab_that_is_still_starting(folder: Path) -> None:
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    server = ControlServer(session, folder, "early")
    thread = threading.Timer(0.2, session.start)
    thread.start()
    assert request_result(server.path, {"ask": "do", "words": ["reset"]})["effect"] == "nothing changed"
    thread.join()
    session.stop()
    server.close()


def test_a_stale_socket_is_cleaned(server: ControlServer, folder: Path) -> None:
    dead = folder / "dead.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(dead))
    forgotten: list[Path] = []
    assert [lab.id for lab in list_running_labs(folder, forget=forgotten.append)] == ["abc123"]
    assert forgotten == [dead]
    assert not dead.exists()


def test_which_lab_is_meant(server: ControlServer, session: Session, folder: Path) -> None:
    assert find_lab(folder).id == "abc123"
    other = ControlServer(session, folder, "abd999")
    try:
        with pytest.raises(UserError, match="several labs are running") as several:
            find_lab(folder)
        assert "abc123" in several.value.hint
        assert "abd999" in several.value.hint
        assert find_lab(folder, "abd").id == "abd999"
        with pytest.raises(UserError, match="several"):
            find_lab(folder, "ab")
        with pytest.raises(UserError, match="no lab 'x'"):
            find_lab(folder, "x")
    finally:
        other.close()


def test_no_lab(folder: Path) -> None:
    with pytest.raises(UserError, match="no lab is running"):
        find_lab(folder)


def test_while_somebody_has_to_find_the_fault_status_tells_facts_alone(
    server: ControlServer, session: Session
) -> None:
    list(send_request(server.path, {"ask": "do", "words": ["kill", "mysqld", "db1"]}))
    assert session.wait_for(lambda s: s.nodes["db1"].service("mysqld").state == "down", 5)
    assert request_result(server.path, {"ask": "status"})["faults"]
    session.facts_only = lambda: True
    status = request_result(server.path, {"ask": "status"})
    assert (status["facts_only"], status["faults"], status["conditions"]) == (True, [], {})
    assert status["nodes"]["db1"]["services"]["mysqld"]["state"] == "down"


# -- what happens, as it happens


def test_events_are_told_as_they_happen_until_the_lab_ends(server: ControlServer, session: Session) -> None:
    replies = send_request(server.path, {"ask": "events", "kinds": ["process", "vrrp", "why"]})
    first = next(replies)
    assert first["event"]["kind"] == "lab"
    assert abs(first["began_ns"] / 1e9 + session.engine.now() - time.time()) < 5 * SPEED
    session.act(parse_words(["kill", "mysqld", "db1"]))
    session.stop()
    told = [reply["event"] for reply in replies if "event" in reply]
    assert told[0]["state"] == "down"
    assert {event["kind"] for event in told} == {"process", "vrrp", "why"}


def test_events_from_the_start_are_all_that_happened(server: ControlServer, session: Session) -> None:
    replies = send_request(server.path, {"ask": "events", "from": "start"})
    lab = next(replies)["event"]
    session.stop()
    *told, result = [reply for reply in replies if "event" in reply or "result" in reply]
    expected = [e.to_dict(event) for event in session.reader().drain(most=10**6).events]
    assert [lab, *(reply["event"] for reply in told)] == json.loads(json.dumps(expected))
    assert result == {"result": {"events": len(told)}}


def test_events_keep_the_secret_of_a_drill(server: ControlServer, session: Session) -> None:
    session.facts_only = lambda: True
    replies = send_request(server.path, {"ask": "events", "from": "start"})
    next(replies)
    session.stop()
    kinds = {reply["event"]["kind"] for reply in replies if "event" in reply}
    assert "vrrp" in kinds
    assert not kinds & {"why", "condition"}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ask": "events", "kinds": ["advert", "song"]}, "no kind of event 'song'"),
        ({"ask": "events", "kinds": "advert"}, "must be a list"),
        ({"ask": "events", "from": "yesterday"}, "`from` cannot be 'yesterday'"),
    ],
    ids=["kind", "list", "from"],
)
def test_a_wrong_request_for_events_is_refused(
    server: ControlServer, request_: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        request_result(server.path, request_)


def test_whoever_does_not_listen_holds_up_neither_the_lab_nor_its_end(folder: Path) -> None:
    session = Session(FakeEngine("two-node", load_topology("two-node")), keep=1000)
    session.start()
    server = ControlServer(session, folder, "abc123")
    deaf = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    deaf.connect(str(server.path))
    deaf.sendall(b'{"ask": "events", "from": "start"}\n')
    session.emit([e.Log(at=9.0, node="db1", service="keepalived", text="x" * 500) for _ in range(5000)])
    began = time.monotonic()
    session.stop()
    server.close()
    assert time.monotonic() - began < 30
    assert not server.path.exists()
    told = deaf.makefile().readlines()
    deaf.close()
    assert len(told) < 5000


def test_a_listener_that_was_too_slow_is_told_what_it_missed(folder: Path) -> None:
    session = Session(FakeEngine("two-node", load_topology("two-node")), keep=100)
    session.start()
    stream = stream_events(session, {"kinds": ["log", "dropped"], "from": "now"})
    next(stream)
    session.emit([e.Log(at=9.0 + k, node="db1", service="keepalived", text=str(k)) for k in range(1000)])
    told = [next(stream)["event"] for _ in range(3)]
    assert (told[0]["kind"], told[0]["where"]) == ("dropped", "reader")
    assert told[0]["count"] == int(told[1]["text"])
    session.stop()


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b"{" * 100_000, b'{"ask":' * 20_000, b"\xff\xfe\0", b"1" * 5000]
)
def test_a_strange_request_gets_a_sentence(server: ControlServer, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(20)
        asking.connect(str(server.path))
        asking.sendall(line + b"\n")
        reply = json.loads(asking.makefile().readline())
    assert "a request must be one line of JSON" in reply["error"]["message"]
    assert request_result(server.path, {"ask": "hello"})["lab"] == "abc123"
