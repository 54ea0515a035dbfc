"""A node's packet filter as set by hand: rules that drop what arrives from other servers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that drops. `device` is empty for every interface; `adverts`: it stops protocol 112 only."""

    text: str
    handle: int
    device: str
    adverts: bool
    percent: float


@dataclass(slots=True)
class Chain:
    """A chain: its hook as nft lists it, and the device of an ingress hook."""

    hook: str
    device: str = ""
    rules: list[Rule] = field(default_factory=list)


class Firewall:
    """Tables by (family, name), chains by name: what `nft` made on a node by hand."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], dict[str, Chain]] = {}
        self.handles = 0

    def rules_on(self, device: str) -> list[Rule]:
        """The rules that drop what arrives at an interface."""
        chains = (chain for table in self.tables.values() for chain in table.values() if chain.hook)
        return [rule for chain in chains for rule in chain.rules if rule.device in {"", device}]

    def share(self, device: str, *, adverts: bool) -> float:
        """Per cent of other servers' frames that are dropped: of adverts, or of everything alike."""
        kept = 1.0
        for rule in self.rules_on(device):
            if adverts or not rule.adverts:
                kept *= 1 - rule.percent / 100
        return 100 * (1 - kept)

    def open(self, device: str) -> None:
        """Takes away every rule that drops what arrives at an interface."""
        for table in self.tables.values():
            for chain in table.values():
                chain.rules = [rule for rule in chain.rules if rule.device not in {"", device}]
