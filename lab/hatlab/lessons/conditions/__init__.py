"""Conditions and measures: what a lesson may ask of a lab, line by line.

syntax      the tree of a condition or capture, and how it is tested from event to event
parser      makes the tree of a lesson's YAML
compiler    resolves each line of a tree for one lab, and finds those that say nothing there
vocabulary  the names and words of a line; `predicates` and `measures` define them
trace       what happened since a task began: a pure fold
notation    conditions in one line, as they are typed; `captions`: in a learner's words
"""
