"""What a seat may take: what hatlab limits itself to before it begins."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hatlab.errors import engine_failure

_MANY_THREADS = """
import threading
end = threading.Event()
threads = [threading.Thread(target=end.wait, daemon=True) for _ in range(100)]
for thread in threads:
    thread.start()
end.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count stacks otherwise, or not at all")
def test_the_threads_of_a_lab_on_docker_have_room() -> None:
    """A stack as large as usual, 8 MB, counts whole: forty of them were all that a seat may take."""
    limit = "from hatlab.classroom.seat.launch import *; limit_resources(400)"
    become = "os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"
    words = [sys.executable, "-c", f"{limit}; {become}", _MANY_THREADS]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_more_memory_is_told_as_that() -> None:
    for error in (MemoryError(), RuntimeError("can't start new thread")):
        assert engine_failure(error).message == "hatlab gets no more memory here"
    assert "report it" in engine_failure(KeyError("x")).hint
