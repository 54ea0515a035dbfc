"""Small programs: date, hostname, uptime, echo, sleep, history, help and their like."""

from __future__ import annotations

import re

from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.programs.context import Context, Program, Run, fail, print_lines
from hatlab.engine.simulator.programs.filters import split_options
from hatlab.engine.simulator.programs.launchers import parse_duration
from hatlab.util.addresses import is_ipv6
from hatlab.util.bounded_pattern import compile_bounded

CLEARED = "\x1b[H\x1b[2J"
"""What `clear` writes."""
HELP = """\
This node is simulated. What it knows, as on a real one:
  ip [-br] a · link · neigh · route    ip link set DEV up|down    ip addr del ADDRESS/24 dev DEV
  ps · ps aux · pgrep · pidof          kill · killall · pkill [-SIGNAL]
  service NAME start|stop|restart|reload|status    systemctl …    journalctl [-u NAME] [-n N] [-f]
  cat · ls · nano · vi · chmod · sed -i 's/OLD/NEW/' FILE   keepalived.conf, scripts beside it …
  keepalived -t                        tcpdump [-i DEV] [-n] [-c N] [vrrp|arp|host ADDRESS]
  mysql [-h HOST -u client] -e "SELECT @@hostname"   mysqladmin ping   ping [-c N] ADDRESS
  nft list ruleset · nft add rule … drop · nft flush ruleset
  date · uptime · hostname · echo · sleep · history · clear · exit
  ss · nc · curl · grep · awk · sed · cut · tr · sort · uniq · xargs · timeout · logger · touch · rm …
A shell with variables, pipes, if, case, for, while, functions, $( ). Ctrl-C ends what runs, Ctrl-D leaves.
The clock began at midnight when the lab began: 00:01:05 here is second 65 on the timeline."""


def show_help(_: Context) -> Run:
    """help: what the shell knows."""
    return print_lines(HELP)


def hostname(ctx: Context) -> Run:
    """hostname [-I]."""
    if ctx.argv[1:] == ["-I"]:
        held = [(port, address) for port in ctx.host.ports.values() for address in port.addresses]
        addresses = [address for port, address in held if address != port.ipv6_source]
        yield "".join(f"{address} " for address in sorted(addresses, key=is_ipv6))
        return 0
    if ctx.argv[1:] == ["-i"]:
        yield next((port.address for port in ctx.host.ports.values()), "127.0.0.1")
        return 0
    if ctx.argv[1:] not in ([], ["-s"], ["-f"], ["--short"], ["--fqdn"]):
        return (yield from ctx.unsupported("but `hostname`, -s, -f, -i and -I"))
    yield ctx.host.name
    return 0


def show_date(ctx: Context) -> Run:
    """date [+FORMAT]: the lab's own time."""
    text = next((word[1:] for word in ctx.argv[1:] if word.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    moment = date_at(ctx.now)
    if "%" in text:
        for code in "aAbBdeHIjmMSTYypFsNZ":
            value = {
                "e": f"{moment.day:2d}",
                "s": str(int(moment.timestamp())),
                "N": f"{moment.microsecond:06d}000",
            }.get(code) or moment.strftime(f"%{code}")
            text = text.replace(f"%{code}", value)
    yield text
    return 0


def uptime(ctx: Context) -> Run:
    """uptime: since the lab began."""
    minutes = int(ctx.now) // 60
    up = f"{minutes // 60:2d}:{minutes % 60:02d}" if minutes >= 60 else f"{minutes} min"
    yield f" {date_at(ctx.now):%H:%M:%S} up {up},  1 user,  load average: 0.00, 0.00, 0.00"
    return 0


def clear(_: Context) -> Run:
    """clear: the screen."""
    return print_lines(CLEARED)


def history(ctx: Context) -> Run:
    """history: the lines typed so far."""
    for number, line in enumerate(ctx.history, 1):
        yield f"{number:5d}  {line}"
    return 0


def sleep(ctx: Context) -> Run:
    """sleep SECONDS…"""
    durations = [parse_duration(word) for word in ctx.argv[1:]]
    bad = next((w for w, d in zip(ctx.argv[1:], durations, strict=True) if d is None), None)
    seconds = sum(d for d in durations if d is not None)
    if bad is not None or not durations or seconds > 10**7:
        why = f"invalid time interval ‘{bad}’" if durations else "missing operand"
        return (yield from fail(1, f"sleep: {why}"))
    yield from ctx.wait(seconds)
    return 0


def make_printer(text: str) -> Program:
    """Return a program that prints one line."""
    return lambda _: print_lines(text)


whoami = make_printer("root")
show_id = make_printer("uid=0(root) gid=0(root) groups=0(root)")


def which(ctx: Context) -> Run:
    """which NAME…: the programs that the machine has."""
    paths = [ctx.host.disk.search_program(name) for name in ctx.argv[1:] if not name.startswith("-")]
    yield from filter(None, paths)
    return int(None in paths or not paths)


def logger(ctx: Context) -> Run:
    """logger [-t TAG] [-p PRIORITY] WORD…: a line in the machine's log."""
    options, words = split_options(ctx.argv[1:], "tpf")
    lines = [" ".join(words)] if words else (yield from ctx.read_lines())
    if ctx.node is not None:
        for line in lines:
            ctx.ask(ctx.node.log, options.get("t") or "root", str(line)[:500])
    return 0


def basename(ctx: Context) -> Run:
    """basename and dirname."""
    words = [word for word in ctx.argv[1:] if not word.startswith("-")]
    if not words:
        return (yield from fail(1, f"{ctx.argv[0]}: missing operand"))
    folder, _, name = words[0].rstrip("/").rpartition("/")
    if ctx.argv[0] == "dirname":
        yield folder or ("/" if words[0].startswith("/") else ".")
    else:
        yield name.removesuffix(words[1]) if len(words) > 1 and name != words[1] else name
    return 0


def seq(ctx: Context) -> Run:
    """seq [FIRST [STEP]] LAST."""
    numbers = [int(word) for word in ctx.argv[1:] if re.fullmatch(r"-?\d{1,9}", word)]
    if not 1 <= len(numbers) <= 3 or len(numbers) != len(ctx.argv) - 1:
        return (yield from fail(1, "seq: missing operand"))
    begin, step = numbers[0] if len(numbers) > 1 else 1, numbers[1] if len(numbers) == 3 else 1
    if step:
        yield from map(str, range(begin, numbers[-1] + (1 if step > 0 else -1), step))
    return 0


def expr(ctx: Context) -> Run:
    """expr A OP B: sums and comparisons."""
    words = ctx.argv[1:]
    if len(words) == 1:
        yield words[0]
        return int(words[0] in {"", "0"})
    if len(words) != 3:
        return (yield from fail(2, "expr: syntax error"))
    one, operator, other = words
    if operator == ":":
        match = compile_bounded(other.replace(r"\(", "(").replace(r"\)", ")")).match(one)
        has_group = match is not None and bool(match.groups())
        found = match and (match.group(1) if has_group else match.end())
        value: str | int = found or ("" if has_group else 0)
    elif operator in {"=", "==", "!=", "<", "<=", ">", ">="}:
        numbers = all(re.fullmatch(r"-?\d{1,18}", word) for word in (one, other))
        a, b = (int(one), int(other)) if numbers else (one, other)
        order = (a > b) - (a < b)  # type: ignore[operator]
        checks = {"=": order == 0, "==": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0}
        value = int(checks.get(operator, order > 0 if operator == ">" else order >= 0))
    elif all(re.fullmatch(r"-?\d{1,18}", word) for word in (one, other)):
        a, b = int(one), int(other)
        if operator in {"/", "%"} and not b:
            return (yield from fail(2, "expr: division by zero"))
        results = {"+": a + b, "-": a - b, "*": a * b, "/": a // b if b else 0, "%": a % b if b else 0}
        if operator not in results:
            return (yield from fail(2, f"expr: syntax error: unexpected argument ‘{operator}’"))
        value = results[operator]
    else:
        return (yield from fail(2, "expr: non-integer argument"))
    yield str(value)
    return int(str(value) in {"", "0"})


def exit_status(ctx: Context) -> Run:
    """/usr/bin/true and /usr/bin/false."""
    return fail(int(ctx.argv[0] == "false"))


def uname(ctx: Context) -> Run:
    """uname [-n]."""
    yield ctx.host.name if "-n" in ctx.argv else "Linux"
    return 0
