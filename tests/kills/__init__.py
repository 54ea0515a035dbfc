"""A campaign that kills hatlab at random moments and looks at what is left on the Docker engine.

`python -m tests.kills --count 200 --seed 1`: each trial has a state folder of its own, and touches only labs
that stand in it. `plan` draws the trials, `process` runs hatlab, `trial` kills it and looks.
"""
