"""The clients of MySQL: `mysql [-h HOST] [-u USER] -e "STATEMENT; …"` and `mysqladmin ping|status|…`."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

from hatlab.engine.simulator.mysql.server import Mysqld
from hatlab.engine.simulator.mysql.sql import ResultSet, execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.programs.connections import (
    CONNECT_TIMEOUT,
    REFUSED,
    UNKNOWN_HOST,
    ConnectionFault,
    open_connection,
)
from hatlab.engine.simulator.programs.context import Context, ErrorLine, Item, Run, fail

_SQLSTATES = {
    1045: "28000", 1050: "42S01", 1054: "42S22", 1062: "23000", 1064: "42000", 1146: "42S02", 1227: "42000",
    1235: "42000",
}  # fmt: skip
_STATEMENT = re.compile(r"""((?:'[^']*'?|"[^"]*"?|`[^`]*`?|(?!\\G)[^;])*)(;|\\G|\Z)""")
"""A statement, and what ends it."""
NOT_MODELLED = frozenset({1064, 1235})
"""Errors that may mean that the simulator does not know a statement which a real server would take."""


_OPTIONS = {
    "-h": "host", "--host": "host", "-u": "user", "--user": "user", "-P": "port", "--port": "port",
    "-e": "statements", "--execute": "statements", "-T": "patience", "--connect-timeout": "patience",
    "--connect_timeout": "patience", "-S": "socket", "--socket": "socket",
    "--defaults-extra-file": "defaults_file",
    "--defaults-file": "defaults_file",
    "--login-path": "defaults", "-D": "database", "--database": "database",
    "-w": "defaults", "--ssl-mode": "defaults", "--protocol": "protocol",
    "--default-character-set": "defaults",
}  # fmt: skip
"""Options with a value → the field of `Options` that takes it."""
_FLAGS = {
    "-N": "headless", "--skip-column-names": "headless", "-B": "batch", "--batch": "batch", "-s": "batch",
    "--silent": "batch", "-t": "table", "--table": "table", "--commands": "commands", "-E": "vertical",
    "--vertical": "vertical", "-q": "batch", "-f": "force", "--force": "force", "-r": "batch",
    "--raw": "batch",
    "--skip-ssl": "batch", "--no-defaults": "batch", "-C": "batch", "-A": "batch", "-b": "batch",
    "-v": "batch",
    "--compress": "batch", "--verbose": "batch",
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
    socket: str = ""
    protocol: str = ""
    defaults: str = ""
    defaults_file: str = ""
    database: str = ""
    password: str | None = None
    headless: bool = False
    """Results have no line of column names."""
    batch: bool = False
    table: bool = False
    commands: bool = False
    vertical: bool = False
    force: bool = False

    @property
    def timeout(self) -> float:
        """Seconds after which a connection is given up."""
        valid = self.patience.isdecimal() and len(self.patience) < 6
        return (float(self.patience) if valid else 0.0) or CONNECT_TIMEOUT

    @property
    def is_local(self) -> bool:
        """True if the connection goes through a socket on this machine."""
        return self.host in {"", "localhost"} and self.protocol.lower() != "tcp"


class _ClientError(Exception):
    """Ends the client; its arguments are the exit status and the message."""


def mysql(ctx: Context) -> Run:
    """mysql [-h HOST] [-P PORT] [-u USER] [-N] [-B] [-t] [--commands] -e "…"."""
    try:
        options, _ = _parse_options(ctx.argv[1:], ctx.user)
        if options.password:
            yield _password_warning(ctx)
        if options.statements is None and ctx.piped:
            options.statements = "\n".join((yield from ctx.read_lines()))
            options.commands = True
        if options.statements is None:
            if not ctx.tty:
                options.statements = ""
            else:
                what = 'how to talk on and on: give a statement, mysql -e "SELECT @@hostname"'
                return (yield from ctx.unsupported(what))
        server = yield from _connect(ctx, options)
        for statement in split_statements(options.statements):
            yield from _run_statement(ctx, options, server, statement)
    except _ClientError as error:
        return (yield from fail(*error.args))
    return 0


def _password_warning(ctx: Context) -> ErrorLine:
    why = "Using a password on the command line interface can be insecure."
    return ErrorLine(f"{ctx.argv[0]}: [Warning] {why}")


def mysqladmin(ctx: Context) -> Run:
    """mysqladmin [-h HOST] [-P PORT] [-u USER] ping|status|version|processlist|extended-status|shutdown."""
    try:
        options, words = _parse_options(ctx.argv[1:], ctx.user)
    except _ClientError as error:
        return (yield from fail(*error.args))
    if options.password:
        yield _password_warning(ctx)
    command = words[0] if words else ""
    known = ("ping", "status", "version", "processlist", "extended-status", "shutdown", "variables")
    if command not in known:
        if not command:
            yield "mysqladmin  Ver 9.7.0 for Linux on x86_64"
            return 1
        return (yield from fail(1, f"mysqladmin: Unknown command: '{command}'"))
    try:
        server = yield from _connect(ctx, options)
    except _ClientError as error:
        text = str(error.args[1])
        denied = text.startswith("ERROR 1045")
        if denied and command == "ping":
            yield "mysqld is alive"  # it answered: that is all that was asked
            return 0
        message = text.partition("): ")[2] or text
        host = options.host or "localhost"
        yield ErrorLine(f"mysqladmin: connect to server at '{host}' failed")
        yield ErrorLine(f"error: '{message}'")
        if not denied and options.is_local:
            yield ErrorLine(
                "Check that mysqld is running and that the socket: '/run/mysqld/mysqld.sock' exists!"
            )
        return 1
    match command:
        case "ping":
            yield "mysqld is alive"
        case "status":
            counts = "Threads: 2  Questions: 40  Slow queries: 0  Opens: 120  Flush tables: 3"
            yield f"Uptime: {ctx.now:.0f}  {counts}"
        case "version":
            yield "Server version\t\t9.7.0"
        case "shutdown":
            ctx.ask(server.stop)
        case _:
            return (yield from ctx.unsupported(f"{command}, but ping, status, version and shutdown"))
    return 0


def _parse_options(words: list[str], user: str) -> tuple[Options, list[str]]:
    """Return the options and the other words; without `-u` a client logs in as who runs it.

    Raises:
        _ClientError: it has no such option, or one needs a value.
    """
    options, words, others = Options(user=user), list(words), list[str]()
    while words:
        word = words.pop(0)
        if word in _FLAGS:
            setattr(options, _FLAGS[word], True)
        elif (word.startswith(("-p", "--password")) and not word.startswith("--p")) or word.startswith(
            "--password"
        ):
            options.password = word.partition("=")[2] if word.startswith("--") else word[2:]
        elif word.startswith("-") and len(word) > 1:
            long = word.startswith("--")
            name, equals, value = word.partition("=") if long else (word[:2], word[2:], word[2:])
            if not long and len(word) > 2 and all(f"-{letter}" in _FLAGS for letter in word[1:-1]):
                if f"-{word[-1]}" in _FLAGS:  # -BN
                    for letter in word[1:]:
                        setattr(options, _FLAGS[f"-{letter}"], True)
                    continue
                if f"-{word[-1]}" in _OPTIONS and name in _FLAGS:  # -Ne
                    for letter in word[1:-1]:
                        setattr(options, _FLAGS[f"-{letter}"], True)
                    name, equals, value = f"-{word[-1]}", "", ""
            if name not in _OPTIONS:
                raise _ClientError(7, f"mysql: [ERROR] mysql: unknown option '{word}'.")
            if not (equals or words):
                raise _ClientError(7, f"mysql: [ERROR] mysql: option '{word}' requires an argument.")
            setattr(options, _OPTIONS[name], value if equals else words.pop(0))
        else:
            others.append(word)  # a database's name: all tables here are named in full, or in lab
    return options, others


def _connect(ctx: Context, options: Options) -> Generator[Item, str | None, Mysqld]:
    """Return the server at the other end.

    Raises:
        _ClientError: there is none, or it lets nobody in.
    """
    origin = "localhost"
    if options.defaults_file and ctx.ask(ctx.host.disk.read, options.defaults_file) is None:
        why = f"Could not open required defaults file: {options.defaults_file}"
        raise _ClientError(1, f"mysql: [ERROR] {why}")
    if options.is_local:
        path = options.socket or "/run/mysqld/mysqld.sock"
        socket = f"Can't connect to local MySQL server through socket '{path}' (2)"
        refusal = _ClientError(1, f"ERROR 2002 (HY000): {socket}")
        if ctx.node is None or "mysqld" not in ctx.node.services:
            raise refusal
        server = ctx.node.mysqld
    else:
        refusal = _no_connection(options, REFUSED)
        try:
            server, origin = yield from open_connection(
                ctx, options.host or "127.0.0.1", options.port, options.timeout
            )
        except ConnectionFault as fault:
            raise _no_connection(options, fault.args[0]) from None
    if not (yield from ctx.connect(server)):
        raise refusal
    if not _lets_in(options, origin, ctx.user):
        who = f"'{options.user}'@'{origin}'"
        using = "YES" if options.password else "NO"
        raise _ClientError(1, f"ERROR 1045 (28000): Access denied for user {who} (using password: {using})")
    return server


def _lets_in(options: Options, origin: str, os_user: str) -> bool:
    """True if a server takes a login, as that of the node image does (compose/template.sql).

    Through the socket the machine's root comes in as anybody and with any password; `client` has no password
    anywhere, root none from the machine itself; nobody else is known over TCP.
    """
    if options.is_local and options.user != "client":
        return os_user == "root"
    own = options.is_local or origin.startswith("127.") or origin == "::1"
    return not options.password and (options.user == "client" or (options.user == "root" and own))


def _no_connection(options: Options, errno: int) -> _ClientError:
    if errno == UNKNOWN_HOST:
        return _ClientError(1, f"ERROR 2005 (HY000): Unknown MySQL server host '{options.host}' (-2)")
    server = f"{options.host}:{options.port}"
    return _ClientError(1, f"ERROR 2003 (HY000): Can't connect to MySQL server on '{server}' ({errno})")


@dataclass(slots=True)
class _Answer:
    """What a server says to a statement."""

    result_set: ResultSet | None = None
    seconds: float = 0.0
    """That it slept."""
    error: tuple[int, str] | None = None


def _run_statement(
    ctx: Context, options: Options, server: Mysqld, statement: str
) -> Generator[Item, str | None, None]:
    """Run a statement and print its result.

    Raises:
        _ClientError: the server's error.
    """
    text = statement.removesuffix(r"\G")
    vertical = text != statement or options.vertical
    if text != statement and not options.commands:
        raise _ClientError(1, r"hatlab: mysql 9.7 takes \G in -e only with --commands")
    answer = ctx.ask(_query, server, text, options.user != "client")
    if answer.error is not None:
        number, message = answer.error
        if number in NOT_MODELLED and not ctx.tty:
            # a check that asks what the simulator does not know counts as answered, and says so
            yield ErrorLine(f"hatlab: {message}")
            return
        state = _SQLSTATES.get(number, "HY000")
        line = f"ERROR {number} ({state}) at line 1: {message}"
        if options.force:
            yield ErrorLine(line)
            return
        raise _ClientError(1, line)
    if answer.seconds:
        yield from ctx.wait(answer.seconds)
    if answer.result_set is not None:
        header, rows = answer.result_set
        texts = [["NULL" if value is None else str(value) for value in row] for row in rows]
        boxed = (ctx.tty or options.table) and not options.batch
        format_rows = _format_vertical if vertical else _format_boxed if boxed else _format_tabbed
        yield from format_rows(header, texts, not options.headless)
    if ctx.script is None:
        yield None


def _query(server: Mysqld, text: str, root: bool) -> _Answer:
    words = text.lower().split()
    if words == ["show", "databases"]:
        names = ("information_schema", "lab", "mysql", "performance_schema", "sys")
        return _Answer((("Database",), [(name,) for name in names]))
    if words[:1] == ["use"]:
        return _Answer()
    if words[:3] in (["show", "tables", "from"], ["show", "tables", "in"]) and words[3:] == ["lab"]:
        text = "show tables"
    try:
        result = execute(server, text, root=root)
    except SqlError as error:
        return _Answer(error=(error.number, error.message))
    return _Answer(result.result_set, result.seconds)


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
