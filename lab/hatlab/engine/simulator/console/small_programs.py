"""Small programs: date, hostname, uptime, echo, sleep, history, help and their like."""

from __future__ import annotations

from itertools import dropwhile

from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.console.host import Context, Program, Run, fail, print_lines
from hatlab.util.addresses import is_ipv6

HELP = """\
This node is simulated. What it knows, as on a real one:
  ip [-br] a · link · neigh · route    ip link set DEV up|down    ip addr del ADDRESS/24 dev DEV
  ps · ps aux · pgrep · pidof          kill · killall · pkill [-SIGNAL]
  service NAME start|stop|restart|reload|status    systemctl …    journalctl [-u NAME] [-n N] [-f]
  cat · ls · nano · vi · sed -i 's/OLD/NEW/' FILE   /etc/keepalived/keepalived.conf
  keepalived -t                        tcpdump [-i DEV] [-n] [-c N] [vrrp|arp|host ADDRESS]
  mysql [-h HOST -u client] -e "SELECT @@hostname"   ping [-c N] ADDRESS
  nft list ruleset · nft add rule … drop · nft flush ruleset
  date · uptime · hostname · echo · sleep · history · clear · exit
Joined by ; && || and piped into grep, head, tail, wc, sort. Ctrl-C ends what runs, Ctrl-D leaves.
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
    if ctx.argv[1:]:
        return (yield from ctx.unsupported("but `hostname` and `hostname -I`"))
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


def echo(ctx: Context) -> Run:
    """echo [-n] [-e] WORD…"""
    words = dropwhile({"-n", "-e"}.__contains__, ctx.argv[1:])
    yield from " ".join(words).split("\n")
    return 0


def clear(_: Context) -> Run:
    """clear: the screen."""
    return print_lines("\x1b[H\x1b[2J")


def history(ctx: Context) -> Run:
    """history: the lines typed so far."""
    for number, line in enumerate(ctx.history, 1):
        yield f"{number:5d}  {line}"
    return 0


def sleep(ctx: Context) -> Run:
    """sleep SECONDS."""
    word = ctx.argv[1] if len(ctx.argv) > 1 else ""
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        why = f"invalid time interval ‘{word}’" if word else "missing operand"
        return (yield from fail(1, f"sleep: {why}"))
    yield from ctx.wait(seconds)
    return 0


def exit_status(ctx: Context) -> Run:
    """true, : and false."""
    return fail(int(ctx.argv[0] == "false"))


def make_printer(text: str) -> Program:
    """Return a program that prints one line."""
    return lambda _: print_lines(text)


def which(ctx: Context) -> Run:
    """which NAME…: the programs that the shell knows."""
    names = ctx.argv[1:]
    yield from (f"/usr/bin/{name}" for name in names if name in ctx.programs)
    return int(any(name not in ctx.programs for name in names))
