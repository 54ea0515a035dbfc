"""The mysql client: `mysql [-h HOST] [-u USER] -e "STATEMENT; …"` against a simulated server."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from hatlab.engine.simulator.client import SERVER_TURNS
from hatlab.engine.simulator.console.host import Context, ErrorLine, Item, Run, fail
from hatlab.engine.simulator.mysql.server import ConnectionResult, Mysqld
from hatlab.engine.simulator.mysql.sql import ResultSet, execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.node import Node

_SQLSTATES = {
    1045: "28000", 1050: "42S01", 1054: "42S22", 1062: "23000", 1064: "42000", 1146: "42S02", 1227: "42000",
    1235: "42000",
}  # fmt: skip
_SOCKET = "/run/mysqld/mysqld.sock"
_NO_ROUTE, _TIMED_OUT, _REFUSED, _NO_HOST = 101, 110, 111, 113
"""Numbers of Linux's errors."""
ARP_TIMEOUT = 3.0
"""Seconds after which the kernel gives up an address that nobody answers for (Linux: 3 questions)."""
CONNECT_TIMEOUT = 130.0
"""Seconds after which the kernel gives up a connection that gets no answer."""


@dataclass(slots=True)
class Options:
    """The command line's options."""

    host: str = ""
    user: str = "root"
    port: str = "3306"
    timeout: float = CONNECT_TIMEOUT
    statements: str | None = None
    header: bool = True
    batch: bool = False
    table: bool = False
    commands: bool = False


def mysql(ctx: Context) -> Run:
    """mysql [-h HOST] [-P PORT] [-u USER] [-N] [-B] [-t] [--commands] -e "…"."""
    options = _parse_options(ctx.argv[1:])
    if isinstance(options, str):
        return (yield from fail(7 if "option" in options else 2, options))
    if options.statements is None:
        what = 'how to talk on and on: give a statement, mysql -e "SELECT @@hostname"'
        return (yield from ctx.unsupported(what))
    server = yield from _connect(ctx, options)
    if server is None:
        return 1
    for statement in split_statements(options.statements):
        text, vertical = statement, False
        if statement.endswith(r"\G"):
            if not options.commands:
                return (yield from fail(1, r"hatlab: mysql 9.7 takes \G in -e only with --commands"))
            text, vertical = statement[:-2], True
        try:
            result_set, seconds = _run_statement(server, text, options.user == "root")
        except SqlError as error:
            state = _SQLSTATES.get(error.number, "HY000")
            yield ErrorLine(f"ERROR {error.number} ({state}) at line 1: {error.message}")
            return 1
        if seconds:
            yield from ctx.wait(seconds)
        if result_set is not None:
            header, rows = result_set
            texts = [["NULL" if value is None else str(value) for value in row] for row in rows]
            boxed = (ctx.tty or options.table) and not options.batch
            format_rows = _format_vertical if vertical else _format_boxed if boxed else _format_tabbed
            yield from format_rows(header, texts, options.header)
        yield None
    return 0


def _parse_options(words: list[str]) -> Options | str:
    """Return the options, or what is wrong with them."""
    options, words = Options(), list(words)
    short_names = {
        "--host": "-h",
        "--user": "-u",
        "--port": "-P",
        "--execute": "-e",
        "--connect-timeout": "-T",
    }
    flags = {
        "-N": "N", "--skip-column-names": "N", "-B": "B", "--batch": "B", "-t": "t", "--table": "t",
        "--commands": "c", "-s": "B", "--silent": "B", "-p": "", "--protocol=tcp": "",
    }  # fmt: skip
    while words:
        word = words.pop(0)
        if word in flags:
            options.header = options.header and flags[word] != "N"
            options.batch = options.batch or flags[word] == "B"
            options.table = options.table or flags[word] == "t"
            options.commands = options.commands or flags[word] == "c"
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
        name = short_names.get(name, name)
        if name not in {"-h", "-u", "-P", "-e", "-T"}:
            if not word.startswith("-"):
                continue  # a database's name: all tables here are named in full, or in lab
            return f"mysql: [ERROR] mysql: unknown option '{word}'."
        if not equals:
            if not words:
                return f"mysql: [ERROR] mysql: option '{word}' requires an argument."
            value = words.pop(0)
        match name:
            case "-h":
                options.host = value
            case "-u":
                options.user = value
            case "-P":
                options.port = value
            case "-e":
                options.statements = value
            case _:
                options.timeout = (
                    float(value) if value.isdecimal() and len(value) < 6 and int(value) else CONNECT_TIMEOUT
                )
    return options


def _connect(ctx: Context, options: Options) -> Generator[Item, str | None, Mysqld | None]:
    """Return the server at the other end; None once it was said why there is none."""
    local = options.host in {"", "localhost"}
    refusal = _no_connection(options, _REFUSED)
    if local:
        refusal = f"ERROR 2002 (HY000): Can't connect to local MySQL server through socket '{_SOCKET}' (2)"
    node: Node | None = ctx.node
    origin = "localhost"
    if not local:
        address = ctx.resolve(options.host)
        if address is None:
            yield ErrorLine(f"ERROR 2005 (HY000): Unknown MySQL server host '{options.host}' (-2)")
            return None
        origin = address
        if not ctx.holds_address(address):
            port = ctx.route_to(address)
            if port is None:
                yield ErrorLine(_no_connection(options, _NO_ROUTE))
                return None
            origin = port.address
            peer = yield from _reach(ctx, port, address, options.timeout)
            if isinstance(peer, int):
                yield ErrorLine(_no_connection(options, peer))
                return None
            yield from ctx.wait(peer.delay * SERVER_TURNS)
            node = peer.host if isinstance(peer.host, Node) else None
    if node is None or options.port != "3306":
        yield ErrorLine(refusal)
        return None
    connection = ConnectionResult()
    node.mysqld.connect(connection.take)
    while connection.accepted is None and not ctx.interrupt.is_set():
        yield None
    if not connection.accepted:
        yield ErrorLine(refusal)
        return None
    if options.user != "client" and not (options.user == "root" and local):
        yield ErrorLine(
            f"ERROR 1045 (28000): Access denied for user '{options.user}'@'{origin}' (using password: NO)"
        )
        return None
    return node.mysqld


def _reach(ctx: Context, port: Port, address: str, timeout: float) -> Generator[Item, str | None, Port | int]:
    """Return the interface that answers at an address, or the number of the kernel's error."""
    began = ctx.now
    while True:
        if peer := ctx.find_peer(port, address):
            return peer
        waited = ctx.now - began
        if waited >= timeout or ctx.interrupt.is_set():
            return _TIMED_OUT
        if waited >= ARP_TIMEOUT and not ctx.live_holders(port, address):
            return _NO_HOST
        yield None


def _no_connection(options: Options, errno: int) -> str:
    server = f"{options.host}:{options.port}"
    return f"ERROR 2003 (HY000): Can't connect to MySQL server on '{server}' ({errno})"


def _run_statement(server: Mysqld, text: str, root: bool) -> tuple[ResultSet | None, float]:
    """Run a statement: (header and rows, None if it answers with none; the seconds it slept)."""
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
    statements, current, quote, at = [], "", "", 0
    while at < len(text):
        letter = text[at]
        if not quote and text.startswith(r"\G", at):
            statements.append(current.strip() + r"\G")
            current, at = "", at + 2
            continue
        if not quote and letter == ";":
            statements.append(current.strip())
            current = ""
        else:
            quote = "" if letter == quote else quote or (letter if letter in "'\"`" else "")
            current += letter
        at += 1
    return [part for part in [*statements, current.strip()] if part and part != r"\G"]


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
    bar = "+" + "".join("-" * (width + 2) + "+" for width in widths)

    def line(row: list[str], to_right: list[bool]) -> str:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_right, strict=True)
        )
        return "| " + " | ".join(cells) + " |"

    head = [bar, line(list(header), [False] * len(header))] if headed else []
    return [*head, bar, *(line(row, numeric) for row in rows), bar]


def _format_vertical(header: tuple[str, ...], rows: list[list[str]], _headed: bool) -> list[str]:
    width = max(map(len, header))
    lines = []
    for number, row in enumerate(rows, 1):
        lines.append(f"*************************** {number}. row ***************************")
        lines += [f"{name:>{width}}: {value}" for name, value in zip(header, row, strict=True)]
    return lines
