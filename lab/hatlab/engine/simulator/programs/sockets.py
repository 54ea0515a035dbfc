"""ss, netstat, nc and curl: who listens, and whether a port answers."""

from __future__ import annotations

import re

from hatlab.engine.simulator.programs.connections import (
    CONNECT_TIMEOUT,
    MYSQL_PORT,
    ConnectionFault,
    connection_error,
    open_connection,
)
from hatlab.engine.simulator.programs.context import Context, PartialLine, Run, fail
from hatlab.engine.simulator.programs.filters import split_options
from hatlab.engine.simulator.programs.launchers import parse_duration


def ss(ctx: Context) -> Run:
    """ss [-lntp] [sport = :PORT]."""
    options, words = split_options(ctx.argv[1:])
    expression = re.search(r"sport\s*(?:=|eq|==)?\s*:(\w+)", " ".join(words))
    if "H" not in options:
        yield "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess"
    node = ctx.node
    shown = expression is None or expression[1] in {MYSQL_PORT, "mysql"}
    if (
        node is not None
        and node.mysqld.answering
        and shown
        and not ({"u", "x"} & set(options) and "t" not in options)
    ):
        port = MYSQL_PORT if "n" in options else "mysql"
        process = f' users:(("mysqld",pid={node.mysqld.pid},fd=22))' if "p" in options else ""
        if {"l", "a"} & set(options):
            yield f"LISTEN 0      4096               *:{port}            *:*    {process}".rstrip()
    return 0


def netstat(ctx: Context) -> Run:
    """netstat [-lntp]."""
    options, _ = split_options(ctx.argv[1:])
    node = ctx.node
    yield (
        "Active Internet connections (only servers)"
        if "l" in options
        else "Active Internet connections (w/o servers)"
    )
    owner = "    PID/Program name" if "p" in options else ""
    yield (
        f"Proto Recv-Q Send-Q Local Address           Foreign Address         State      {owner}".rstrip()
        + " "
    )
    if node is not None and node.mysqld.answering and {"l", "a"} & set(options):
        port = MYSQL_PORT if "n" in options else "mysql"
        process = f" {node.mysqld.pid}/mysqld" if "p" in options else ""
        yield f"tcp6       0      0 {f':::{port}':<23} {':::*':<23} LISTEN     {process}".rstrip() + " "
    return 0


def nc(ctx: Context) -> Run:
    """nc [-z] [-v] [-w SECONDS] HOST PORT."""
    options, words = split_options(ctx.argv[1:], "wpsi")
    if len(words) != 2:
        return (yield from fail(1, "usage: nc [-46CDdFhklNnrStUuvZz] [-w timeout] [destination] [port]"))
    host, port = words
    patience = parse_duration(options["w"]) if "w" in options else None
    why = yield from connection_error(ctx, host, port, patience or CONNECT_TIMEOUT)
    shown = f"{host} port {port} (tcp)"
    if why:
        return (yield from fail(1, *([f"nc: connect to {shown} failed: {why}"] if "v" in options else [])))
    if "v" in options:
        yield from fail(0, f"Connection to {host} {port} port [tcp/mysql] succeeded!")
    if "z" not in options and not ctx.piped:
        yield "J\x00\x00\x00\x0a9.7.0"
    return 0


def curl(ctx: Context) -> Run:
    """curl [-m SECONDS] telnet://HOST:PORT, http://…: no machine serves HTTP, mysqld answers on its port."""
    options, words = split_options(ctx.argv[1:], "mouHdXATw")
    seconds = options.get("m") or options.get("max-time") or options.get("connect-timeout") or ""
    url = re.search(
        r"(?:(\w+)://)?(?:\[([0-9a-fA-F:]+)\]|([^:/\s]+))(?::(\d+))?",
        next((w for w in words if not w.isdecimal()), ""),
    )
    if url is None:
        return (yield from fail(2, "curl: try 'curl --help' or 'curl --manual' for more information"))
    host = url[2] or url[3]
    port = url[4] or {"https": "443", "mysql": "3306", "telnet": "23"}.get(url[1] or "http", "80")
    silent = "s" in options or "silent" in options or "q" in options
    patience = parse_duration(seconds) or CONNECT_TIMEOUT
    if "w" in options:
        yield PartialLine(options["w"].replace("%{http_code}", "000").replace("\\n", "\n"))
    try:
        yield from open_connection(ctx, host, port, patience)
    except ConnectionFault:
        why = f"curl: (7) Failed to connect to {host} port {port}: Could not connect to server"
        return (yield from fail(7, *([] if silent else [why])))
    if url[1] == "telnet":
        return 0
    why = "curl: (1) Received HTTP/0.9 when not allowed"  # what mysqld says is no HTTP
    return (yield from fail(1, *([] if silent else [why])))
