"""Which name is which program."""

from __future__ import annotations

from hatlab.engine.simulator.console import capture, files, ip, misc, mysql, nft, ping, processes, services
from hatlab.engine.simulator.console.host import Program

PROGRAMS: dict[str, Program] = {
    "ip": ip.ip,
    "ps": processes.ps,
    **dict.fromkeys(("pgrep", "pidof"), processes.pgrep),
    "kill": processes.kill,
    "killall": processes.killall,
    "pkill": processes.pkill,
    "service": services.service,
    "systemctl": services.systemctl,
    "journalctl": services.journalctl,
    **dict.fromkeys(("cat", "less", "more"), files.cat),
    **dict.fromkeys(("grep", "head", "tail", "wc", "sort"), files.filter_file),
    **dict.fromkeys(("ls", "ll"), files.ls),
    **dict.fromkeys(("nano", "vi", "vim", "vim.tiny"), files.run_editor),
    "sed": files.sed,
    "keepalived": files.keepalived,
    "tcpdump": capture.tcpdump,
    "mysql": mysql.mysql,
    "ping": ping.ping,
    "nft": nft.nft,
    "help": misc.show_help,
    "hostname": misc.hostname,
    "date": misc.show_date,
    "uptime": misc.uptime,
    "echo": misc.echo,
    "clear": misc.clear,
    "history": misc.history,
    "sleep": misc.sleep,
    **dict.fromkeys(("true", ":", "false"), misc.exit_status),
    **dict.fromkeys(("which", "type"), misc.which),
    "whoami": misc.make_printer("root"),
    "pwd": misc.make_printer("/root"),
    "id": misc.make_printer("uid=0(root) gid=0(root) groups=0(root)"),
}
