"""Reads what the kernel drops and delays from the output of `nft` and `tc`, and writes scripts for `nft`."""

from __future__ import annotations

import re


def read_filters(ruleset: str, devices: dict[str, str]) -> dict[str, tuple[float, list[str]]]:
    """Read what `nft list ruleset` drops on arrival: network → (per cent of other servers' frames, rules).

    A rule on ports, TCP flags or destinations but VRRP's is listed but counts for nothing: it does not stop
    adverts. keepalived's own rules about its virtual addresses are no filter of the network at all
    (`read_refused`).

    Args:
        devices: interface → network.
    """
    filters: dict[str, tuple[float, list[str]]] = {network: (0.0, []) for network in devices.values()}
    hook: str | None = None
    bound: set[str] = set()
    tables = [table for table in _split_tables(ruleset) if not _is_keepalived_table(table)]
    for raw in "\n".join(tables).splitlines():
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
            narrow = re.search(r"\b(dport|sport|tcp|udp|icmp|icmpv6|ct)\b", line) or _names_others(line)
            _add_rule(filters, devices, named or bound, 0.0 if narrow else percent, line)
    return filters


def read_refused(ruleset: str) -> list[str]:
    """Read the virtual addresses to which keepalived drops every packet, in strict mode or with `no_accept`:
    the elements of the sets of its own tables."""
    sets = re.compile(r"set vips(?:_link_local)? \{[^}]*?elements = \{([^}]*)\}")
    found = (sets.finditer(table) for table in _split_tables(ruleset) if _is_keepalived_table(table))
    elements = (element for match in (m for each in found for m in each) for element in match[1].split(","))
    # behind a link-local address stands its interface
    return sorted(element.split(" . ")[0].strip() for element in elements)


def _split_tables(ruleset: str) -> list[str]:
    """Each table of a ruleset, from its first line to its last."""
    return re.findall(r"^table .*?^\}", ruleset, re.MULTILINE | re.DOTALL)


def _is_keepalived_table(table: str) -> bool:
    """True if keepalived made a table: for addresses that it refuses, or for virtual MACs alone. It has the
    name `keepalived` unless its configuration gives another (`nftables`)."""
    return re.search(r"^table ip6? keepalived |\bip6? daddr @vips drop\b|@vmac_map\b", table) is not None


def _names_others(line: str) -> bool:
    """True if a rule is about destinations that no advert to a group goes to."""
    named = re.search(r"\bip6? daddr (?!!=)(\{[^}]*\}|\S+)", line)
    return named is not None and not re.search(r"224\.0\.0\.|ff0|@|/", named[1])


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
