"""What bash and dash make of a script: as the real ones print it (bash 5.3, dash 0.5.12)."""

from __future__ import annotations

import pytest

from tests.support.simulated_lab import SimLab


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("x=1; y=$x$x; echo $y ${x:-a} ${z:-b} ${z-c} ${x:+d} ${#y}", "11 1 b c d 2"),
        ('x=\'a b\'; for w in $x "$x"; do echo "<$w>"; done', "<a>\n<b>\n<a b>"),
        (
            'set -- a \'b c\'; echo $# "$2"; for w in "$@"; do echo $w; done; shift; echo $1',
            "2 b c\na\nb c\nb c",
        ),
        (
            "p=/a/b.c.d; echo ${p%.*} ${p%%.*} ${p#*/} ${p##*/} ${p/b/x} ${p:1:2}",
            "/a/b.c /a/b a/b.c.d b.c.d /a/x.c.d a/",
        ),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b"),
        ("case abc in x) echo x;; a*|b) echo y;; *) echo z;; esac", "y"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; echo $i; done", "1\n3"),
        ("for i in 1 2 3; do if [ $i = 2 ]; then break; fi; echo $i; done", "1"),
        ("until false; do echo once; break; done", "once"),
        ("for ((i=0; i<3; i++)); do echo $i; done", "0\n1\n2"),
        ("for i in {1..3}; do echo -n $i; done; echo", "123"),
        ("f() { local x=$1; echo in $x; return 3; }; x=out; f a; echo $? $x", "in a\n3 out"),
        ("echo $((2 + 3 * 4)) $(( (2+3)*4 )) $((7/2)) $((7%2)) $((2>1 && 0)) $((0x10))", "14 20 3 1 0 16"),
        ('echo `echo a` $(echo b; echo c) "$(echo d; echo e)"', "a b c d\ne"),
        ("a=(x y z); echo ${a[1]} ${#a[@]} ${a[@]}", "y 3 x y z"),
        ("declare -a a=(x 'y z'); a+=(w); for e in \"${a[@]}\"; do echo $e; done", "x\ny z\nw"),
        (
            "a=(old); f() { local -a a=(x y) b=(z); echo ${#a[@]} ${a[1]}${b[0]}; }; f; echo ${a[@]}$b",
            "2 yz\nold",
        ),
        ("readonly a=(x y); echo ${a[1]}", "y"),
        ("false | true; echo $? ${PIPESTATUS[0]}", "0 1"),
        ("set -o pipefail; false | true; echo $?", "1"),
        ("true && echo a || echo b; false && echo a || echo b; ! true; echo $?", "a\nb\n1"),
        ("(x=2; echo $x); echo ${x:-none}", "2\nnone"),
        ("echo a b c | while read x y; do echo $y; done", "b c"),
        ("cat <<END\nx $((1+1))\nEND\ncat <<'END'\n$x\nEND", "x 2\n$x"),
        ("cat <<< 'here'", "here"),
        ("echo a > /tmp/f; echo b >> /tmp/f; cat /tmp/f; wc -l < /tmp/f", "a\nb\n2"),
        ("ls /nope 2>&1 | grep -c cannot", "1"),
        ("{ echo out; echo err >&2; } 2>/dev/null", "out"),
        ("[[ abc == a* && abc =~ ^a.c$ ]] && echo yes; [[ -z '' || x ]] && echo also", "yes\nalso"),
        ("[ -f /etc/hosts ] && [ -d /etc ] && [ ! -e /nope ] && test -x /usr/bin/mysql && echo yes", "yes"),
        ("x=5; ((x > 3)) && echo big; ((x++)); echo $x", "big\n6"),
        ("set -e; false || true; echo a; false; echo b", "a"),
        ("set -u; echo ${none:-x}; echo $none; echo never", "x"),
        ("x=$(false); echo $?; x=$(exit 3) || echo $?", "1\n3"),
        ("exit 2>/dev/null 4; echo never", ""),
        ("trap 'echo bye' EXIT; echo hi", "hi\nbye"),
        ("printf '%s-%03d\\n' a 7 b 8", "a-007\nb-008"),
        ("printf abc; echo def", "abcdef"),
        ("eval 'echo $((1+1))'; x=y; y=z; echo ${!x}", "2\nz"),
        ("IFS=:; set -- $(echo a:b:c); echo $2", "b"),
        ("echo \"a\\tb\" 'c\\td'; echo -e 'x\\ty'", "a\\tb c\\td\nx\ty"),
        ("sleep 1 & wait; echo $?; sleep 1 & wait $!; echo $?", "0\n0"),
        ("seq 9 | grep -n -A1 -B1 4 | tr '\\n' ' '", "3-3 4:4 5-5 "),
        ("seq 9 | grep -C 1 '[29]' | tr '\\n' ' '", "1 2 3 -- 8 9 "),
        ("seq 9 | grep -A2 '[45]' | tr '\\n' ' '", "4 5 6 7 "),
        ("n=$(ps aux | grep mysqld | grep -v grep | wc -l); echo $n", "1"),
        ("timeout 1 sleep 5; echo $?; timeout 5 sleep 1; echo $?", "124\n0"),
        (
            "echo one two | awk '{print $2}'; echo a:b | cut -d: -f2; echo abc | tr a-c A-C | sed 's/B/x/'",
            "two\nb\nAxC",
        ),
        (
            "printf 'b\\na\\nb\\n' | sort | uniq -c | awk '{print $1 $2}'; echo 3 | xargs seq",
            "1a\n2b\n1\n2\n3",
        ),
        ("command -v mysql; type nosuch 2>/dev/null; echo $?", "/usr/bin/mysql\n1"),
    ],
)
def test_bash(lab: SimLab, script: str, text: str) -> None:
    lab.shell("cat > /tmp/s <<'HATLAB_END'\n" + script + "\nHATLAB_END")
    assert lab.shell("bash /tmp/s 2>/dev/null").text == text


@pytest.mark.parametrize(
    ("script", "text", "status"),
    [
        ("[[ a == b ]]", "sh: 1: [[: not found", 127),
        ("[ a == a ]", "sh: 1: [: a: unexpected operator", 2),
        ("a=(1)", 'sh: 1: Syntax error: "(" unexpected', 2),
        ("source /dev/null", "sh: 1: source: not found", 127),
        ("nosuch", "sh: 1: nosuch: not found", 127),
        ("let a=1", "sh: 1: let: not found", 127),
        ("local x", "sh: 1: local: not in a function", 2),
        ("</dev/tcp/127.0.0.1/3306", "sh: 1: cannot open /dev/tcp/127.0.0.1/3306: No such file", 2),
        ("[ 1 -eq a ]", "sh: 1: [: Illegal number: a", 2),
        ("echo -e a", "-e a", 0),
        ("echo $((1+))", 'sh: 1: arithmetic expression: expecting primary: "1+"', 2),
    ],
)
def test_dash_is_not_bash(lab: SimLab, script: str, text: str, status: int) -> None:
    output = lab.shell(f"sh -c '{script}'")
    assert (output.text, output.status) == (text, status)


REFUSED = "bash: connect: Connection refused\nbash: line 1: /dev/tcp/127.0.0.1/1: Connection refused"
DENIED = "ERROR 1045 (28000): Access denied for user 'root'@'127.0.0.1' (using password: YES)"


@pytest.mark.parametrize(
    ("script", "text", "status"),
    [
        ("nosuch", "bash: line 1: nosuch: command not found", 127),
        ("/nope", "bash: line 1: /nope: No such file or directory", 127),
        ("/etc/hosts", "bash: line 1: /etc/hosts: Permission denied", 126),
        ("</dev/tcp/127.0.0.1/1", REFUSED, 1),
        ("</dev/tcp/127.0.0.1/3306", "", 0),
        ("[ 1 -eq a ]", "bash: line 1: [: a: integer expected", 2),
        ("[ a b ]", "bash: line 1: [: a: unary operator expected", 2),
        ("pgrep a b", "pgrep: only one pattern can be provided\nTry `pgrep --help' for more information.", 2),
        ("mysqladmin ping", "mysqld is alive", 0),
        ("mysqladmin -uroot -pbad ping 2>/dev/null", "mysqld is alive", 0),
        ("mysql -h 127.0.0.1 -uroot -pbad -e 'SELECT 1' 2>&1 | tail -1", DENIED, 0),
        ("mysql -uha -psecret -Ne 'SELECT 1' 2>/dev/null", "1", 0),
        ("mysql -N -e 'SELECT 1' | grep -q 1 && echo yes", "yes", 0),
        ("mysql -h 127.0.0.1 -Ne 'SELECT @@hostname'", "db1", 0),
        ("ps -C mysqld --no-headers | wc -l; ps -C nope >/dev/null || echo none", "1\nnone", 0),
        ("ps -eo comm= | grep -cx mysqld; ps -p $(pidof mysqld) -o comm=", "1\nmysqld", 0),
        ("exec 3<>/dev/tcp/127.0.0.1/3306 && echo open", "open", 0),
        ("(exec 3<>/dev/tcp/127.0.0.1/1) 2>/dev/null || echo shut", "shut", 0),
        (". /etc/profile; while read -r x; do echo got $x; done < <(echo a; echo b)", "got a\ngot b", 0),
        ("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/ || echo \" $?\"", "000 7", 0),
        ("mysql --defaults-file=/nope -e 'SELECT 1' 2>/dev/null || echo no", "no", 0),
        ("kill -0 $(cat /run/mysqld/mysqld.pid) && echo lives", "lives", 0),
        ("ss -lnt | grep -c :3306; nc -z 127.0.0.1 3306 && echo open", "1\nopen", 0),
        ("nc -z -w 1 127.0.0.1 80 || echo shut", "shut", 0),
        ("systemctl is-active mysql; systemctl is-active --quiet nope; echo $?", "active\n4", 0),
        ("ip addr show eth0 | grep -q 198.18.0.100 && echo mine", "mine", 0),
        ("ping -c 1 -W 1 db2 >/dev/null && echo up", "up", 0),
    ],
)  # fmt: skip
def test_programs_of_check_scripts(lab: SimLab, script: str, text: str, status: int) -> None:
    lab.shell("cat > /tmp/s <<'HATLAB_END'\n" + script + "\nHATLAB_END")
    output = lab.shell('bash -c "$(cat /tmp/s)"')
    assert (output.text, output.status) == (text, status)


@pytest.mark.parametrize(
    "script",
    [
        "while :; do :; done",
        "while true; do echo x; done >/dev/null",
        "f() { f; }; f",
        "f() { f | f & }; f",
        "x=$(while :; do echo y; done)",
        "until false; do sleep 0; done",
        "bash -c 'bash $0 $0' /tmp/s",
        "seq 1 1000000 | while read n; do echo $n; done | wc -l",
    ],
)
def test_a_script_without_end_is_ended_by_its_timeout(lab: SimLab, script: str) -> None:
    lab.shell("cat > /tmp/s <<'HATLAB_END'\n" + script + "\nHATLAB_END")
    output = lab.shell("timeout 3 bash /tmp/s >/dev/null 2>&1; echo $?", seconds=20)
    assert output.text.splitlines()[-1] in {"124", "1", "254", "0"}
