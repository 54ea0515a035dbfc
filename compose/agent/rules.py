"""What the kernel is told to drop or delay: read from `nft` and `tc`."""

from __future__ import annotations

import re


def read_filters(ruleset: str, devices: dict[str, str]) -> dict[str, tuple[float, list[str]]]:
    """What `nft list ruleset` drops on arrival: network → (per cent of other servers' frames, rules).

    A rule that looks at ports or TCP flags is listed but counts for nothing: it does not stop adverts.

    Args:
        devices: interface → network.
    """
    found: dict[str, tuple[float, list[str]]] = {network: (0.0, []) for network in devices.values()}
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
                _note(found, devices, bound, 100.0, line)
        elif hook in ("input", "ingress") and re.search(r"\b(drop|reject)\b", line):
            named = set(re.findall(r'\biif(?:name)? "([^"]+)"', line))
            share = re.search(r"numgen random mod (\d+) < (\d+)", line)
            percent = 100.0 * int(share[2]) / int(share[1]) if share else 100.0
            narrow = re.search(r"\b(dport|sport|tcp|udp|icmp|ct)\b", line)
            _note(found, devices, named or bound, 0.0 if narrow else percent, line)
    return found


def _note(
    found: dict[str, tuple[float, list[str]]],
    devices: dict[str, str],
    bound: set[str],
    percent: float,
    line: str,
) -> None:
    for device, network in devices.items():
        if not bound or device in bound:
            before, rules = found[network]
            found[network] = (100 - (100 - before) * (100 - percent) / 100, [*rules, line])


def read_delay(qdiscs: str) -> float:
    """Milliseconds of delay that `tc qdisc show` tells."""
    found = re.search(r"netem .*?delay ([\d.]+)(us|ms|s)", qdiscs)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]] if found else 0.0


def filter_script(chain: str, family: str, hook: str, rule: str) -> str:
    """For `nft -f`: a chain of the table hatlab with this one rule; no chain without one."""
    end = f"add rule {family} hatlab {chain} {rule}" if rule else f"delete chain {family} hatlab {chain}"
    return (
        f"add table {family} hatlab\nadd chain {family} hatlab {chain} {{ {hook} }}\n"
        f"flush chain {family} hatlab {chain}\n{end}\n"
    )
