"""Rules about the programs that keepalived runs (KA1xx).

commands     the programs that a configuration names, with the script files that are known
lines        what a line that names one does: no shell reads it (KA12x)
files        whether a script is run at all (KA103 to KA113, KA129)
texts        what a script does (KA110, KA112, KA116, KA131, KA136, KA14x)
verdicts     how a check comes to its exit status (KA130 to KA134)
python_text  what a check in Python does (KA130, KA135)
services     what scripts do to the service that the checks ask (KA135, KA140 to KA143)
exit_status  which exit statuses a shell script can end with
shell_tree   ways through the tree of a shell script
rules        all of them, and those about vrrp_script blocks
"""

from hatlab.keepalived.diagnose.scripts.rules import script_rules

__all__ = ["script_rules"]
