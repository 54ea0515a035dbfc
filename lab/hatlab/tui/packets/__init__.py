"""The packets: what was sent, and at which nodes it arrived.

packet       one packet, and what became of it
model        one list out of what each node captured
draw         a packet as one line
pane         the list, with its filter
detail       the screen that explains one packet byte by byte
detail_text  what that screen says
"""
