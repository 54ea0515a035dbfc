"""The programs that the machines of a lab have, and what a shell does itself."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAB_PROGRAMS = _names("""
    [ awk basename bash cat chmod clear cp curl cut dash date dirname echo egrep env expr false
    fgrep flock grep head hostname id ionice ip journalctl keepalived kill killall less logger ls
    mawk mkdir more mv mysql mysqladmin mysqld nano nc netstat nft nice nohup pgrep pidof ping ping6
    pkill printf ps pwd quorum rm sed seq service setsid sh sleep sort ss stdbuf systemctl tail
    tcpdump tee test timeout touch tr true uname uniq uptime vi wc which whoami xargs
""")
"""Names in the search path of every machine, on both engines."""
IMAGE_PROGRAMS = _names("""
    arch base64 chgrp chown chroot cksum cmp comm csplit dd df diff dir dmesg du factor find findmnt
    fmt fold free fuser getent gunzip gzip hostid install join last link ln locale logname lsblk
    lscpu md5sum mktemp mountpoint mysqlbinlog mysqlcheck mysqldump nl nproc nsenter numfmt od paste
    perl pmap pr pstree pwdx python3 readlink realpath renice rev rmdir runuser script sdiff sha1sum
    sha256sum sha512sum shuf split stat stty su sum sync sysctl tac tar taskset top truncate tsort
    tty unlink unshare vmstat watch whereis who yes zcat zgrep
""")
"""What a machine on Docker has besides."""
SHELL_BUILTINS = _names("""
    . : [ alias bg break builtin cd command continue declare disown echo eval exec exit export false
    fg getopts hash jobs kill let local printf pwd read readonly return set shift shopt source test
    times trap true type typeset ulimit umask unalias unset wait
""")
"""What a shell does itself."""
