"""cat, ls, head and grep on files, sed, editors, keepalived: what stands on a simulated machine's disk."""

from __future__ import annotations

import re

from hatlab.engine.simulator.console.host import Context, EditRequest, ErrorLine, Run, fail, print_lines
from hatlab.engine.simulator.console.pipe_filters import FILTERS
from hatlab.engine.simulator.keepalived.config_check import check_config
from hatlab.engine.simulator.keepalived.daemon import VERSION
from hatlab.keepalived import select_lines
from hatlab.util.files import shipped_folder

CONF = "/etc/keepalived/keepalived.conf"


_FOLDERS = {"/", "/etc", "/etc/keepalived", "/etc/mysql"}


def _list_files(ctx: Context) -> dict[str, str]:
    """Return path → text of each file that the host has."""
    addresses = "".join(f"{port.address}\t{ctx.host.name}\n" for port in ctx.ports)
    files = {"/etc/hosts": "127.0.0.1\tlocalhost\n" + addresses, "/etc/hostname": ctx.host.name + "\n"}
    if (node := ctx.node) is not None:
        settings = {
            "server-id": ctx.world.layout.topology.nodes[node.name].octet,
            "report-host": node.name,
            "auto-increment-increment": node.mysqld.data.increment,
            "auto-increment-offset": node.mysqld.data.offset,
            **({"super-read-only": "ON"} if ctx.world.layout.starts_read_only(node.name) else {}),
        }
        files |= {
            CONF: node.conf,
            "/etc/mysql/my.cnf": (shipped_folder("compose") / "my.cnf").read_text(encoding="utf-8"),
            "/etc/mysql/node.cnf": "[mysqld]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()),
        }
    return files


def _not_found(ctx: Context, path: str) -> ErrorLine:
    what = "Is a directory" if (path.rstrip("/") or path) in _FOLDERS else "No such file or directory"
    return ErrorLine(f"{ctx.argv[0]}: {path}: {what}")


def cat(ctx: Context) -> Run:
    """cat FILE…"""
    status = 0
    for path in [word for word in ctx.argv[1:] if word not in {"-n", "-A"}]:
        text = _list_files(ctx).get(path)
        if text is None:
            yield _not_found(ctx, path)
            status = 1
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{number:6d}\t{line}" if "-n" in ctx.argv else line
    return status


def filter_file(ctx: Context) -> Run:
    """grep, head, tail, wc or sort of a file: the same as behind a pipe."""
    words = ctx.argv[1:]
    paths = [word for word in words if word.startswith("/")]
    if len(paths) != 1:
        return (yield from ctx.unsupported("but one file, by its full path"))
    text = _list_files(ctx).get(paths[0])
    if text is None:
        yield _not_found(ctx, paths[0])
        return 2 if ctx.argv[0] == "grep" else 1
    words.remove(paths[0])
    return (yield from FILTERS[ctx.argv[0]]([ctx.argv[0], *words], print_lines(text)))


def ls(ctx: Context) -> Run:
    """ls [DIRECTORY|FILE]: the files that `cat` knows."""
    paths = [word for word in ctx.argv[1:] if not word.startswith("-")] or ["/root"]
    status = 0
    existing = _list_files(ctx)
    for path in paths:
        below = path.rstrip("/") + "/"
        names = sorted({name[len(below) :].partition("/")[0] for name in existing if name.startswith(below)})
        if path in existing:
            yield path
        elif names or path == "/root":
            yield from names
        else:
            yield ErrorLine(f"ls: cannot access '{path}': No such file or directory")
            status = 2
    return status


def run_editor(ctx: Context) -> Run:
    """nano and vi: the person's own editor on a copy, which then takes the file's place."""
    paths = [word for word in ctx.argv[1:] if not word.startswith(("-", "+"))]
    if paths != [CONF] or ctx.node is None:
        return (yield from ctx.unsupported(f"any file but {CONF}"))
    text = yield EditRequest(CONF, ctx.node.conf)
    if text is None:
        program, host = ctx.argv[0], ctx.host.name
        why = f"hatlab: {program} needs a terminal of its own; without one: sed -i 's/OLD/NEW/' {CONF}"
        return (yield from fail(1, why, f"hatlab: or, from outside, hatlab do edit {host} FILE"))
    ctx.node.write_conf(text)
    return 0


def sed(ctx: Context) -> Run:
    """sed [-i] 's/OLD/NEW/[g]' FILE."""
    words = [word for word in ctx.argv[1:] if word != "-i"]
    extended = "-E" in words or "-r" in words
    words = [word for word in words if word not in {"-E", "-r", "-e"}]
    if len(words) != 2 or len(words[0]) < 4 or words[0][0] != "s":
        return (yield from ctx.unsupported("but `sed -i 's/OLD/NEW/' FILE`"))
    script, path = words
    where = f"sed: -e expression #1, char {len(script)}"
    parts = re.split(rf"(?<!\\){re.escape(script[1])}", script[2:])
    if len(parts) != 3 or set(parts[2]) - set("gI"):
        return (yield from fail(1, f"{where}: unterminated `s' command"))
    text = _list_files(ctx).get(path)
    if text is None:
        return (yield from fail(2, f"sed: can't read {path}: No such file or directory"))
    old, new, flags = parts
    if not extended:
        old = re.sub(r"\\?[(){}+?|]", lambda m: m[0][1:] if m[0][0] == "\\" else "\\" + m[0], old)
    new = re.sub(r"(?<!\\)&", r"\\g<0>", new.replace(f"\\{script[1]}", script[1]))
    try:
        pattern = re.compile(old.replace("[[:space:]]", r"\s"), re.IGNORECASE if "I" in flags else 0)
        changed = "\n".join(pattern.sub(new, line, count="g" not in flags) for line in text.split("\n"))
    except (re.error, IndexError):
        return (yield from fail(1, f"{where}: Invalid preceding regular expression"))
    if "-i" not in ctx.argv:
        yield from changed.splitlines()
    elif path != CONF or ctx.node is None:
        return (yield from ctx.unsupported(f"how to change any file but {CONF}"))
    else:
        ctx.node.write_conf(changed)
    return 0


def keepalived(ctx: Context) -> Run:
    """keepalived -t, --version, or without options: the daemon."""
    if ctx.node is None:
        return (yield from fail(127, "bash: keepalived: command not found"))
    words = [word for word in ctx.argv[1:] if word not in {"-f", CONF}]
    match words:
        case ["-t"] | ["--config-test"]:
            text = select_lines(ctx.node.conf, ctx.node.name)
            problems = check_config(text, [port.device for port in ctx.host.ports.values()])
            return (yield from fail(5 if problems else 0, *problems))
        case ["-v"] | ["--version"]:
            yield VERSION
            return 0
        case []:
            if ctx.node.keepalived.running:
                return (yield from fail(1, "daemon is already running"))
            ctx.node.keepalived.spawn()
            return 0
        case _:
            return (yield from ctx.unsupported("but -t and --version"))
