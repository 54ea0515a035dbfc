"""Runs all tests: `python -m tests`.

Tests on Docker mostly wait, for elections and for containers. All others run beside them on what they leave of the
processor: at low priority, so that no lab's timer is held up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import IO

PYTEST = [sys.executable, "-m", "pytest"]
ON_DOCKER = [*PYTEST, "-m", "docker", "-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]
"""Labs at once: three tests, and those that a test starts itself. Groups of tests stand in `tests/conftest.py`."""
OTHERS = [*PYTEST, "-m", "not docker", "-n", str(2 * (os.cpu_count() or 1))]
"""Twice the cores: half of their time these tests wait for a screen or a clock."""


def main() -> int:
    """Runs both, and returns the exit code: 0 if no test failed."""
    with tempfile.NamedTemporaryFile() as log:
        with subprocess.Popen(["nice", "-n", "19", *OTHERS], stdout=log, stderr=log) as others:
            docker = subprocess.run(ON_DOCKER, check=False)
            with open(log.name, "rb") as output:
                while others.poll() is None:
                    _copy(output)
                    time.sleep(0.2)
                _copy(output)
    return docker.returncode or others.returncode


def _copy(output: IO[bytes]) -> None:
    """Prints what a file holds more by now."""
    sys.stdout.buffer.write(output.read())
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
