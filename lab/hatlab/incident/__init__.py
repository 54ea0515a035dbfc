"""An incident that happened elsewhere: what operators have of it, made into a recording.

sources/   logs, captures and configurations, read into dated records
reproduce/ the faults that explain it, inferred and played again in a lab
"""
