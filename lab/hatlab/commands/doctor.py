"""Check what works on this machine, and say how to fix what does not. Exit code 1 if no lab can run."""

from __future__ import annotations

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_line
from hatlab.errors import LabError, UserError
from hatlab.settings.effective import current_settings
from hatlab.util.text import join_names

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.engine.docker.engine_facts import EngineFacts
    from hatlab.engine.docker.watched_client import CallWatch

EXAMPLE = """
hatlab doctor
hatlab doctor --json | jq 'select(.level != "ok")'
"""
_MARKS = {"ok": ("✔", "ok", "32"), "warn": ("⚠", "warn", "33"), "fail": ("✖", "fail", "31")}
_ANSWER_TIME = 5.0
"""Seconds in which an engine must answer each question."""
_DOCTOR_TIME = 12.0
"""Seconds that looking at an engine may take in all."""
_SSH_TIME = 60.0
"""The same through ssh, where each question may need a connection of its own."""
_IMAGE_BYTES = 1_500_000_000
"""Bytes that building the image takes at most, its layers on the way included."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One thing that was looked at."""

    name: str
    level: str
    """`ok`, `warn` (a lab runs, something else does not) or `fail` (no lab runs)."""
    text: str
    """What is the case."""
    cure: str = ""


def configure(parser: ArgumentParser) -> None:
    add_json_option(parser, "print one JSON object per line")
    parser.add_argument("--context", metavar="NAME", help="a Docker context (default: the current one)")


def run(args: Namespace) -> int:
    failed = False
    for checkup in check_machine(args.context):
        failed |= checkup.level == "fail"
        if args.json:
            print_json(asdict(checkup))
        else:
            print_line(_format_checkup(checkup))
    if not args.json:
        simulated = "No Docker lab can run here yet, but the simulator can: hatlab start --engine sim"
        sys.stdout.write(f"\n{simulated}\n" if failed else "\nA lab can run here: hatlab start\n")
    return 1 if failed else 0


def _format_checkup(checkup: Checkup) -> str:
    from hatlab.util.terminal import TerminalText, wants_colour
    from hatlab.util.visible import show_controls

    glyph, word, tint = _MARKS[checkup.level]
    mark = f"{glyph} {word:<4}"
    if wants_colour(os.environ, sys.stdout.isatty()):
        mark = f"\x1b[{tint}m{mark}\x1b[0m"
    cure = f"\n{'':>26}→ {checkup.cure}" if checkup.cure else ""
    return TerminalText(mark + show_controls(f"  {checkup.name:<17} {checkup.text}{cure}"))


def check_machine(context: str | None) -> Iterator[Checkup]:
    """Yield everything that is looked at, in the order in which a person would fix it."""
    yield _check_python()
    yield from _check_terminal()
    yield _check_state_folder()
    yield _check_settings()
    yield from _check_extensions()
    yield _check_running_labs()
    yield from _check_docker(context)


def _check_python() -> Checkup:
    version = ".".join(map(str, sys.version_info[:3]))
    return Checkup("Python", "ok", f"{version} at {sys.executable}")


def _check_settings() -> Checkup:
    settings = current_settings()
    if settings.path is None or not settings.path.exists():
        return Checkup("settings", "ok", "no file, so every setting has its default")
    try:
        settings.given("engine")
    except UserError as error:
        return Checkup("settings", "fail", error.message, "hatlab config check lists every mistake")
    return Checkup("settings", "ok", str(settings.path))


def _check_extensions() -> Iterator[Checkup]:
    from hatlab.commands.support.extension_list import list_extensions
    from hatlab.registry import are_wanted

    if not are_wanted():
        yield Checkup("extensions", "ok", "turned off")
        return
    listed = list_extensions()
    broken = [each for each in listed if not each.works]
    for each in broken:
        text = f"the {each.kind} {each.name!r} of {each.package} {each.package_version} {each.text}"
        yield Checkup("extensions", "warn", text, each.cure)
    packages: dict[str, list[str]] = {}
    for each in listed:
        if each.works:
            names = packages.setdefault(f"{each.package} {each.package_version}", [])
            names.append(f"the {each.kind} {each.name}")
    if packages or not broken:
        text = "; ".join(f"{package}: {', '.join(names)}" for package, names in packages.items())
        yield Checkup("extensions", "ok", text or "none")


def _check_terminal() -> Iterator[Checkup]:
    from hatlab.util.terminal import wants_colour

    if not sys.stdout.isatty():
        yield Checkup(
            "terminal", "ok", "none here: hatlab start plays a demonstration, --headless prints a log"
        )
        return
    columns, rows = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    small = columns < 80 or rows < 24
    yield Checkup(
        "terminal",
        "warn" if small or term in ("", "dumb") else "ok",
        f"{columns}x{rows}, TERM={term or 'unset'}",
        "make it 80x24 or larger"
        if small
        else "set TERM, for example: export TERM=xterm-256color"
        if not term
        else "",
    )
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    cure = (
        ""
        if utf8
        else "drawn in ASCII; for all characters use a UTF-8 locale, for example: export LC_ALL=C.UTF-8"
    )
    yield Checkup("characters", "ok" if utf8 else "warn", sys.stdout.encoding or "unknown", cure)
    colour = wants_colour(os.environ, True)
    depth = os.environ.get("COLORTERM") or ("256 colours" if "256" in term else "16 colours")
    yield Checkup("colours", "ok", depth if colour else "none (NO_COLOR or TERM says so)")


def _check_state_folder() -> Checkup:
    from hatlab.util.paths import state_dir

    try:
        folder = state_dir()
    except LabError as error:
        return Checkup("hatlab's files", "warn", error.message, error.hint)
    free = shutil.disk_usage(folder).free
    short = free < 100_000_000
    cure = "free some space, or runs cannot be recorded" if short else ""
    return Checkup("hatlab's files", "warn" if short else "ok", f"{folder}, {free / 1e9:.1f} GB free", cure)


def _check_running_labs() -> Checkup:
    from hatlab.control import list_running_labs
    from hatlab.util.paths import sockets_dir
    from hatlab.util.unix_socket import require_unix_sockets

    try:
        require_unix_sockets()
        labs = list_running_labs(sockets_dir())
    except (LabError, OSError) as error:
        text = error.message if isinstance(error, LabError) else f"unknown: {error.strerror}"
        return Checkup("running labs", "warn", text, "labs still run, but `hatlab do` does not")
    return Checkup("running labs", "ok", ", ".join(f"{lab.id} (pid {lab.pid})" for lab in labs) or "none")


def _check_docker(context: str | None) -> Iterator[Checkup]:
    from hatlab.engine.docker.connection import connect, engine_address, is_silence

    try:
        address = engine_address(context)
    except LabError as error:
        yield Checkup("Docker", "fail", error.message, error.hint)
        return
    allowed = _SSH_TIME if address.startswith("ssh://") else _DOCTOR_TIME
    found: Queue[Checkup | None] = Queue()
    watches: list[CallWatch] = []

    def ask_engine() -> None:
        try:
            with closing(connect(context, timeout=_ANSWER_TIME)) as client:
                watches.append(client.watch)
                for checkup in _check_client(client, context):
                    found.put(checkup)
        except LabError as error:
            found.put(Checkup("Docker", "fail", error.message, error.hint))
        except Exception as error:  # noqa: BLE001  an engine can answer anything at all
            text = f"its answers cannot be understood ({type(error).__name__}: {str(error)[:200]})"
            if is_silence(error):
                text = f"it answered at first, and then not within {_ANSWER_TIME:g} s"
            found.put(Checkup("Docker", "fail", text, "restart Docker, or look what answers in its place"))
        found.put(None)

    Thread(target=ask_engine, name="doctor", daemon=True).start()
    deadline = monotonic() + allowed
    while True:
        try:
            checkup = found.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            yield _too_late(watches[0].silence if watches else allowed, allowed)
            return
        if checkup is None:
            return
        yield checkup


def _too_late(silence: float, allowed: float) -> Checkup:
    """Say whether the engine hangs or is slow.

    Args:
        silence: seconds that it has not answered.
        allowed: seconds that it had in all.
    """
    if silence > _ANSWER_TIME / 2:
        text = f"it hangs: it answered at first, and then not for {silence:.0f} s"
        return Checkup("Docker", "fail", text, "restart Docker, or look what answers in its place")
    text = f"it is slow: not all could be looked at within {allowed:g} s"
    return Checkup(
        "Docker", "warn", text, "see what else this machine does; a lab starts, but takes its time"
    )


def _check_client(client: DockerClient, context: str | None) -> Iterator[Checkup]:
    from hatlab.engine.docker.engine_facts import read_engine_facts

    facts = read_engine_facts(client, context)
    yield _check_engine(facts)
    yield _check_docker_disk(client, facts)
    yield _check_networks(client)
    yield _check_limits(client, facts)
    yield _check_subnets(client)
    yield _check_other_labs(client)
    yield from _check_image_and_kernel(client)


def _check_engine(facts: EngineFacts) -> Checkup:
    if facts.system != "linux":
        text = f"{facts}; it does not run Linux containers"
        return Checkup("Docker", "fail", text, "switch to Linux containers")
    return Checkup("Docker", "ok", str(facts))


def _check_docker_disk(client: DockerClient, facts: EngineFacts) -> Checkup:
    """Look at the free room where Docker keeps its data; it is known only of an engine on this machine."""
    root = client.info().get("DockerRootDir", "")
    if facts.remote or not os.path.isdir(root):
        return Checkup(
            "Docker's disk", "ok", f"{root or 'unknown'} (not on this machine, so its free space is unknown)"
        )
    free = shutil.disk_usage(root).free
    text = f"{root}, {free / 1e9:.1f} GB free"
    if free >= _IMAGE_BYTES:
        return Checkup("Docker's disk", "ok", text)
    cure = f"building the image takes {_IMAGE_BYTES / 1e9:.1f} GB; `docker system df` shows what uses space"
    return Checkup("Docker's disk", "warn", text, cure)


def _check_networks(client: DockerClient) -> Checkup:
    """Look whether a lab can have networks that keep its nodes off this machine."""
    from hatlab.engine.docker.syscall_filter import is_podman

    drivers = (client.info().get("Plugins") or {}).get("Network") or ()
    if is_podman(client.version()):
        if any("rootless" in str(option) for option in client.info().get("SecurityOptions") or ()):
            text = "ordinary bridges without a wall, on rootless Podman: root in a node gets frames out of it"
            return Checkup(
                "networks", "warn", text, "start no lab here that you do not trust, but --engine sim"
            )
        return Checkup("networks", "ok", "ordinary bridges, on Podman: a rule keeps nodes off this machine")
    if missing := [driver for driver in ("bridge", "macvlan") if driver not in drivers]:
        text = f"Docker has no driver {' and no driver '.join(missing)}"
        return Checkup("networks", "fail", text, "use a Docker engine with all its own drivers")
    return Checkup("networks", "ok", "bridge and macvlan: a node reaches nothing but its lab")


def _check_limits(client: DockerClient, facts: EngineFacts) -> Checkup:
    """Look which of a node's limits the engine's kernel keeps."""
    info = client.info()
    keys = {
        "memory": "MemoryLimit",
        "swap": "SwapLimit",
        "processor": "CpuCfsQuota",
        "processes": "PidsLimit",
    }
    spellings = {key.lower(): value for key, value in info.items()}  # Podman's differ
    missing = [what for what, key in keys.items() if spellings.get(key.lower()) is False]
    if not missing:
        return Checkup("node limits", "ok", "memory, swap, processor and processes; the disk's is Docker's")
    text = f"the kernel does not limit a node's {join_names(missing)}"
    if missing == ["swap"]:
        text += ", so it may swap as much again"
    if facts.rootless:
        cure = "boot Linux with cgroup v2, and let systemd delegate cpu, memory and pids to your user"
        return Checkup("node limits", "warn", text, cure)
    cure = "boot Linux with cgroup_enable=memory swapaccount=1, or use cgroup v2"
    return Checkup("node limits", "warn", text, cure)


def _check_subnets(client: DockerClient) -> Checkup:
    from hatlab.engine.docker.networks import used_subnets
    from hatlab.engine.docker.subnets import free_subnets

    try:
        subnets = free_subnets(used_subnets(client), 2)
    except LabError as error:
        return Checkup("free subnets", "fail", error.message, error.hint)
    return Checkup("free subnets", "ok", f"{', '.join(subnets)} (for the next lab)")


def _check_other_labs(client: DockerClient) -> Checkup:
    from hatlab.control import list_running_labs
    from hatlab.engine.docker.cleanup import find_labs
    from hatlab.util.paths import sockets_dir

    running = {lab.id for lab in list_running_labs(sockets_dir())}
    others = [remains for remains in find_labs(client) if remains.lab not in running]
    if not others:
        return Checkup("other labs", "ok", "none running, none left over")
    ended = any(not remains.running for remains in others)
    level, cure = ("warn", "hatlab down") if ended else ("ok", "")
    return Checkup("other labs", level, "; ".join(map(str, others)), cure)


def _check_image_and_kernel(client: DockerClient) -> Iterator[Checkup]:
    from hatlab.commands.support.engine_choice import can_bootstrap
    from hatlab.engine.docker.image.name import has_node_image, image_name
    from hatlab.engine.docker.kernel_probe import probe_kernel

    if not has_node_image(client):
        how = "hatlab start builds it; or run hatlab image build" + (
            " [--bootstrap]" if can_bootstrap() else ""
        )
        yield Checkup(
            "node image", "warn", f"{image_name()} is not there", f"{how}, or hatlab image load FILE"
        )
        yield Checkup("kernel", "warn", "not tested: the node image is needed for that", "hatlab image build")
        return
    yield Checkup("node image", "ok", image_name())
    for feature in probe_kernel(client, image_name()):
        if feature.works:
            yield Checkup(feature.name, "ok", "works")
            continue
        level = "fail" if feature.essential else "warn"
        cure = f"use a kernel that has it; without it there is no {feature.needed_for}"
        yield Checkup(feature.name, level, f"does not work: {feature.message}", cure)
