"""An incident run again: the faults that explain what was seen, inferred from their effects alone.

faults        what is inferred: a fault, an explanation of several, an episode with its candidates
seen          a recording's facts, sorted by what says what
rules/        from facts to episodes
timetable     faults → the lines of a script, and the folder that it is written to
trial         one run of a candidate, and how far it agrees
search        tries candidates, and keeps what agrees best
cure          the same faults with changed configurations, before and after
report        what was inferred, tried and found, as lines and as plain data
"""
