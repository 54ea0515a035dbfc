"""Packets as they are listed and explained.

model        one list out of what each node captured
packet       one packet, and what became of it
detail_text  its fields as lines, its bytes as rows
"""
