"""A simulated MySQL.

server       the process: its life, its connections, who may write
storage      what it has on its disk: rows, binary log, GTIDs
replica      follows another server
table_watch  tells which tables changed
sql          runs a statement
sql_parser   reads the words and values of a statement
interface    what the parts of a server may use of it
"""
