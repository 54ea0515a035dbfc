"""Engines run a topology: `docker/` in containers, `simulator/` in virtual time, `replay/` from a recording.

`base` is the interface they share. The other modules are what the two live engines have in common: `election`
judges whether each instance has a Master yet, `action_outcomes` words refusals and effects of actions,
`startup_errors` those of a topology's `sql` and `faults`, and `sql_table` formats a statement's result.
"""
