"""Facts on their way to stdout."""

from __future__ import annotations

import json
import os

import pytest

from compose.agent.output import Output


def test_facts_are_written_in_the_order_of_their_time(capfd: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    out = Output(write)
    out.put("late", 2.0)
    out.put("early", 1.0)
    out.flush()
    os.close(read)
    os.close(write)
    lines = capfd.readouterr().out.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["early", "late"]
