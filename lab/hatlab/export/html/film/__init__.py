"""A run as the player plays it: what the map shows at each moment. The page itself knows no rule of VRRP.

filming  reads a run step by step and samples its scenes
scene    what the map shows at one moment, as plain data
tracks   a value over time: when it changed, and to what
packets  the list of packets, and what each says byte by byte
pack     plain data as text that a page can hold
"""
