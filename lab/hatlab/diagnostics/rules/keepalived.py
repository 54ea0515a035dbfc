"""The codes of what `diagnose` finds in keepalived.conf; effects are those of keepalived 2.3.4.

KA0xx the text, KA1xx scripts, KA2xx one vrrp_instance, KA3xx a pair, KA4xx virtual_server and checkers.
"""

from __future__ import annotations

from hatlab.diagnostics.finding import Rule, by_code

RULES = by_code(
    [
        Rule(
            "KA001",
            "error",
            "a block is not closed",
            "everything behind it is read as part of this block, up to the end of the file",
            "add the missing `}`",
        ),
        Rule(
            "KA002",
            "error",
            "a } closes nothing",
            "keepalived says \"Extra '}' found\" and goes on; an earlier block probably ended too soon",
            "remove it, or the `}` before it that is one too many",
        ),
        Rule(
            "KA003",
            "error",
            "a quote is not closed",
            "the words behind it are lost; of a script's line keepalived crashes (segmentation fault, "
            "measured)",
            'add the closing `"` on the same line',
        ),
        Rule(
            "KA004",
            "error",
            "several settings on one line",
            "a line is one setting: what follows the first is read as more words of it, and ignored; "
            'of an authentication block keepalived then says "no password given. Ignoring"',
            "give each setting, and each brace, a line of its own",
        ),
        Rule(
            "KA005",
            "error",
            "an unknown keyword",
            'keepalived says "Unknown keyword" and ignores it; `keepalived -t` fails',
            "correct or remove it",
            "1.2 before 1.2.24 ignored it without a word",
        ),
        Rule(
            "KA006",
            "warning",
            "a { sticks to the word before it",
            "nothing, today: a brace ends a word",
            "put a blank before `{`",
            "before 2.0 the brace was part of the word: the block did not exist at all, silently",
        ),
        Rule(
            "KA007",
            "error",
            "a value is missing, no number, or out of its range",
            "of a wrong value keepalived complains and takes the default; where one is missing it ends at "
            "once",
            "give a value in the range",
        ),
        Rule(
            "KA008",
            "warning",
            "an included file was not read",
            "what it holds is not known to this check; keepalived ignores an include that matches nothing",
            "correct the path, or check the files together",
        ),
        Rule(
            "KA009",
            "error",
            "a definition or sequence cannot be written out",
            "keepalived keeps the line as it is, or ignores it",
            "see DEFINITIONS and ~SEQ in keepalived.conf(5)",
        ),
        Rule(
            "KA010",
            "warning",
            "a $name that is not defined above",
            "it stays as it is, dollar sign included",
            "define it above its use: `$NAME=value` on a line of its own",
            "before 1.4 there were no definitions",
        ),
        Rule(
            "KA011",
            "error",
            "a brace where none belongs, or none where one is needed",
            "keepalived complains, and what follows is read in the wrong block",
            "a block's keyword is followed by `{`; a setting's is not",
        ),
        Rule(
            "KA012",
            "warning",
            "an outdated keyword",
            "it still works, with a complaint",
            "use the new name",
        ),
        Rule(
            "KA013",
            "warning",
            "a setting is given twice",
            "the last one counts (of `state`, MASTER counts)",
            "remove all but one",
        ),
        Rule(
            "KA014",
            "warning",
            "nothing is configured",
            "keepalived runs and does nothing",
            "a vrrp_instance is the least that makes sense",
        ),
        Rule(
            "KA015",
            "error",
            "too large to check",
            "only files of up to 1 MB are read",
            "split it with `include`",
        ),
        Rule(
            "KA016",
            "note",
            "lines for a configuration id",
            "keepalived reads lines that begin with `@ID` only when it is started with `-i ID`; so does "
            "this check",
            "`hatlab check --config-id ID`",
        ),
        Rule(
            "KA101",
            "warning",
            "no script_user",
            "scripts run as the user keepalived_script; without one as root, or, with "
            "enable_script_security, "
            "not at all ('Unable to set default user … - removing')",
            "`script_user NAME` in global_defs says who runs them",
            "before 1.3 scripts always ran as root",
        ),
        Rule(
            "KA102",
            "warning",
            "no enable_script_security",
            'keepalived says "SECURITY VIOLATION - scripts are being executed but script_security not '
            'enabled", '
            "and `keepalived -t` ends with code 6",
            "`enable_script_security` in global_defs",
            "before 1.3 there was no such check",
        ),
        Rule(
            "KA103",
            "error",
            "a script's path goes through a symbolic link",
            "with enable_script_security a program under /bin, /sbin or /lib is refused where those are "
            "links "
            "into /usr, as they are today: the check is disabled",
            "write /usr/bin/…",
        ),
        Rule(
            "KA104",
            "error",
            "a tracked script is not defined",
            'keepalived says "track script not found, ignoring": nothing is checked',
            "define it as a vrrp_script, or correct the name",
        ),
        Rule(
            "KA105",
            "warning",
            "a vrrp_script that nothing tracks",
            "it never runs",
            "name it in the track_script block of a vrrp_instance, or remove it",
        ),
        Rule(
            "KA106",
            "error",
            "a script without #!",
            "keepalived calls execve, which cannot run it: it is never executed, silently",
            "begin it with `#!/bin/sh`",
            "1.2 ran scripts by a shell, so there it did run",
        ),
        Rule(
            "KA107",
            "error",
            "a vrrp_script without a script",
            "there is nothing to run: the block is dropped",
            'add `script "/usr/bin/…"`',
        ),
        Rule(
            "KA108",
            "error",
            "a script that may not be run",
            "a file that is not executable is never run; with enable_script_security one that others than "
            "root "
            "can change is disabled",
            "chown root, chmod 755, for its folders too",
        ),
        Rule(
            "KA109",
            "warning",
            "a password in clear text for sudo",
            "whoever can read the file has it; and keepalived's scripts need no sudo if script_user is set",
            "set script_user, or a NOPASSWD rule for this one command",
        ),
        Rule(
            "KA110",
            "warning",
            "a script ends keepalived, and nothing starts it again",
            "the node leaves for good: once the service is back, somebody must start keepalived by hand",
            "let a vrrp_script of weight 0 put the instance into FAULT; it comes back by itself",
        ),
        Rule(
            "KA111",
            "warning",
            "track_process does not work in a container",
            "the kernel's process events are refused there (errno 111), and the instance goes to FAULT",
            "use a vrrp_script that asks the service a question",
        ),
        Rule(
            "KA112",
            "note",
            "a check that a process exists",
            "a frozen or refusing service still has a process: it passes",
            "ask the service a question, such as `mysql --execute 'SELECT 1'`",
        ),
        Rule(
            "KA113",
            "note",
            "what this check has not seen of a script",
            "a script without `#!`, not executable, or open to change by others never runs",
            "begin it with `#!`; chown root; chmod 755. Put it beside the file to have it checked",
        ),
        Rule(
            "KA114",
            "warning",
            "a script that may run longer than its interval",
            "a run that would overlap is skipped; one that hangs until its timeout delays the verdict",
            "a timeout of at most the interval",
        ),
        Rule(
            "KA115",
            "warning",
            "one FIFO for two purposes",
            "keepalived ignores the second one",
            "give each its own path",
        ),
        Rule(
            "KA116",
            "note",
            "state is told to scripts only while keepalived lives",
            "a killed or frozen keepalived runs no notify script and writes no FIFO: fencing that relies "
            "on it "
            "does not happen in exactly that case",
            "let the node that takes over fence the other, or use a watchdog",
        ),
        Rule(
            "KA201",
            "error",
            "no interface",
            'keepalived says "Unknown interface!" and drops the instance',
            "`interface NAME`: where its adverts travel",
        ),
        Rule(
            "KA202",
            "error",
            "no virtual_router_id",
            'keepalived says "the virtual router id must be set" and drops the instance',
            "`virtual_router_id N`, the same on every member and used by no other router on this network",
        ),
        Rule(
            "KA203",
            "error",
            "two instances share a VRID on one interface",
            'keepalived says "A and B both use VRID N" and does not start them both',
            "give each its own virtual_router_id",
        ),
        Rule(
            "KA204",
            "error",
            "no virtual address",
            'there is nothing to take over: version 2 goes on with a complaint ("at least one is sensible"), '
            "version 3 drops the instance",
            "list one in virtual_ipaddress",
        ),
        Rule(
            "KA205",
            "warning",
            "state MASTER with nopreempt",
            "nopreempt is cleared with a warning: the node takes over whenever it returns",
            "`state BACKUP` on every member",
        ),
        Rule(
            "KA206",
            "warning",
            "state MASTER without a priority",
            "the priority is 255, the address owner's: Master at once, without listening, and weights do "
            "not count",
            "give a priority",
        ),
        Rule(
            "KA207",
            "note",
            "state MASTER is no more than a wish",
            "below priority 255 the node starts as Backup all the same and waits a full master-down "
            "interval; the "
            "word only clears nopreempt and preempt_delay",
            "`state BACKUP`, and let the priority decide",
        ),
        Rule(
            "KA208",
            "warning",
            "a password longer than 8 characters",
            "it is cut to 8: the rest protects nothing",
            "use at most 8; it is readable on the wire anyway",
        ),
        Rule(
            "KA209",
            "error",
            "authentication without a password",
            'keepalived says "Authentication specified but no password given. Ignoring": adverts carry none',
            "`auth_pass` on a line of its own",
        ),
        Rule(
            "KA210",
            "warning",
            "authentication with version 3",
            "it is ignored: RFC 9568 has none",
            "remove the block",
        ),
        Rule(
            "KA211",
            "warning",
            "version 2 carries whole seconds",
            "the interval is rounded, half up, and never below 1 s",
            "a whole number, or `version 3`, which counts hundredths",
        ),
        Rule(
            "KA212",
            "warning",
            "preempt_delay is cleared",
            "state MASTER and nopreempt both reset it, with a warning",
            "`state BACKUP` without nopreempt",
        ),
        Rule(
            "KA213",
            "warning",
            "a weight on an address owner",
            "the priority of an owner (255) never changes: the weight is ignored",
            "a priority below 255",
        ),
        Rule(
            "KA214",
            "note",
            "nothing but its interface is checked",
            "the node stays Master while the service behind the address is dead",
            "a vrrp_script that asks the service a question, tracked with weight 0",
        ),
        Rule(
            "KA215",
            "error",
            "no address",
            "keepalived refuses it; the virtual address does not exist",
            "ADDRESS/LENGTH, such as 192.168.1.100/24",
        ),
        Rule(
            "KA216",
            "error",
            "a name is used twice, or by a group but not defined",
            "keepalived complains and takes the first, or ignores the member",
            "correct the name",
        ),
        Rule(
            "KA217",
            "warning",
            "state is neither MASTER nor BACKUP",
            "keepalived takes BACKUP",
            "`state BACKUP`",
        ),
        Rule(
            "KA218",
            "warning",
            "a weight in a sync group",
            "keepalived ignores a check with a weight on a member of a sync group",
            "weight 0 (a failure is FAULT, for all of the group), or `sync_group_tracking_weight` in it",
        ),
        Rule(
            "KA301",
            "error",
            "VRIDs differ",
            "neither hears the other (nothing is logged): both become Master, both hold the address",
            "the same virtual_router_id on every member",
        ),
        Rule(
            "KA302",
            "error",
            "passwords differ",
            "each rejects the other's adverts: both become Master, and as any rejected advert re-arms a "
            "Master's "
            "own timer, one of them may hardly advertise at all",
            "the same auth_type and auth_pass (its first 8 characters) on every member",
        ),
        Rule(
            "KA303",
            "error",
            "VRRP versions differ",
            "each rejects the other's adverts: both become Master",
            "the same version on every member",
        ),
        Rule(
            "KA304",
            "error",
            "advert intervals differ in version 2",
            "each rejects the other's adverts: both become Master, for good",
            "the same advert_int on every member",
        ),
        Rule(
            "KA305",
            "warning",
            "advert intervals differ in version 3",
            "a Backup adopts the Master's; how long a failure stays unnoticed depends on who is Master",
            "the same advert_int on every member",
        ),
        Rule(
            "KA306",
            "error",
            "lists of virtual addresses differ",
            "adverts are accepted with a complaint, and each sets its own: after a failover an address "
            "that only "
            "the other had does not exist any more",
            "the same virtual_ipaddress on every member",
        ),
        Rule(
            "KA307",
            "warning",
            "priorities are the same",
            "between two Masters the higher address wins; between Master and Backup nobody preempts",
            "give each member its own priority",
        ),
        Rule(
            "KA308",
            "error",
            "a weight smaller than the priority gap",
            "the check fails, the priority changes, and still the same node is the highest: no failover",
            "a weight larger than the gap, or 0 (a failure is FAULT)",
        ),
        Rule(
            "KA309",
            "error",
            "nopreempt on every member with a weight",
            "a failed check lowers the Master's priority, but no Backup takes over from a living Master: "
            "no failover",
            "weight 0 (a failure is FAULT), or no nopreempt",
        ),
        Rule(
            "KA310",
            "error",
            "unicast on one side, multicast on the other",
            "each rejects or never gets the other's adverts: both become Master",
            "unicast_peer on every member, or on none",
        ),
        Rule(
            "KA311",
            "error",
            "a unicast peer is not named",
            "nothing is sent to it: it becomes Master too",
            "list the other's unicast_src_ip in unicast_peer",
        ),
        Rule(
            "KA312",
            "warning",
            "an instance that the other file has not",
            "without a partner there is no failover",
            "the same instance on every member",
        ),
        Rule(
            "KA401",
            "warning",
            "a virtual_server needs ip_vs in the kernel",
            'without it keepalived says "IPVS: Can\'t initialize ipvs" and all of it ends within a '
            "second, VRRP too",
            "for failover alone no virtual_server is needed: use a vrrp_script; else load ip_vs first",
            "only the checker was lost; VRRP went on",
        ),
        Rule(
            "KA402",
            "warning",
            "the checked server may not be this node",
            "a failure elsewhere makes this node act, and its own service may die unnoticed",
            "check the service of this node: a vrrp_script that asks 127.0.0.1 or the local socket",
        ),
        Rule(
            "KA403",
            "warning",
            "the virtual server's address is no virtual address of this file",
            "IPVS never sees a client that connects to the virtual address",
            "use the same address in virtual_server and virtual_ipaddress",
        ),
        Rule(
            "KA404",
            "note",
            "how long a failure stays unnoticed",
            "that long clients get errors before anything happens",
            "smaller delay_loop, retry, delay_before_retry and connect_timeout",
        ),
        Rule(
            "KA405",
            "error",
            "a real server without a checker",
            "it counts as alive for ever",
            "add a TCP_CHECK or MISC_CHECK block",
        ),
    ]
)
