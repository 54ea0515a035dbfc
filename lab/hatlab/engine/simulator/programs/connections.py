"""TCP from a simulated machine: whether somebody listens at an address, and how long it takes to know."""

from __future__ import annotations

from collections.abc import Generator

from hatlab.engine.simulator.client import SERVER_TURNS
from hatlab.engine.simulator.mysql.server import Mysqld
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.programs.context import Context, Item

NO_ROUTE, TIMED_OUT, REFUSED, NO_HOST, UNKNOWN_HOST = 101, 110, 111, 113, -2
"""Numbers of Linux's errors; the last one is the resolver's."""
ERRORS = {
    NO_ROUTE: "Network is unreachable", TIMED_OUT: "Connection timed out", REFUSED: "Connection refused",
    NO_HOST: "No route to host", UNKNOWN_HOST: "Name or service not known",
}  # fmt: skip
ARP_TIMEOUT = 3.0
"""Seconds after which the kernel gives up an address that nobody answers for (Linux: 3 questions)."""
CONNECT_TIMEOUT = 130.0
"""Seconds after which the kernel gives up a connection that gets no answer."""
MYSQL_PORT = "3306"


class ConnectionFault(Exception):
    """No connection came about; its argument is the number of the error."""


def open_connection(
    ctx: Context, host: str, port: str, patience: float = CONNECT_TIMEOUT
) -> Generator[Item, str | None, tuple[Mysqld, str]]:
    """Return the server that listens at an address, which may be frozen, and the own address.

    Raises:
        ConnectionFault: nobody listens there.
    """
    address = ctx.ask(ctx.resolve, host)
    if address is None:
        raise ConnectionFault(UNKNOWN_HOST)
    origin, node = address, ctx.node
    if not ctx.ask(ctx.holds_address, address):
        way = ctx.ask(ctx.route_to, address)
        if way is None:
            raise ConnectionFault(NO_ROUTE)
        origin = way.address
        peer = yield from _reach(ctx, patience, way, address)
        yield from ctx.wait(ctx.ask(_delay_of, peer) * SERVER_TURNS)
        node = peer.host if isinstance(peer.host, Node) else None
    if node is None or port != MYSQL_PORT or not ctx.ask(_listens, node):
        raise ConnectionFault(REFUSED)
    return node.mysqld, origin


def connection_error(
    ctx: Context, host: str, port: str, patience: float = CONNECT_TIMEOUT
) -> Generator[Item, str | None, str]:
    """Return why nobody can connect to an address; empty if somebody listens there."""
    try:
        yield from open_connection(ctx, host, port, patience)
    except ConnectionFault as fault:
        return ERRORS[fault.args[0]]
    return ""


def _listens(node: Node) -> bool:
    """True if its mysqld accepts connections: the kernel does for a frozen one."""
    return node.mysqld.answering


def _delay_of(port: Port) -> float:
    return port.delay


def _reach(ctx: Context, patience: float, port: Port, address: str) -> Generator[Item, str | None, Port]:
    """Return the interface that answers at an address.

    Raises:
        ConnectionFault: the kernel gives up.
    """
    began = ctx.now
    while (peer := ctx.ask(ctx.find_peer, port, address)) is None:
        waited = ctx.now - began
        if waited >= patience or ctx.interrupt.is_set():
            raise ConnectionFault(TIMED_OUT)
        if waited >= ARP_TIMEOUT and not ctx.ask(ctx.live_holders, port, address):
            raise ConnectionFault(NO_HOST)
        yield None
    return peer
