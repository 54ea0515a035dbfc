"""Tells what works here, what does not, and how to mend it. Exit code 1 if a lab cannot run."""

from __future__ import annotations

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from hatlab.errors import LabError

if TYPE_CHECKING:
    from docker import DockerClient

EXAMPLE = """
hatlab doctor
hatlab doctor --json | jq 'select(.level != "ok")'
"""
_MARKS = {"ok": ("✔", "ok", "32"), "warn": ("⚠", "warn", "33"), "fail": ("✖", "fail", "31")}
_ROOM = 1_500_000_000
"""Bytes that building the image takes at most, its layers on the way included."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok`, `warn` (a lab runs, something does not) or `fail` (no lab), and the cure."""

    name: str
    level: str
    text: str
    cure: str = ""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="an object a finding, one a line")
    parser.add_argument("--context", metavar="NAME", help="a Docker context; the current one if left out")


def run(args: Namespace) -> int:
    import json

    failed = False
    for finding in findings(args.context):
        failed |= finding.level == "fail"
        line = json.dumps(asdict(finding), ensure_ascii=False) if args.json else _line(finding)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    if not args.json:
        simulated = "no Docker lab can run here yet; the simulator can: hatlab start --engine sim"
        sys.stdout.write(f"\n{simulated}\n" if failed else "\na lab can run here: hatlab start\n")
    return 1 if failed else 0


def _line(finding: Finding) -> str:
    from hatlab.text.event_log import wants_colour

    glyph, word, tint = _MARKS[finding.level]
    mark = f"{glyph} {word:<4}"
    if wants_colour(os.environ, sys.stdout.isatty()):
        mark = f"\x1b[{tint}m{mark}\x1b[0m"
    cure = f"\n{'':>26}→ {finding.cure}" if finding.cure else ""
    return f"{mark}  {finding.name:<17} {finding.text}{cure}"


def findings(context: str | None) -> Iterator[Finding]:
    """Everything looked at, in the order a person would mend it."""
    yield _python()
    yield from _terminal()
    yield _disk()
    yield _running()
    yield from _docker(context)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", "ok", f"{version} at {sys.executable}")


def _terminal() -> Iterator[Finding]:
    from hatlab.text.event_log import wants_colour

    if not sys.stdout.isatty():
        yield Finding(
            "terminal", "ok", "this is none: hatlab start plays a demonstration, --headless prints a log"
        )
        return
    columns, rows = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    small = columns < 80 or rows < 24
    yield Finding(
        "terminal",
        "warn" if small or term in ("", "dumb") else "ok",
        f"{columns}x{rows}, TERM={term or 'unset'}",
        "make it 80x24 or larger"
        if small
        else "set TERM, as in: export TERM=xterm-256color"
        if not term
        else "",
    )
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    cure = "" if utf8 else "use a UTF-8 locale, as in: export LC_ALL=C.UTF-8"
    yield Finding("characters", "ok" if utf8 else "warn", sys.stdout.encoding or "unknown", cure)
    colour = wants_colour(os.environ, True)
    depth = os.environ.get("COLORTERM") or ("256 colours" if "256" in term else "16 colours")
    yield Finding("colours", "ok", depth if colour else "none (NO_COLOR or TERM says so)")


def _disk() -> Finding:
    from hatlab.util.paths import state_dir

    try:
        folder = state_dir()
    except LabError as error:
        return Finding("own files", "warn", error.message, error.hint)
    room = shutil.disk_usage(folder).free
    short = room < 100_000_000
    cure = "free some, or runs cannot be recorded" if short else ""
    return Finding("own files", "warn" if short else "ok", f"{folder}, {room / 1e9:.1f} GB free", cure)


def _running() -> Finding:
    from hatlab.control import list_running_labs
    from hatlab.util.paths import sockets_dir

    try:
        labs = list_running_labs(sockets_dir())
    except (LabError, OSError, AttributeError) as error:
        return Finding(
            "running labs", "warn", f"cannot tell: {error}", "a lab runs, only `hatlab do` does not"
        )
    return Finding("running labs", "ok", ", ".join(f"{lab.id} (pid {lab.pid})" for lab in labs) or "none")


def _docker(context: str | None) -> Iterator[Finding]:
    from hatlab.engine.docker.connection import connect

    try:
        client = connect(context, timeout=10)
    except LabError as error:
        yield Finding("Docker", "fail", error.message, error.hint)
        return
    try:
        yield _engine(client, context)
        yield _space(client)
        yield _subnets(client)
        yield _leftovers(client)
        yield from _image(client)
    except LabError as error:
        yield Finding("Docker", "fail", error.message, error.hint)
    finally:
        client.close()


def _engine(client: DockerClient, context: str | None) -> Finding:
    version = client.version()
    where = context or os.environ.get("DOCKER_HOST") or "this machine's own, or the current context"
    kernel = version.get("KernelVersion", "unknown")
    text = f"{version['Version']}, API {version['ApiVersion']}, kernel {kernel}; {where}"
    if version.get("Os") != "linux":
        return Finding(
            "Docker", "fail", f"{text}; its containers are no Linux ones", "switch to Linux containers"
        )
    return Finding("Docker", "ok", text)


def _space(client: DockerClient) -> Finding:
    """Free room where Docker keeps its data; can be told only of an engine on this machine."""
    root = client.info().get("DockerRootDir", "")
    if os.environ.get("DOCKER_HOST") or not os.path.isdir(root):
        return Finding(
            "Docker's disk", "ok", f"{root or 'unknown'} (not on this machine, so its room is not known)"
        )
    room = shutil.disk_usage(root).free
    cure = f"building the image takes {_ROOM / 1e9:.1f} GB; `docker system df` shows what takes room"
    level = "warn" if room < _ROOM else "ok"
    return Finding(
        "Docker's disk", level, f"{root}, {room / 1e9:.1f} GB free", cure if level == "warn" else ""
    )


def _subnets(client: DockerClient) -> Finding:
    from hatlab.engine.docker.networks import used_subnets
    from hatlab.engine.docker.subnets import free_subnets

    try:
        found = free_subnets(used_subnets(client), 2)
    except LabError as error:
        return Finding("free subnets", "fail", error.message, error.hint)
    return Finding("free subnets", "ok", f"{', '.join(found)} (the next lab's)")


def _leftovers(client: DockerClient) -> Finding:
    from hatlab.control import list_running_labs
    from hatlab.engine.docker.cleanup import find_labs
    from hatlab.util.paths import sockets_dir

    own = {lab.id for lab in list_running_labs(sockets_dir())}
    found = [remains for remains in find_labs(client) if remains.lab not in own]
    if not found:
        return Finding("other labs", "ok", "none, running or left over")
    ended = any(not remains.running for remains in found)
    level, cure = ("warn", "hatlab down") if ended else ("ok", "")
    return Finding("other labs", level, "; ".join(map(str, found)), cure)


def _image(client: DockerClient) -> Iterator[Finding]:
    from hatlab.commands.support.engines import can_bootstrap
    from hatlab.engine.docker.image.name import has_node_image, image_name
    from hatlab.engine.docker.kernel_probe import probe_kernel

    if not has_node_image(client):
        how = "hatlab start builds it, or: hatlab image build" + (" [--bootstrap]" if can_bootstrap() else "")
        yield Finding("node image", "warn", f"{image_name()} is not there", f"{how}; hatlab image load FILE")
        yield Finding("kernel", "warn", "not tried: that takes the node image", "hatlab image build")
        return
    yield Finding("node image", "ok", image_name())
    for feature in probe_kernel(client, image_name()):
        if feature.works:
            yield Finding(feature.name, "ok", "works")
            continue
        level = "fail" if feature.essential else "warn"
        cure = f"a kernel that has it; without it there is no {feature.needed_for}"
        yield Finding(feature.name, level, f"does not work: {feature.message}", cure)
