"""The two distributions, built once from the files of this checkout."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(target: str, source: Path, into: Path, **environ: str) -> Path:
    """Build `sdist` or `wheel` of a source tree with the libraries of this environment; return the file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    done = subprocess.run(command, cwd=source, env=os.environ | environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [built] = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def make_once(name: str, tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], object]) -> Path:
    """Return a folder that is made by the first worker that needs it, for all of them."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, made = root / name, root / f"{name}.made"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    [built] = make_once("sdist", tmp_path_factory, lambda into: build("sdist", ROOT, into)).iterdir()
    return built


@pytest.fixture(scope="session")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the sdist unpacks to."""

    def unpack(into: Path) -> None:
        with tarfile.open(sdist) as tar:
            tar.extractall(into, filter="data")

    [folder] = make_once("unpacked", tmp_path_factory, unpack).iterdir()
    return folder


@pytest.fixture(scope="session")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, as a packager does."""
    [built] = make_once("wheel", tmp_path_factory, lambda into: build("wheel", unpacked, into)).iterdir()
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which nothing but the wheel is installed; it finds libraries in that of the tests."""

    def install(into: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(into)], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(into), "--disable-pip-version-check", "install"]
        options = ["--quiet", "--no-index", "--no-deps", "--no-compile"]
        subprocess.run([*pip, *options, str(wheel)], check=True, cwd=into)
        [packages] = into.glob("lib/python*/site-packages")
        (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")

    return make_once("installed", tmp_path_factory, install)
