"""A what-if for tests to put into a lesson and to break."""

from tests.support.lesson_texts import LESSON

WHAT_IF = """\
```yaml whatif
id: slower
ask: What if advert_int were 2 s on both servers?
change:
  - set db1 advert_int 2
  - set db2 advert_int 2
  - wait: {held: 5, when: [owner db1, master db1]}
then: power off db1
measure: takeover db2
why: db2 waits {other} s instead of {first} s.
```
"""
ASKS_FIRST = LESSON.replace("```yaml predict\nid: cut-off", f"{WHAT_IF}\n```yaml predict\nid: cut-off")
ASKS_FIRST = ASKS_FIRST.replace("owner db2]", "owner db2, outage]")
"""The small lesson with a what-if before everything else in its first step."""
