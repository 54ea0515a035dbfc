"""The board: a page for the teacher that shows how everybody is doing, and takes what the teacher wants done.

report      what a seat tells of its student: read, bounded, made visible
attention   who needs help first, and why
overview    the class as a whole: where most are, what was predicted
room        everybody, as the reports have it; what has changed since a page has looked
commands    what the teacher wants done, sent to the seats
handlers    what is asked over HTTP: by seats, by the page
service     the server; `python -m hatlab.classroom.board` runs it
page/       the page itself: one HTML file, its style, its scripts
"""
