"""Rules that need the configurations of all members (KA3xx).

partners   which instances belong together, and which are of two clusters (KA312, KA330)
peers      unicast peers, sources and groups of adverts (KA310, KA311, KA32x)
takeover   who takes over when a check fails: weights, priorities, nopreempt (KA307 to KA309, KA313)
agreement  what to look for where the files agree (KA331)
rules      all of them, and settings that must be the same (KA301 to KA306)
"""

from hatlab.keepalived.diagnose.pair.agreement import agreement_note
from hatlab.keepalived.diagnose.pair.rules import pair_rules

__all__ = ["agreement_note", "pair_rules"]
