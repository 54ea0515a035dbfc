"""The mysql client: `mysql [-h HOST] [-u USER] -e "STATEMENT; …"` against a simulated server."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from hatlab.engine.simulator.console.host import (
    Context,
    ErrorLine,
    Item,
    Run,
    fail,
    find_peer,
    holds_address,
    resolve,
    route_to,
    unsupported,
    wait,
)
from hatlab.engine.simulator.mysql.server import Mysqld
from hatlab.engine.simulator.mysql.sql import ResultSet, execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.node import Node

_STATES = {
    1045: "28000", 1050: "42S01", 1054: "42S22", 1062: "23000", 1064: "42000", 1146: "42S02", 1227: "42000",
    1235: "42000",
}  # fmt: skip
_SOCKET = "/run/mysqld/mysqld.sock"
ARP_TIMEOUT = 3.0
"""Seconds after which the kernel gives up an address that nobody answers for (Linux: 3 questions)."""
CONNECT_TIMEOUT = 130.0
"""Seconds after which the kernel gives up a connection that gets no answer."""


@dataclass(slots=True)
class Options:
    """What the command line asks for."""

    host: str = ""
    user: str = "root"
    port: str = "3306"
    timeout: float = CONNECT_TIMEOUT
    statements: str | None = None
    header: bool = True
    batch: bool = False
    table: bool = False
    commands: bool = False


class ConnectionResult:
    """Where the server's answer to one question goes."""

    def __init__(self) -> None:
        self.ok: bool | None = None

    def take(self, ok: bool) -> None:
        """It answered, or refused."""
        self.ok = ok


def mysql(ctx: Context) -> Run:
    """mysql [-h HOST] [-P PORT] [-u USER] [-N] [-B] [-t] [--commands] -e "…"."""
    options = _parse_options(ctx.argv[1:])
    if isinstance(options, str):
        return (yield from fail(7 if "option" in options else 2, options))
    if options.statements is None:
        return (
            yield from unsupported(
                ctx, 'how to talk on and on: give a statement, mysql -e "SELECT @@hostname"'
            )
        )
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
            printed, seconds = _execute(server, text, options.user == "root")
        except SqlError as error:
            yield ErrorLine(
                f"ERROR {error.number} ({_STATES.get(error.number, 'HY000')}) at line 1: {error.message}"
            )
            return 1
        if seconds:
            yield from wait(ctx, seconds)
        if printed is not None:
            header, rows = printed
            boxed = (ctx.tty or options.table) and not options.batch
            shape = _format_vertical if vertical else _format_boxed if boxed else _format_tabbed
            yield from shape(
                header, [["NULL" if v is None else str(v) for v in row] for row in rows], options.header
            )
        yield None
    return 0


def _parse_options(words: list[str]) -> Options | str:
    """The options, or what is wrong with them."""
    found, words = Options(), list(words)
    long = {"--host": "-h", "--user": "-u", "--port": "-P", "--execute": "-e", "--connect-timeout": "-T"}
    flags = {
        "-N": "N", "--skip-column-names": "N", "-B": "B", "--batch": "B", "-t": "t", "--table": "t",
        "--commands": "c", "-s": "B", "--silent": "B", "-p": "", "--protocol=tcp": "",
    }  # fmt: skip
    while words:
        word = words.pop(0)
        if word in flags:
            found.header = found.header and flags[word] != "N"
            found.batch = found.batch or flags[word] == "B"
            found.table = found.table or flags[word] == "t"
            found.commands = found.commands or flags[word] == "c"
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
        name = long.get(name, name)
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
                found.host = value
            case "-u":
                found.user = value
            case "-P":
                found.port = value
            case "-e":
                found.statements = value
            case _:
                found.timeout = (
                    float(value) if value.isdecimal() and len(value) < 6 and int(value) else CONNECT_TIMEOUT
                )
    return found


def _connect(ctx: Context, options: Options) -> Generator[Item, str | None, Mysqld | None]:
    """The server at the other end; None once it was said why there is none."""
    local = options.host in {"", "localhost"}
    where = f"'{options.host}:{options.port}'"
    refused = f"ERROR 2003 (HY000): Can't connect to MySQL server on {where} (111)"
    if local:
        refused = f"ERROR 2002 (HY000): Can't connect to local MySQL server through socket '{_SOCKET}' (2)"
    node: Node | None = ctx.node
    origin = "localhost"
    if not local:
        address = resolve(ctx, options.host)
        if address is None:
            yield ErrorLine(f"ERROR 2005 (HY000): Unknown MySQL server host '{options.host}' (-2)")
            return None
        origin = address
        if not holds_address(ctx, address):
            port = route_to(ctx, address)
            if port is None:
                yield ErrorLine(f"ERROR 2003 (HY000): Can't connect to MySQL server on {where} (101)")
                return None
            origin = port.address
            began = ctx.now
            there = find_peer(ctx, port, address)
            while there is None and ctx.now - began < options.timeout and not ctx.interrupt.pressed:
                held = any(
                    address in other.addresses
                    for other in ctx.world.networks[port.network].ports
                    if other.is_live
                )
                if not held and ctx.now - began >= ARP_TIMEOUT:
                    yield ErrorLine(f"ERROR 2003 (HY000): Can't connect to MySQL server on {where} (113)")
                    return None
                yield None
                there = find_peer(ctx, port, address)
            if there is None:
                yield ErrorLine(f"ERROR 2003 (HY000): Can't connect to MySQL server on {where} (110)")
                return None
            yield from wait(ctx, there.delay * 4)
            node = there.host if isinstance(there.host, Node) else None
    if node is None or options.port != "3306":
        yield ErrorLine(refused)
        return None
    answer = ConnectionResult()
    node.mysqld.connect(answer.take)
    while answer.ok is None and not ctx.interrupt.pressed:
        yield None
    if not answer.ok:
        yield ErrorLine(refused)
        return None
    if options.user != "client" and not (options.user == "root" and local):
        yield ErrorLine(
            f"ERROR 1045 (28000): Access denied for user '{options.user}'@'{origin}' (using password: NO)"
        )
        return None
    return node.mysqld


def _execute(server: Mysqld, text: str, root: bool) -> tuple[ResultSet | None, float]:
    """Header and rows, None for a statement that answers with none; and the seconds it slept."""
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
    """Statements between semicolons or behind `\\G`, outside quotes; empty ones are left out."""
    found, current, quote, at = [], "", "", 0
    while at < len(text):
        letter = text[at]
        if not quote and text.startswith(r"\G", at):
            found.append(current.strip() + r"\G")
            current, at = "", at + 2
            continue
        if not quote and letter == ";":
            found.append(current.strip())
            current = ""
        else:
            quote = "" if letter == quote else quote or (letter if letter in "'\"`" else "")
            current += letter
        at += 1
    return [part for part in [*found, current.strip()] if part and part != r"\G"]


def _format_tabbed(header: tuple[str, ...], rows: list[list[str]], headed: bool) -> list[str]:
    return ["\t".join(row) for row in ([list(header)] if headed and rows else []) + rows]


def _format_boxed(header: tuple[str, ...], rows: list[list[str]], headed: bool) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[k]) for row in [list(header), *rows]) for k in range(len(header))]
    numbers = [
        all(row[k].lstrip("-").isdecimal() or row[k] == "NULL" for row in rows) for k in range(len(header))
    ]
    bar = "+" + "".join("-" * (width + 2) + "+" for width in widths)

    def line(row: list[str], right: list[bool]) -> str:
        cells = (v.rjust(w) if r else v.ljust(w) for v, w, r in zip(row, widths, right, strict=True))
        return "| " + " | ".join(cells) + " |"

    head = [bar, line(list(header), [False] * len(header))] if headed else []
    return [*head, bar, *(line(row, numbers) for row in rows), bar]


def _format_vertical(header: tuple[str, ...], rows: list[list[str]], _headed: bool) -> list[str]:
    width = max(map(len, header))
    lines = []
    for number, row in enumerate(rows, 1):
        lines.append(f"*************************** {number}. row ***************************")
        lines += [f"{name:>{width}}: {value}" for name, value in zip(header, row, strict=True)]
    return lines
