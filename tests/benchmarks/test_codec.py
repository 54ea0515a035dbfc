from __future__ import annotations

import pytest

from tests.benchmarks import codec


def test_codec_against_scapy(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + codec.main())  # noqa: T201
