"""Runs all tests: `python -m tests`.

Tests on Docker mostly wait, for elections and for containers. All others run beside them, at low priority, so
that no lab's timer is held up.
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
"""Three groups of tests at once; `tests/conftest.py` makes the groups."""
OTHERS = [*PYTEST, "-m", "not docker", "-n", str(2 * (os.cpu_count() or 1))]
"""Twice the cores: half of their time these tests wait for a screen or a clock."""


def main() -> int:
    """Runs both, and returns the exit code: 0 if no test failed."""
    with tempfile.NamedTemporaryFile() as log, open(log.name, "rb") as output:
        others = subprocess.Popen(["nice", "-n", "19", *OTHERS], stdout=log, stderr=log)
        try:
            docker = subprocess.run(ON_DOCKER, check=False)
            while others.poll() is None:
                _print_rest(output)
                time.sleep(0.2)
            _print_rest(output)
        finally:
            others.terminate()
            others.wait()
    return docker.returncode or others.returncode


def _print_rest(output: IO[bytes]) -> None:
    """Print what a growing file holds more by now."""
    sys.stdout.buffer.write(output.read())
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
