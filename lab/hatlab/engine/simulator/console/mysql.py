"""The mysql client: `mysql [-h HOST] [-u USER] -e "STATEMENT; …"` against a simulated server."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

from hatlab.engine.simulator.client import SERVER_TURNS
from hatlab.engine.simulator.console.host import Context, Item, Run, fail
from hatlab.engine.simulator.mysql.server import ConnectionResult, Mysqld
from hatlab.engine.simulator.mysql.sql import ResultSet, execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.node import Node

_SQLSTATES = {
    1045: "28000", 1050: "42S01", 1054: "42S22", 1062: "23000", 1064: "42000", 1146: "42S02", 1227: "42000",
    1235: "42000",
}  # fmt: skip
_STATEMENT = re.compile(r"""((?:'[^']*'?|"[^"]*"?|`[^`]*`?|(?!\\G)[^;])*)(;|\\G|\Z)""")
"""A statement, and what ends it."""
_NO_ROUTE, _TIMED_OUT, _REFUSED, _NO_HOST = 101, 110, 111, 113
"""Numbers of Linux's errors."""
ARP_TIMEOUT = 3.0
"""Seconds after which the kernel gives up an address that nobody answers for (Linux: 3 questions)."""
CONNECT_TIMEOUT = 130.0
"""Seconds after which the kernel gives up a connection that gets no answer."""


_OPTIONS = {
    "-h": "host", "--host": "host", "-u": "user", "--user": "user", "-P": "port", "--port": "port",
    "-e": "statements", "--execute": "statements", "-T": "patience", "--connect-timeout": "patience",
}  # fmt: skip
"""Options with a value → the field of `Options` that takes it."""
_FLAGS = {
    "-N": "headless", "--skip-column-names": "headless", "-B": "batch", "--batch": "batch", "-s": "batch",
    "--silent": "batch", "-t": "table", "--table": "table", "--commands": "commands",
}  # fmt: skip
"""Options without one → the field that they set."""


@dataclass(slots=True)
class Options:
    """The command line's options."""

    host: str = ""
    user: str = "root"
    port: str = "3306"
    patience: str = ""
    statements: str | None = None
    headless: bool = False
    """Results have no line of column names."""
    batch: bool = False
    table: bool = False
    commands: bool = False

    @property
    def timeout(self) -> float:
        """Seconds after which a connection is given up."""
        valid = self.patience.isdecimal() and len(self.patience) < 6
        return (float(self.patience) if valid else 0.0) or CONNECT_TIMEOUT

    @property
    def is_local(self) -> bool:
        """True if the connection goes through a socket on this machine."""
        return self.host in {"", "localhost"}


class _ClientError(Exception):
    """Ends the client; its arguments are the exit status and the message."""


def mysql(ctx: Context) -> Run:
    """mysql [-h HOST] [-P PORT] [-u USER] [-N] [-B] [-t] [--commands] -e "…"."""
    try:
        options = _parse_options(ctx.argv[1:])
        if options.statements is None:
            what = 'how to talk on and on: give a statement, mysql -e "SELECT @@hostname"'
            return (yield from ctx.unsupported(what))
        server = yield from _connect(ctx, options)
        for statement in split_statements(options.statements):
            yield from _run_statement(ctx, options, server, statement)
    except _ClientError as error:
        return (yield from fail(*error.args))
    return 0


def _parse_options(words: list[str]) -> Options:
    """
    Raises:
        _ClientError: it has no such option, or one needs a value.
    """
    options, words = Options(), list(words)
    while words:
        word = words.pop(0)
        if word in _FLAGS:
            setattr(options, _FLAGS[word], True)
        elif word.startswith("-") and word not in {"-p", "--protocol=tcp"}:
            long = word.startswith("--")
            name, equals, value = word.partition("=") if long else (word[:2], word[2:], word[2:])
            if name not in _OPTIONS:
                raise _ClientError(7, f"mysql: [ERROR] mysql: unknown option '{word}'.")
            if not (equals or words):
                raise _ClientError(7, f"mysql: [ERROR] mysql: option '{word}' requires an argument.")
            setattr(options, _OPTIONS[name], value if equals else words.pop(0))
        # another word is a database's name: all tables here are named in full, or in lab
    return options


def _connect(ctx: Context, options: Options) -> Generator[Item, str | None, Mysqld]:
    """Return the server at the other end.

    Raises:
        _ClientError: there is none, or it lets nobody in.
    """
    node, origin = ctx.node, "localhost"
    if options.is_local:
        socket = "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)"
        refusal = _ClientError(1, f"ERROR 2002 (HY000): {socket}")
    else:
        refusal = _no_connection(options, _REFUSED)
        address = ctx.resolve(options.host)
        if address is None:
            raise _ClientError(1, f"ERROR 2005 (HY000): Unknown MySQL server host '{options.host}' (-2)")
        origin = address
        if not ctx.holds_address(address):
            port = ctx.route_to(address)
            if port is None:
                raise _no_connection(options, _NO_ROUTE)
            origin = port.address
            peer = yield from _reach(ctx, options, port, address)
            yield from ctx.wait(peer.delay * SERVER_TURNS)
            node = peer.host if isinstance(peer.host, Node) else None
    if node is None or options.port != "3306":
        raise refusal
    connection = ConnectionResult()
    node.mysqld.connect(connection.take)
    while connection.accepted is None and not ctx.interrupt.is_set():
        yield None
    if not connection.accepted:
        raise refusal
    if options.user != "client" and not (options.user == "root" and options.is_local):
        who = f"'{options.user}'@'{origin}'"
        raise _ClientError(1, f"ERROR 1045 (28000): Access denied for user {who} (using password: NO)")
    return node.mysqld


def _reach(ctx: Context, options: Options, port: Port, address: str) -> Generator[Item, str | None, Port]:
    """Return the interface that answers at an address.

    Raises:
        _ClientError: the kernel gives up.
    """
    began = ctx.now
    while (peer := ctx.find_peer(port, address)) is None:
        waited = ctx.now - began
        if waited >= options.timeout or ctx.interrupt.is_set():
            raise _no_connection(options, _TIMED_OUT)
        if waited >= ARP_TIMEOUT and not ctx.live_holders(port, address):
            raise _no_connection(options, _NO_HOST)
        yield None
    return peer


def _no_connection(options: Options, errno: int) -> _ClientError:
    server = f"{options.host}:{options.port}"
    return _ClientError(1, f"ERROR 2003 (HY000): Can't connect to MySQL server on '{server}' ({errno})")


def _run_statement(
    ctx: Context, options: Options, server: Mysqld, statement: str
) -> Generator[Item, str | None, None]:
    """Run a statement and print its result.

    Raises:
        _ClientError: the server's error.
    """
    text = statement.removesuffix(r"\G")
    vertical = text != statement
    if vertical and not options.commands:
        raise _ClientError(1, r"hatlab: mysql 9.7 takes \G in -e only with --commands")
    try:
        result_set, seconds = _query(server, text, options.user == "root")
    except SqlError as error:
        state = _SQLSTATES.get(error.number, "HY000")
        raise _ClientError(1, f"ERROR {error.number} ({state}) at line 1: {error.message}") from None
    if seconds:
        yield from ctx.wait(seconds)
    if result_set is not None:
        header, rows = result_set
        texts = [["NULL" if value is None else str(value) for value in row] for row in rows]
        boxed = (ctx.tty or options.table) and not options.batch
        format_rows = _format_vertical if vertical else _format_boxed if boxed else _format_tabbed
        yield from format_rows(header, texts, not options.headless)
    yield None


def _query(server: Mysqld, text: str, root: bool) -> tuple[ResultSet | None, float]:
    """Return a statement's answer: (header and rows, None if it answers with none; the seconds it slept)."""
    words = text.lower().split()
    if words == ["show", "databases"]:
        names = ("information_schema", "lab", "mysql", "performance_schema", "sys")
        return (("Database",), [(name,) for name in names]), 0.0
    if words[:1] == ["use"]:
        return None, 0.0
    if words[:3] in (["show", "tables", "from"], ["show", "tables", "in"]) and words[3:] == ["lab"]:
        text = "show tables"
    result = execute(server, text, root=root)
    return result.result_set, result.seconds


def split_statements(text: str) -> list[str]:
    """Return the statements between semicolons or behind `\\G`, outside quotes; empty ones are left out."""
    parts = ((part.strip(), end) for part, end in _STATEMENT.findall(text))
    return [part + end.strip(";") for part, end in parts if part]


def _format_tabbed(header: tuple[str, ...], rows: list[list[str]], headed: bool) -> list[str]:
    return ["\t".join(row) for row in ([list(header)] if headed and rows else []) + rows]


def _format_boxed(header: tuple[str, ...], rows: list[list[str]], headed: bool) -> list[str]:
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    numeric = [
        all(cell.lstrip("-").isdecimal() or cell == "NULL" for cell in column)
        for column in zip(*rows, strict=True)
    ]
    left = [f"<{width}" for width in widths]
    aligned = [f"{'>' if right else '<'}{width}" for right, width in zip(numeric, widths, strict=True)]
    bar = "+" + "".join("-" * (width + 2) + "+" for width in widths)
    head = [bar, f"| {' | '.join(map(format, header, left))} |"] if headed else []
    return [*head, bar, *(f"| {' | '.join(map(format, row, aligned))} |" for row in rows), bar]


def _format_vertical(header: tuple[str, ...], rows: list[list[str]], _headed: bool) -> list[str]:
    width = max(map(len, header))
    lines = []
    for number, row in enumerate(rows, 1):
        lines.append(f"*************************** {number}. row ***************************")
        lines += [f"{name:>{width}}: {value}" for name, value in zip(header, row, strict=True)]
    return lines
