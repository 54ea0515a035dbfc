"""Reads what the kernel drops and delays from the output of `nft` and `tc`, and writes scripts for `nft`."""

from __future__ import annotations

import re


def read_filters(ruleset: str, devices: dict[str, str]) -> dict[str, tuple[float, list[str]]]:
    """Read what `nft list ruleset` drops on arrival: network → (per cent of other servers' frames, rules).

    A rule on ports or TCP flags is listed but counts for nothing: it does not stop adverts.

    Args:
        devices: interface → network.
    """
    filters: dict[str, tuple[float, list[str]]] = {network: (0.0, []) for network in devices.values()}
    hook: str | None = None
    bound: set[str] = set()
    for raw in ruleset.splitlines():
        line = raw.strip()
        if line.startswith("chain "):
            hook, bound = None, set()
        elif line.startswith("type "):
            hook = (re.search(r"hook (\w+)", line) or [None, None])[1]
            bound = set(re.findall(r'"([^"]+)"', line)) if "device" in line else set()
            if "policy drop" in line and hook in ("input", "ingress"):
                _add_rule(filters, devices, bound, 100.0, line)
        elif hook in ("input", "ingress") and re.search(r"\b(drop|reject)\b", line):
            named = set(re.findall(r'\biif(?:name)? "([^"]+)"', line))
            share = re.search(r"numgen random mod (\d+) < (\d+)", line)
            percent = 100.0 * int(share[2]) / int(share[1]) if share else 100.0
            narrow = re.search(r"\b(dport|sport|tcp|udp|icmp|ct)\b", line)
            _add_rule(filters, devices, named or bound, 0.0 if narrow else percent, line)
    return filters


def _add_rule(
    filters: dict[str, tuple[float, list[str]]],
    devices: dict[str, str],
    bound: set[str],
    percent: float,
    line: str,
) -> None:
    for device, network in devices.items():
        if not bound or device in bound:
            before, rules = filters[network]
            filters[network] = (100 - (100 - before) * (100 - percent) / 100, [*rules, line])


def read_delay(qdiscs: str) -> float:
    """Read the delay from `tc qdisc show`, in milliseconds."""
    match = re.search(r"netem .*?delay ([\d.]+)(us|ms|s)", qdiscs)
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[match[2]] if match else 0.0


def filter_script(chain: str, family: str, hook: str, rule: str) -> str:
    """Write a script for `nft -f`: a chain of the table hatlab with one rule; no chain if `rule` is empty."""
    end = f"add rule {family} hatlab {chain} {rule}" if rule else f"delete chain {family} hatlab {chain}"
    return (
        f"add table {family} hatlab\nadd chain {family} hatlab {chain} {{ {hook} }}\n"
        f"flush chain {family} hatlab {chain}\n{end}\n"
    )
