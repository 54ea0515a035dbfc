"""The processes of a class that outlive the command that started them: the proxy, hub, board and seats.

Each holds a lock on a file as long as it lives, or a process of its own does; its number stands in the file,
and the host on which it has that number. So a lock that is free means that nothing is left of it, whatever
process has that number now; and a seat on another machine is no process here, though its folder is.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from hatlab.errors import LabError
from hatlab.util.files import file_to_lock, is_locked, open_output, read_bytes

_SLICE = 0.05
_REAPED_WITHIN = 5.0
_started: dict[Path, subprocess.Popen[bytes]] = {}
"""Lock → what was started by this process, which has to ask for its end: or it stays as a zombie."""
_LAST_LINES = 2000
"""Bytes at the end of a log that are looked at for what went wrong."""


class LockedProcess:
    """One process that runs in the background.

    Args:
        name: how messages call it.
        lock: the file it holds a lock on.
        log: where its output goes.
    """

    def __init__(self, name: str, lock: Path, log: Path) -> None:
        self.name, self.lock, self.log = name, lock, log

    @property
    def is_running(self) -> bool:
        """True if somebody holds the lock."""
        if is_locked(self.lock) is not False:
            return True
        self._reap()
        return False

    def _reap(self) -> None:
        """Ask for the end of what was started here, now that its lock is free."""
        if (process := _started.pop(self.lock, None)) is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_REAPED_WITHIN)

    @property
    def pid(self) -> int:
        """The number of the process that runs, 0 if none is known, or it is one of another machine."""
        try:
            number, *host = read_bytes(self.lock).decode().split() if self.is_running else ["0"]
            return int(number) if host in ([], [socket.gethostname()]) else 0
        except (LabError, ValueError, IndexError):
            return 0

    def start(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start it, unless it runs.

        Raises:
            LabError: it cannot be started.
        """
        try:
            handle = file_to_lock(self.lock, make=True)
        except OSError as error:
            raise LabError(f"cannot write {self.lock}: {error.strerror}", "free some space there") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return  # it runs
        try:
            with open_output(self.log, 0o600) as log:
                process = subprocess.Popen(
                    command,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(handle,),
                )
            _started[self.lock] = process
            write_pid(handle, process.pid)
        except OSError as error:
            raise LabError(f"cannot start {self.name}: {error.strerror}", f"its log is {self.log}") from None
        finally:
            os.close(handle)

    def stop(self, within: float = 20.0, first: signal.Signals = signal.SIGTERM) -> bool:
        """End it: in order, and by force once time is up. Return True if it had been running."""
        pid = self.pid
        if not pid:
            return False
        for number, patience in ((first, within), (signal.SIGKILL, 10.0)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if self.wait_for_end(patience):
                break
        return True

    def wait_for_end(self, within: float) -> bool:
        """Return True once it has ended, False if it has not within some seconds."""
        until = time.monotonic() + within
        while self.is_running:
            if time.monotonic() > until:
                return False
            time.sleep(_SLICE)
        return True

    def last_line(self) -> str:
        """The last thing that its log says."""
        try:
            text = read_bytes(self.log, 10_000_000)[-_LAST_LINES:].decode(errors="replace")
        except LabError:
            return ""
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def write_pid(handle: int, pid: int) -> None:
    """Write the number of a process into a file that is locked."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{pid} {socket.gethostname()}\n".encode(), 0)
