from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.docker.image import debootstrap
from hatlab.errors import EngineError

ONE_LINE = """\
# deb http://commented.example/debian sid main
deb-src http://source.example/debian sid main
deb cdrom:[Debian]/ sid main
deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] http://one.example/debian/ bookworm main
deb http://security.example/debian-security bookworm-security main
deb https://vendor.example/apt stable main
"""
DEB822 = """\
Types: deb deb-src
# a comment
URIs: http://two.example/debian
  http://three.example/debian/
Suites: sid
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: sid

Types: deb-src
URIs: http://sources.example/debian
Suites: sid
"""


def test_mirrors_of_both_formats_are_found_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(ONE_LINE)
    (folder / "debian.sources").write_text(DEB822)
    (folder / "old.sources.disabled").write_text(DEB822.replace("two", "never"))
    (folder / "b.list").write_text("deb http://two.example/debian sid main\n")
    assert debootstrap.find_mirrors(tmp_path) == [
        "http://one.example/debian",
        "http://two.example/debian",
        "http://three.example/debian",
    ]


def test_a_machine_without_apt_has_no_mirror(tmp_path: Path) -> None:
    assert debootstrap.find_mirrors(tmp_path / "no") == []
    (tmp_path / "sources.list").write_bytes(b"\xff\xfe deb\n  \n")
    assert debootstrap.find_mirrors(tmp_path) == []


def test_the_error_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    with pytest.raises(EngineError, match="not installed") as caught:
        debootstrap.make_base_image(None, "x:y", lambda line: None)  # type: ignore[arg-type]
    assert "apt install debootstrap" in caught.value.hint
    monkeypatch.setattr("shutil.which", lambda name, path: "/usr/sbin/debootstrap")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(EngineError, match="needs root") as caught:
        debootstrap.make_base_image(None, "x:y", lambda line: None)  # type: ignore[arg-type]
    assert "sudo hatlab image build --bootstrap" in caught.value.hint


@pytest.fixture
def fake_debootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A debootstrap that makes one file, or fails if there is a file `fail`."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(debootstrap, "find_mirrors", lambda: ["https://one.example/debian"])
    program = tmp_path / "debootstrap"
    program.write_text(
        f'#!/bin/sh\necho "I: $*"\n[ -e {tmp_path}/fail ] && {{ echo "E: no mirror"; exit 1; }}\n'
        'for last; do :; done\nmkdir -p "$4"; echo made > "$4/made"\n'
    )
    program.chmod(0o755)
    return tmp_path


def test_a_system_is_made_and_imported(fake_debootstrap: Path) -> None:
    seen: dict[str, Any] = {}

    class Api:
        def import_image(self, src: Any, **parameters: Any) -> str:
            seen.update(parameters, size=len(src.read()))
            return "{}"

    lines: list[str] = []
    debootstrap.make_base_image(type("Client", (), {"api": Api()})(), "base:sid", lines.append)
    assert (seen["repository"], seen["tag"]) == ("base", "sid")
    assert seen["size"] > 0
    assert "--include=ca-certificates sid" in lines[1]
    assert lines[-1] == "importing base:sid"


def test_the_error_of_a_failed_debootstrap_is_its_last_line(fake_debootstrap: Path) -> None:
    (fake_debootstrap / "fail").touch()
    with pytest.raises(EngineError, match="E: no mirror"):
        debootstrap.make_base_image(None, "x:y", lambda line: None)  # type: ignore[arg-type]


def test_a_missing_mirror_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debootstrap, "_check_tools", lambda: None)
    monkeypatch.setattr(debootstrap, "find_mirrors", lambda: [])
    with pytest.raises(EngineError, match="no Debian mirror"):
        debootstrap.make_base_image(None, "x:y", lambda line: None)  # type: ignore[arg-type]
