"""Lessons for the tests of a lesson under way."""

from __future__ import annotations

from tests.support.lesson_texts import LESSON

HEAD = LESSON[: LESSON.index("## Kill it")]
PREDICT = LESSON.replace("owner db2]", "owner db2, outage]")
FAILS = (
    HEAD
    + """\
## Watch

```yaml task
id: kill
do: Kill mysqld on db1.
when: [process mysqld db1 down, owner db2, outage]
capture: {outage: outage client, noticed: {from: process mysqld db1 down, to: state db1 FAULT}}
fail:
  - when: process mysqld db2 down
    say: That was db2.
hints:
  - Look at db1.
  - when: process mysqld db2 down
    say: db2 is dead.
  - Press k.
solution: kill mysqld db1
```

It took {outage} s, noticed after {noticed} s.

## Order

```yaml task
id: order
do: Stop keepalived on db2, then start it.
when: {order: [process keepalived db2 down, process keepalived db2 up]}
hints: Press t.
solution: [stop keepalived db2, start keepalived db2]
```
"""
)
