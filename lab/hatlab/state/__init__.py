"""What is true in a lab, made of events alone. All pure.

model        LabState and its parts
fold/        fold(state, event) -> state: the only writer
derive       outages and conditions: events that follow from events
explain/     why a node changed state, and where the seconds of an outage went
steps        a whole run, each event with the state before and after it
run_report   a run as a report tells it: transitions and why, outages, actions, conditions
faults       what is broken, and the action that fixes it
timeline     who was what when: lanes, marks and outages, for the screen and the report
tracks       values over time, of which a lane is made
table_diff   rows in which servers differ
summary      a state as plain data, for `hatlab status`
"""
