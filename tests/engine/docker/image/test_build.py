"""Building the node image, on a fake engine."""

from __future__ import annotations

import tarfile

import pytest

from hatlab.engine.docker.image import build, debootstrap
from hatlab.engine.docker.image.build import build_image
from hatlab.engine.docker.image.name import BOOTSTRAPPED, image_name
from hatlab.errors import EngineError
from tests.engine.docker.image.fake_engine import FakeApi, fake_client


def test_a_build_reports_its_progress_and_uses_the_machine_s_own_network() -> None:
    api, lines = FakeApi("debian:sid"), list[str]()
    assert build_image(fake_client(api), lines.append) == image_name()
    assert "step 1/2  FROM x" in lines
    assert "  hello" in lines
    assert not any("--->" in line for line in lines)
    assert api.built["network_mode"] == "host"
    assert api.built["buildargs"] == {"BASE": "debian:sid"}
    with tarfile.open(fileobj=api.built["fileobj"]) as tar:
        assert tar.getmember("agent").isdir()
        assert "agent/__main__.py" in tar.getnames()
        assert not any("__pycache__" in name for name in tar.getnames())


def test_a_missing_base_is_pulled() -> None:
    api, lines = FakeApi(), list[str]()
    build_image(fake_client(api), lines.append, base="debian:trixie")
    assert api.built["buildargs"] == {"BASE": "debian:trixie"}
    assert lines[:2] == ["pulling debian:trixie", "  abc: Pull complete"]


def test_without_a_registry_the_hint_says_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="cannot pull nowhere:1") as caught:
        build_image(fake_client(FakeApi()), lambda line: None, base="nowhere:1")
    assert "--bootstrap" in caught.value.hint
    monkeypatch.setattr(build, "BASE", "nowhere:sid")
    api, lines = FakeApi(BOOTSTRAPPED), list[str]()
    build_image(fake_client(api), lines.append)
    assert api.built["buildargs"] == {"BASE": BOOTSTRAPPED}
    assert any("bootstrapped earlier" in line for line in lines)


def test_the_base_is_bootstrapped_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    api = FakeApi()
    monkeypatch.setattr(debootstrap, "make_base_image", lambda client, name, report: api.names.add(name))
    for _ in range(2):
        build_image(fake_client(api), lambda line: None, bootstrap=True)
        assert api.built["buildargs"] == {"BASE": BOOTSTRAPPED}


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("write /x: no space left on device", "disk space"),
        ("E: Unable to locate package keepalived", "mirror"),
        ("returned a non-zero code: 1", "lines above"),
    ],
)
def test_the_error_names_the_failed_step_and_what_helps(error: str, hint: str) -> None:
    api = FakeApi("debian:sid", build=[{"stream": "Step 2/9 : RUN apt-get update"}, {"error": error}])
    with pytest.raises(EngineError, match="step 2/9 failed") as caught:
        build_image(fake_client(api), lambda line: None)
    assert hint in caught.value.hint
