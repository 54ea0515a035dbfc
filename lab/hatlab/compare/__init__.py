"""Two runs side by side: before and after a change, an incident and what was made of it, two engines. Pure.

course       what a run is compared by: streams of what happened, each with how exactly its time is known
pairing      which node, virtual router, address and client of one run stands for which of the other
sequence     two sequences aligned by an edit distance that tolerates shifts in time
anchor       the moment at which both runs are laid over one another
comparison   what agrees, what differs and by how much
words        the verdict, and each difference in a sentence
document     the same as plain data
"""
