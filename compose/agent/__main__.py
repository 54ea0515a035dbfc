"""Runs the agent until its lease runs out or it is told to end."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

from .node import Node

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    spec = json.loads(os.environ["HATLAB_NODE"])
    spec["files"] = json.loads(os.environ.pop("HATLAB_FILES", "{}"))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Node(spec).run()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
