"""All tests, as `make test` runs them: `python -m tests`.

Tests without containers run first; then those on Docker, because a node that waits for the
processor answers late. The lessons on Docker wait for labs, do not mind a busy machine, and run beside all
others. A few tests that failed are run once more at the end, alone: a machine that was busy for a moment is
no defect, and a defect fails again.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from tests.docker_files import LESSONS_ON_DOCKER, docker_paths

CACHE = Path(".pytest_cache")
FAILED, INTERRUPTED = 1, 130
FEW = 12
"""More failures than this are no accident, and are not tried again."""
GROUPS = {
    "lessons": ["-m", "docker", LESSONS_ON_DOCKER],
    "others": ["-m", "not docker"],
    "docker": ["-m", "docker", "--ignore", LESSONS_ON_DOCKER, *docker_paths()],
}
_WORKER_GROUP = re.compile(r"@tests/[\w/]+\.py$")
WORKERS = ["-n", "4"]
"""More than two processors: what waits for a screen or a lab leaves them to others."""
WORKERS_ON_DOCKER = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    for group in GROUPS:
        shutil.rmtree(_cache(group), ignore_errors=True)
    with tempfile.TemporaryFile() as log:
        lessons = subprocess.Popen(_pytest("lessons"), stdout=log, stderr=subprocess.STDOUT)
        try:
            codes = {
                "others": subprocess.call(_pytest("others", *WORKERS)),
                "docker": subprocess.call(_pytest("docker", *WORKERS_ON_DOCKER)),
                "lessons": lessons.wait(),
            }
        finally:
            lessons.terminate()
        _tell("the lessons on Docker, which began with the first test:")
        _copy(log)
    again = {group: _run_again(group) if code == FAILED else code for group, code in codes.items()}
    return next((code for code in again.values() if code), 0)


def _run_again(group: str) -> int:
    """The exit code of those tests of a group that failed, each run once more."""
    failed = _failed(group)
    if not 0 < len(failed) <= FEW:
        return FAILED
    _tell("these tests failed, and run once more, alone:", *failed)
    code = subprocess.call(_pytest(group, "--last-failed", "--last-failed-no-failures", "none"))
    if not code:
        _tell("they passed the second time:", *failed)
    return code


def _pytest(group: str, *options: str) -> list[str]:
    cache = f"cache_dir={_cache(group)}"
    return [sys.executable, "-m", "pytest", "-o", cache, *options, *GROUPS[group]]


def _cache(group: str) -> Path:
    return CACHE / group


def _failed(group: str) -> list[str]:
    """The tests of a group that failed, also in pytest's cache without the group of workers that they ran in:
    with it pytest would not find them again, and run all."""
    cache = _cache(group) / "v/cache/lastfailed"
    if not cache.exists():
        return []
    failed = sorted({_WORKER_GROUP.sub("", name) for name in json.loads(cache.read_text())})
    cache.write_text(json.dumps(dict.fromkeys(failed, True)))
    return failed


def _copy(log: IO[bytes]) -> None:
    log.seek(0)
    shutil.copyfileobj(log, sys.stdout.buffer)
    sys.stdout.flush()


def _tell(*lines: str) -> None:
    print("", *lines, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
