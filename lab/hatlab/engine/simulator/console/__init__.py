"""A line console into a simulated node: what a learner would type on the real one, in the same words.

driver        runs a line without a terminal
terminal      the prompt, on a real terminal
"""
