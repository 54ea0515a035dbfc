"""The log: keepalived's and mysqld's own lines, and why things happened.

model  events as entries, and entries as lines; pure
pane   the list, with its filter
"""
