"""A small lesson with a block of each kind, for tests to break."""

LESSON = """\
---
version: 1
id: small
title: Small
minutes: 5
topology: two-node
goals: [You can say who holds the address.]
---

# Small

The address is `{vip}`.

## Kill it

```yaml lab
until: owner db1
```

```yaml predict
id: cut-off
ask: For how many seconds is the client cut off?
unit: s
truth: outage
near: 0.5
why: "It was {outage} s."
```

```yaml task
id: kill
do: Kill mysqld on db1.
when: [process mysqld db1 down, owner db2]
capture: {outage: outage client}
hints:
  - Press k.
solution: kill mysqld db1
wrong:
  do: stop keepalived db1
  because: mysqld lives
```

It took {outage} s; you said {cut_off}.

## Look

```yaml question
id: who
ask: Who holds it now?
choices: [db1, db2, nobody]
truth: owner
```

```yaml task
id: mend
do: Start it again.
when: {held: 1, when: healthy}
hints: Press s.
solution:
  - start mysqld db1
  - wait: healthy
```
"""

VARIANTS = """\
---
version: 1
id: find-it
title: Find it
minutes: 5
topology: two-node
goals: [You can find what is dead.]
variants:
  - {id: one, values: {service: mysqld, answer: a, mend: start mysqld db1}}
  - {id: two, values: {service: keepalived, answer: b, mend: [start keepalived db1]}}
---

Something is wrong with {{service}}.

## Find it

```yaml lab
begin: [kill {{service}} db1]
until: process {{service}} db1 down
```

```yaml question
id: what
ask: What is it?
choices: [a, b]
right: {{answer}}
```

```yaml task
id: mend
do: Mend it.
when: ["process {{service}} db1 up"]
hints: [Look at {{service}}.]
solution: {{mend}}
```
"""
