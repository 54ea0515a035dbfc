"""Small helps that know nothing of labs.

text        lists of names, wrapped lines
addresses   of both families: the short form, the one of a MAC
ranges      sets of numbers, and MySQL's sets of transactions
files       files that ship with hatlab, and a person's
paths       where hatlab keeps its own things
terminal    the terminal while no app has it
signals     signals, handled for a while
work        how far something is that takes its time
docstrings  docstrings of attributes
"""
