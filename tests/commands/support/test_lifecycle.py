"""What every front end has beside its lab: here, that a signal ends what the main thread waits for."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future

import pytest

from hatlab.commands import Ended
from hatlab.commands.support.lifecycle import ending_on_signals, result_interruptibly


def test_a_signal_that_another_thread_received_is_obeyed() -> None:
    """The main thread's wait for a lock does not end by such a signal."""
    never: Future[int] = Future()

    def receive() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    late = threading.Timer(30, never.set_result, [0])  # so that a failure is one, not a test without an end
    late.start()
    try:
        with ending_on_signals():
            threading.Timer(0.2, receive).start()
            with pytest.raises(Ended):
                result_interruptibly(never)
        assert not never.done(), "it was heard only when the wait was over"
    finally:
        late.cancel()


def test_the_result_or_the_error_of_a_future_is_passed_on() -> None:
    good, bad = Future[int](), Future[int]()
    good.set_result(3)
    bad.set_exception(TimeoutError("its own"))
    assert result_interruptibly(good) == 3
    with pytest.raises(TimeoutError, match="its own"):
        result_interruptibly(bad)
