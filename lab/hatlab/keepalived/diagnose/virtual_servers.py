"""Rules about virtual_server blocks and their checkers (KA4xx)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.keywords import KEYWORDS
from hatlab.keepalived.parser import Statement

_CHECKERS = {word for word in KEYWORDS["virtual_server/real_server"] if word.isupper()}
_DELAY_LOOP = 60.0
_CONNECT_TIMEOUT = 5.0


def virtual_server_rules(conf: Configuration) -> Iterator[Finding]:
    first = next(conf.root.all("virtual_server"), None)
    if first:
        message = "this needs ip_vs in the kernel; without it keepalived ends"
        yield finding("KA401", first, message)
    held = {address for settings in conf.settings.values() for address in settings.addresses}
    for server in conf.root.all("virtual_server"):
        address = server.value()
        if held and address not in held and address not in {"fwmark", "group"}:
            message = f"{address[:60]} is not among the virtual addresses ({', '.join(sorted(held)[:4])})"
            yield finding("KA403", server, message, word=1)
        for real in server.all("real_server"):
            yield from _real_server_rules(conf, server, real)


def _real_server_rules(conf: Configuration, server: Statement, real: Statement) -> Iterator[Finding]:
    address = real.value()
    checkers = [inner for inner in real.body or () if inner.keyword in _CHECKERS]
    if not checkers:
        yield finding("KA405", real, f"nothing checks {address[:60]}")
    notifies = real.last("notify_down")
    if notifies and address not in _own_addresses(conf) and not address.startswith("127."):
        message = f"nothing here says that {address[:60]} is this node, but its failure runs notify_down here"
        yield finding("KA402", real, message, word=1)
    for checker in checkers:
        if checker.keyword == "TCP_CHECK":
            yield from _detection_times(server, real, checker)


def _own_addresses(conf: Configuration) -> set[str]:
    keywords = ("unicast_src_ip", "mcast_src_ip")
    sources = (block.last(keyword) for block in conf.root.all("vrrp_instance") for keyword in keywords)
    return {*conf.addresses, *(statement.value() for statement in sources if statement)}


def _detection_times(server: Statement, real: Statement, checker: Statement) -> Iterator[Finding]:
    def seconds(keyword: str, default: float) -> float:
        for block in (checker, real, server):
            if statement := block.last(keyword):
                try:
                    return min(max(float(statement.value()), 0.0), 1e6)
                except ValueError:
                    continue
        return default

    loop = seconds("delay_loop", _DELAY_LOOP)
    retries = int(seconds("retry", 1))
    pause = seconds("delay_before_retry", 1)
    patience = seconds("connect_timeout", _CONNECT_TIMEOUT)
    refused = retries * pause
    silent = refused + (retries + 1) * patience
    message = (
        f"a refused connection counts as down after {refused:g} to {refused + loop:g} s, "
        f"no answer at all after {silent:g} to {silent + loop:g} s"
    )
    yield finding("KA404", checker, message)
