"""Problems that operators of keepalived pairs reported in public, retyped with invented names and addresses.

`files/` has a folder a case: what somebody would bring (configurations, scripts) and `script.txt`, the timed
actions of what happened. `table` says of each what `hatlab check`, `hatlab topology-from` and a lab show.
"""
