"""The wheel where nothing else of hatlab is: installed by pip into an empty environment, and used there.

Its libraries are those of the tests' environment, by a path; that it asks for each is tested beside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab import __version__

Run = Callable[..., str]


@pytest.fixture
def hatlab(environment: Path, tmp_path: Path) -> Run:
    """Runs a program of the environment and returns what it printed; it must end well."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "HOME": str(tmp_path),
        "HATLAB_EXTENSIONS": "on",
        "DOCKER_HOST": "unix:///nowhere",
    }

    def run(*argv: str) -> str:
        command = [str(environment / "bin" / argv[0]), *argv[1:]]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_is_the_installed_one(hatlab: Run) -> None:
    assert "installed" in hatlab("python", "-c", "import hatlab; print(hatlab.__file__)")
    assert hatlab("hatlab", "--version") == f"hatlab {__version__}\n"


def test_it_has_its_documentation(hatlab: Run) -> None:
    assert "writing-lessons" in hatlab("hatlab", "help")
    assert hatlab("hatlab", "help", "simulator").startswith("# The simulator")
    assert "KA106" in hatlab("hatlab", "check", "--explain", "KA106")


def test_it_runs_a_lab_of_a_file_that_it_wrote(hatlab: Run) -> None:
    hatlab("hatlab", "new", "topology", "mine")
    assert "no problems" in hatlab("hatlab", "check", "mine.yaml")
    assert "MASTER" in hatlab("hatlab", "start", "mine.yaml", "--engine", "sim", "--headless", "--for", "1")


def test_the_example_of_an_extension_is_installed_beside_it(
    hatlab: Run, unpacked: Path, tmp_path: Path
) -> None:
    packages, example = tmp_path / "packages", unpacked / "docs" / "example-extension"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    options = ["--no-deps", "--no-build-isolation", "--no-compile", "--target", str(packages)]
    subprocess.run([*pip, *options, str(example)], check=True)
    code = "import sys; from hatlab.cli import main; sys.path.append('packages'); sys.exit(main())"
    assert "  ✔ action     strike " in hatlab("python", "-c", code, "extensions")
    assert "SITE001" in hatlab("python", "-c", code, "check", "--explain", "SITE001")


def test_it_has_its_lessons_and_topologies(hatlab: Run) -> None:
    assert "kill-mysqld" in hatlab("hatlab", "lessons")
    assert "two-node" in hatlab("hatlab", "topologies")


def test_shells_find_how_to_complete_it(hatlab: Run) -> None:
    share = Path(hatlab("python", "-c", "import sys; print(sys.prefix)").strip(), "share")
    assert "hatlab" in (share / "bash-completion/completions/hatlab").read_text()
    assert (share / "zsh/site-functions/_hatlab").read_text().startswith("#compdef hatlab\n")
    assert "hatlab" in (share / "fish/vendor_completions.d/hatlab.fish").read_text()


def test_man_finds_the_manual_page(hatlab: Run) -> None:
    page = Path(hatlab("python", "-c", "import sys; print(sys.prefix)").strip(), "share/man/man1/hatlab.1")
    assert page.read_text().startswith(".TH HATLAB 1")
