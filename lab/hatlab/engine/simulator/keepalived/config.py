"""Reads a keepalived.conf for a simulated daemon.

`hatlab.keepalived` reads most of it; here is what only a running daemon needs: interfaces, the device of each
virtual address, tracked interfaces, weights, delays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from hatlab.keepalived import (
    InstanceSettings,
    Statement,
    VrrpScript,
    parse_config,
    read_scripts,
    read_settings,
)
from hatlab.keepalived.garp_settings import GarpPaces, read_garp_paces
from hatlab.keepalived.tracked_things import (
    TrackFile,
    TrackProcess,
    read_track_files,
    read_track_processes,
)
from hatlab.keepalived.virtual_addresses import VirtualAddress


@dataclass(frozen=True, slots=True)
class InstanceConfig:
    """One vrrp_instance, with what global_defs say of it."""

    settings: InstanceSettings
    vips: tuple[VirtualAddress, ...]
    """What it holds as Master, the excluded ones last; each with its device."""


@dataclass(frozen=True, slots=True)
class Config:
    """A whole file."""

    instances: tuple[InstanceConfig, ...]
    has_notify_fifo: bool
    """It names a notify FIFO; without one an end is told by the process alone."""
    has_virtual_server: bool
    """A checker process is started too."""
    servers: tuple[tuple[str, str], ...]
    """(real server, virtual server) of each pair, as the daemon writes them in its log."""
    scripts: dict[str, VrrpScript]
    startup_delay: float
    """Seconds."""
    files: dict[str, TrackFile]
    processes: dict[str, TrackProcess]
    garp_paces: GarpPaces


@lru_cache(maxsize=256)
def read_config(text: str) -> Config:
    """Return the configuration in a keepalived.conf; what is not understood is left out, as by the daemon."""
    root = parse_config(text)
    settings, scripts = read_settings(text), read_scripts(text)
    global_defs = root.merged("global_defs")
    return Config(
        tuple(
            _read_instance(settings[block.value()])
            for block in _first_of_each_name(root)
            if block.value() in settings
        ),
        global_defs.last("vrrp_notify_fifo") is not None,
        next(root.all("virtual_server"), None) is not None,
        _read_servers(root),
        scripts,
        _read_number(global_defs, "vrrp_startup_delay", 0.0),
        read_track_files(text),
        read_track_processes(text),
        read_garp_paces(text),
    )


def _first_of_each_name(root: Statement) -> Iterable[Statement]:
    """Return the vrrp_instance blocks; keepalived skips one whose name is there already."""
    found: dict[str, Statement] = {}
    for block in root.all("vrrp_instance"):
        found.setdefault(block.value(), block)
    return found.values()


def _read_servers(root: Statement) -> tuple[tuple[str, str], ...]:
    pairs = []
    for virtual in root.all("virtual_server"):
        statement = virtual.last("protocol")
        protocol = statement.value().lower() if statement else "tcp"
        name = _server_name(virtual, protocol)
        pairs += [(_server_name(real, protocol), name) for real in virtual.all("real_server")]
    return tuple(pairs)


def _server_name(block: Statement, protocol: str) -> str:
    address, port = [*(word.text for word in block.words[1:3]), "", ""][:2]
    return f"[{address}]:{protocol}:{port}"


def _read_instance(settings: InstanceSettings) -> InstanceConfig:
    vips = tuple(
        replace(v, device=device)
        for v in settings.virtual_addresses
        if (device := v.device or settings.interface)
    )
    return InstanceConfig(
        settings,
        vips,
    )


def _read_number(block: Statement, keyword: str, default: float) -> float:
    statement = block.last(keyword)
    try:
        return max(0.0, float(statement.value())) if statement else default
    except ValueError:
        return default
