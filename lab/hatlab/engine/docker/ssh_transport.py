"""An engine at `ssh://`: each connection is an ssh of its own, behind a socket.

The SDK reads the pipes of such a program itself, and no deadline ends that; a program that hangs outlives it.
Behind a socket (`sockets.pipes_as_socket`) deadlines hold as at any other engine, connections are used again,
and none of the programs outlives hatlab.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from contextlib import suppress
from threading import Thread
from typing import Any
from weakref import WeakSet

from docker.transport.basehttpadapter import BaseHTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from hatlab.engine.docker.sockets import pipes_as_socket

CONNECT_TIME = 10
"""Seconds that ssh itself may take to connect."""
_MOST_OF_ITS_WORDS = 2000
_running: WeakSet[subprocess.Popen[bytes]] = WeakSet()


def ssh_command(address: str) -> list[str]:
    """Return the command that reaches the engine of `user@host:port`, as Docker's own program has it."""
    user, _, place = address.rpartition("@")
    host, _, port = place.partition(":")
    options = ["-o", f"ConnectTimeout={CONNECT_TIME}", "-T"]
    options += ["-l", user] if user else []
    options += ["-p", port] if port else []
    return ["ssh", *options, "--", host.rstrip("/"), "docker system dial-stdio"]


class SSHAdapter(BaseHTTPAdapter):
    """Reaches an engine by the ssh command, with the user's keys and configuration.

    Args:
        address: `user@host:port`, without `ssh://`.
        connections: that are kept for the next call.
    """

    def __init__(self, address: str, connections: int) -> None:
        self._pool = _Pool(address, connections)
        super().__init__()

    def get_connection(self, url: str | bytes, proxies: Any = None) -> HTTPConnectionPool:  # noqa: ARG002
        return self._pool

    def close(self) -> None:
        super().close()
        self._pool.close()


class _Pool(HTTPConnectionPool):
    scheme = "ssh"

    def __init__(self, address: str, connections: int) -> None:
        super().__init__("localhost", maxsize=connections)
        self._address = address

    def _new_conn(self) -> Any:
        return _Connection(self._address)


class _Connection(HTTPConnection):
    """A connection of HTTP through an ssh."""

    def __init__(self, address: str) -> None:
        super().__init__("localhost")
        self._address = address
        self._words = bytearray()
        """What ssh says on its standard error, so that it is not written over a screen."""
        self._listener: Thread | None = None

    def connect(self) -> None:
        program = subprocess.Popen(
            ssh_command(self._address),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_leave_ctrl_c_to_hatlab if os.name == "posix" else None,
        )
        _running.add(program)
        self._listener = Thread(target=self._listen, args=(program.stderr,), name="ssh-words", daemon=True)
        self._listener.start()
        sock = pipes_as_socket(program)
        sock.settimeout(self.timeout if isinstance(self.timeout, int | float) else None)
        self.sock = sock

    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        except TimeoutError:
            raise
        except OSError as error:
            if self._listener is not None:
                self._listener.join(1)
            words = " ".join(self._words.decode(errors="replace").split())
            raise ConnectionError(f"ssh: {words}" if words else "ssh ended without an answer") from error

    def _listen(self, words: Any) -> None:
        with words, suppress(OSError, ValueError):
            while piece := words.read1(4096):
                self._words += piece[: max(0, _MOST_OF_ITS_WORDS - len(self._words))]


def _leave_ctrl_c_to_hatlab() -> None:
    """Run between fork and exec, as the SDK does: the group stays, so ssh may ask for a passphrase."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_programs() -> None:
    """End every ssh that still runs, hanging or not."""
    for program in list(_running):
        with suppress(OSError):
            program.kill()


atexit.register(end_programs)
