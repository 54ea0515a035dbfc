from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)
