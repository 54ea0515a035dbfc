"""How engines are reached: through ssh, by TLS, and what is said where that fails."""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

import pytest

from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.watched_client import CallWatch, WatchedAPI
from hatlab.errors import EngineUnavailable


def test_a_ca_for_websites_does_not_replace_the_engine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    api: Any = WatchedAPI(CallWatch(None), base_url="tcp://127.0.0.1:2376", version="1.41")
    api.verify = "/certs/ca.pem"  # as the SDK sets it for DOCKER_CERT_PATH
    asked = api.merge_environment_settings("https://127.0.0.1:2376/version", {}, True, None, None)
    assert asked["verify"] == "/certs/ca.pem"


def test_ssh_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@127.0.0.1:1")
    for name in ("paramiko", "docker.transport.sshconn"):
        monkeypatch.setitem(sys.modules, name, None)
    import docker.api.client

    monkeypatch.delattr(docker.api.client, "SSHHTTPAdapter", raising=False)
    with pytest.raises(EngineUnavailable) as raised:
        connect()
    assert "paramiko" in raised.value.message
    assert "hatlab[ssh]" in raised.value.hint


def test_an_engine_that_speaks_tls_alone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"Client sent an HTTP request to an HTTPS server."
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")

        def answer() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(
                    b"HTTP/1.0 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
                )

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(EngineUnavailable, match="speaks TLS") as raised:
            connect()
    assert "DOCKER_TLS_VERIFY" in raised.value.hint


def test_no_thread_outlives_the_call_that_it_watches() -> None:
    """Each thread's stack counts against the memory that a seat may take."""
    watch = CallWatch(lambda _text: None)
    for _ in range(20):
        with watch.watch_call():
            pass
    begun = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(thread.finished.is_set() for thread in begun)


def test_a_call_that_cannot_be_watched_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    watch = CallWatch(lambda _text: None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError), watch.watch_call():
        pass
    assert watch.silence == 0
