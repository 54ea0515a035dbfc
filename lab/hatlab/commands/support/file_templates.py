"""The commented starts that `hatlab new` writes; `$path`, `$id` and `$title` stand for the new file's."""

from __future__ import annotations

TOPOLOGY = """\
# A topology: what a lab consists of. Run it with: hatlab start $path
# Check it while you write: hatlab check $path --watch
# All keys: `hatlab help writing-topologies`. Editors complete them by the schema beside this file, which
# `hatlab schema topology` prints:
# yaml-language-server: $$schema=topology.schema.json
version: 1
title: $title
description: >-
  One or two sentences that say what this lab shows.

networks: [lan, heartbeat]    # each is a /24 of its own, picked free when the lab starts

nodes:                        # name: the last octet of its address on every network
  db1: 11
  db2: 12
  # db3: {octet: 13, networks: [lan, heartbeat]}

instances:                    # virtual routers: who may hold which address
  VI_1:
    network: heartbeat        # where the adverts travel
    vrid: 51                  # unique on that network
    # version: 3              # 2 (whole seconds, passwords) or 3 (hundredths, no passwords)
    # interval: 1             # seconds between adverts
    auth_pass: hatlab         # version 2 only, at most 8 characters, readable on the wire
    members:                  # node: priority; the highest becomes Master
      db1: 150
      db2: 100
      # db3: {priority: 90, nopreempt: true}
    addresses: {lan: [100]}   # network: last octets of the virtual addresses
    checks: [mysql]           # a failure of weight 0 means FAULT

checks:                       # ask queries the node's own mysqld; or use tcp, process, reach, quorum
  mysql: {ask: SELECT 1, interval: 2, fall: 2, rise: 2}

replication: {kind: two-sources, network: heartbeat}    # between two nodes; with three use none

clients:                      # asks the virtual address 20 times a second, and writes rows
  client: {network: lan, octet: 50, target: VI_1}
"""

LESSON = """\
---
# A lesson: what a learner reads, predicts and does. `hatlab help writing-lessons` explains it.
#   hatlab check $path --watch        shows what is wrong with it on every save
#   hatlab learn --watch $path        shows how it reads on every save
#   hatlab verify $path               proves that its solutions pass, and wrong answers do not
version: 1
id: $id
title: $title
order: 500                     # its place in the list
minutes: 5
topology: two-node             # see hatlab topologies; or a path to your own, relative to this file
needs: []                      # lessons to take first: ids from this folder, or of shipped lessons
goals:                         # shown at the end
  - You can say how long a failover takes when a Master dies without a word.
---

Everything before the first `##` is the introduction. {vip} in braces becomes the lab's virtual address.

## A Master dies

<!-- Each ## starts a step. Comments like this one are not shown. -->

```yaml lab
# How this step begins: what is done to a healthy lab, and until when. Restarting the step repeats it.
begin: []
until: master db1
```

db1 is Master and holds {vip}. In a moment you kill its keepalived: it has no time for a last advert.

```yaml predict
# Answered before the task, compared with the truth after it.
id: wait
ask: How many seconds pass between db1's last advert and db2 becoming Master?
unit: s
truth: waited                  # a measure, or a name that the task captures
near: 0.2                      # how far off still counts as right
why: >-
  db2 waited 3 × advert_int + skew = {master_down:3} s after the last advert it heard.
```

```yaml task
id: kill
do: Kill keepalived on db1, and wait until db2 is Master.
when: [process keepalived db1 down, became db2 MASTER]         # a list: all of these
capture:                       # for texts and questions from here on
  waited: takeover db2
  master_down: master_down db2
fail:                          # what to say at once about a wrong turn
  - when: went mysqld db1 down
    say: That was mysqld. Start it again; it is keepalived that sends the adverts.
hints:                         # from a nudge to the answer; one with `when` comes first while that is true
  - when: process keepalived db1 down
    say: It is dead. Now db2 has to notice; watch its countdown.
  - It must not send anything more, so the process has to die at once.
  - SIGKILL does that; {key:help actions|the menu (@)|a typed line (@ lists them)} calls it "kill".
solution: kill keepalived db1
wrong:                         # must not pass; `hatlab verify` tries it
  - do: stop mysqld db1
    because: keepalived still sends adverts
```

It took {waited:3} s.

```yaml question
# Answered and checked at once.
id: owners
ask: How many nodes hold {vip} now?
choices:
  - text: "1"
    wrong: Nobody removed the address from db1's interface. Look at both boxes.
  - "2"
right: "2"
why: Two. A killed keepalived cannot clean up after itself.
```
"""

DRILL = """\
---
# A drill: an incident to be found, named and repaired while a clock runs. See `hatlab help writing-lessons`.
#   hatlab check $path --watch        shows what is wrong with it on every save
#   hatlab verify $path               that the repair passes, and that wrong answers do not
#   hatlab drill $path                play it
version: 1
kind: drill
id: $id
title: $title
level: 1                       # 1 to 3; at 3 two things may be wrong at once
fault: one-way networks        # the kind of fault, in the plural: "You miss one-way networks most: 2 of 5."
minutes: 5                     # the clock; when the time is over, the drill goes on
topology: two-node
expert:                        # how an expert would find it; shown at the end, beside what the learner did
  - look: the map
    shows: Both servers hold {vip}, so each believes that it is alone.
  - look: the log of both
    shows: db1 answers adverts of db2 with "forcing new election", and db2 logs nothing. It hears nobody.
---

## 2:13

```yaml lab
begin: cut heartbeat db2       # always hidden in a drill
until: [owners 2, state db2 MASTER]
```

"Two colleagues look at the same shop and see different orders."

```yaml question
id: cause
ask: What is wrong?
choices:
  - db2 hears nothing on the heartbeat
  - text: the passwords differ
    wrong: Then the server that hears the other would log "received an invalid passwd".
  - text: keepalived on db1 is frozen
    wrong: db1 still sends an advert every second. A frozen daemon sends nothing.
right: db2 hears nothing on the heartbeat      # or a list, if there are several causes
why: One direction is broken. db1 hears db2, and db2 hears nobody.
```

```yaml task
id: repair
do: Repair it, and keep the lab healthy for five seconds.
when: {held: 5, when: [healthy, {not: cut heartbeat db2}]}
solution: heal heartbeat
wrong:
  - do: stop keepalived db2
    because: one owner is left, without a Backup; the network is as it was
```
"""
