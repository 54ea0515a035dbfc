"""The client: tries the virtual address, or a host behind it, at a fixed rate, and writes rows."""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .mysql import connect
from .output import Fact, Output
from .ping import Pinger

if TYPE_CHECKING:
    from concurrent.futures import Future

TRY_TIMEOUT = 0.5
"""Seconds a client waits for an answer."""


def error_word(error: BaseException) -> str:
    """Return a short word for why a try failed: timeout, refused, unreachable, reset, or `mysql NUMBER`."""
    cause: BaseException | None = getattr(error, "original_exception", None) or error.__cause__ or error
    if isinstance(cause, TimeoutError) or "timed out" in str(error):
        return "timeout"
    if isinstance(cause, ConnectionRefusedError):
        return "refused"
    if isinstance(cause, (ConnectionResetError, BrokenPipeError)):
        return "reset"
    if isinstance(cause, OSError) and cause.errno in (101, 113):
        return "unreachable"
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number == 2013:
        return "reset"
    return f"mysql {number}" if number else type(error).__name__


class Client:
    """Logs in at the virtual address on new connections at a fixed rate and writes rows; or pings."""

    def __init__(self, spec: dict[str, Any], out: Output) -> None:
        self.spec, self.out = spec, out
        self.sequence, self.answered = 0, False
        self.pool = importlib.import_module("concurrent.futures").ThreadPoolExecutor(32)
        self.pinger = Pinger(spec["ping"]["address"]) if spec.get("ping") else None
        if self.pinger is None:
            importlib.import_module("pymysql")
        for rate, attempt in ((spec["rate"], self.probe), (spec["writes"], self.write)):
            if rate:
                threading.Thread(target=self.run_at_rate, args=(1 / rate, attempt), daemon=True).start()

    def reset(self) -> None:
        """Number rows from 1 again, and report the next good answer at once."""
        self.sequence, self.answered = 0, False

    def run_at_rate(self, every: float, attempt: Callable[[], Fact]) -> None:
        """Start an attempt every so many seconds, whatever became of the last; report them in order."""
        pending: deque[Future[Fact]] = deque()
        due = time.monotonic()
        while True:
            pending.append(self.pool.submit(attempt))
            due = max(due + every, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                if not pending:
                    time.sleep(left)
                    break
                with contextlib.suppress(TimeoutError):
                    self.out.put_message(pending[0].result(left))
                    pending.popleft()

    def _try(self, kind: str, work: Callable[[Fact], None], **fields: Any) -> Fact:
        """Run a try, which adds what it learns to the fact; whatever it raises is the fact's error."""
        began = time.monotonic()
        fact: Fact = {"t": began, "kind": kind, **fields, "ok": False}
        try:
            work(fact)
            fact["ok"] = True
        except Exception as error:  # noqa: BLE001 - any failure is an answer
            fact["error"] = error_word(error)
        if fact["ok"] and not self.answered:
            self.answered = True
            self.out.put("good")  # in order it may have to wait for tries that still hang
        fact["latency_ms"] = round((time.monotonic() - began) * 1000, 3)
        return fact

    def probe(self) -> Fact:
        """Try whether the target answers."""
        if self.pinger:
            return self._try("probe", self._ping, pinged=self.spec["ping"]["host"])
        return self._try("probe", self._login)

    def _ping(self, fact: Fact) -> None:
        assert self.pinger
        fact["via"] = self.pinger.ping(TRY_TIMEOUT)

    def _login(self, fact: Fact) -> None:
        with self._cursor() as cursor:
            fact["server"] = _hostname(cursor)

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        db = connect(host=self.spec["target"], user="client", timeout=TRY_TIMEOUT)
        with contextlib.closing(db), db.cursor() as cursor:
            yield cursor

    def write(self) -> Fact:
        """Write the next row."""
        self.sequence += 1
        sequence = self.sequence

        def insert(fact: Fact) -> None:
            updates = self.spec.get("workload") == "update"
            with self._cursor() as cursor:
                fact["server"] = _hostname(cursor)
                if updates:
                    cursor.execute("BEGIN")
                cursor.execute(
                    "INSERT INTO lab.writes (client, sequence, server) VALUES (%s, %s, %s)",
                    (self.spec["name"], sequence, fact["server"]),
                )
                if updates:
                    cursor.execute("UPDATE lab.accounts SET balance = balance + 1 WHERE id = 1")
                    cursor.execute("COMMIT")

        fact = self._try("write", insert, sequence=sequence)
        fact["t"] += fact.pop("latency_ms") / 1000  # a write counts from when it was acknowledged
        return fact


def _hostname(cursor: Any) -> str:
    cursor.execute("SELECT @@hostname")
    return str(cursor.fetchone()[0])
