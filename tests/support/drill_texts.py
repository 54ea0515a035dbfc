"""A small drill, and one with two causes."""

DRILL = """\
---
version: 1
id: one-way
kind: drill
title: Two sets of orders
level: 2
fault: one-way networks
minutes: 5
topology: two-node
expert:
  - {look: status, shows: "Both servers hold {vip}."}
  - {look: log db2, shows: "db2 logs nothing, so it hears nobody."}
---

## The phone rings

```yaml lab
begin: cut heartbeat db2
until: [owners 2, state db2 MASTER]
```

"Two colleagues see different orders."

```yaml question
id: cause
ask: What is wrong?
order: fixed
choices:
  - db2 hears nothing
  - {text: the passwords differ, wrong: A log would say so.}
  - text: keepalived on db1 is frozen
right: db2 hears nothing
why: One direction is broken.
```

```yaml task
id: repair
do: Repair it, and keep the lab healthy for five seconds.
when: {held: 5, when: [healthy, owner db1, {not: cut heartbeat db2}]}
solution: heal heartbeat
wrong:
  - {do: stop keepalived db2, because: the network is as it was}
```
"""

TWO_CAUSES = (
    DRILL.replace("begin: cut heartbeat db2", "begin: [cut heartbeat db2, stop mysqld db2]")
    .replace("until: [owners 2, state db2 MASTER]", "until: [process mysqld db2 down, cut heartbeat db2]")
    .replace("right: db2 hears nothing", "right: [db2 hears nothing, mysqld on db2 is dead]")
    .replace("  - text: keepalived on db1 is frozen", "  - mysqld on db2 is dead")
    .replace("solution: heal heartbeat", "solution: [start mysqld db2, heal heartbeat]")
)
