"""An incident that happened elsewhere: what operators have of it, made into a recording.

brought        which files are of which node
sources/       logs, captures and configurations, read into dated records
survey         a first look at all files: who was there, by which clock
own_addresses  which address is whose
clocks         how far the nodes' clocks are apart
lab_event      the topology, from the configurations and from who was seen
log_facts, frame_facts  records as events
pinning        better times for a log from the node's own capture
last_words     what is not known any more of a node whose log ends
recording      all of it in one order
signs          what is told beyond changes of state
story          what happened, when and why; story_text, story_document write it
reproduce/     the faults that explain it, inferred and played again in a lab
"""
