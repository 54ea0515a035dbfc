"""Short films of real runs, for docs/ and the README: python -m tests.films [NAME…]

scenes      what is filmed: the keys that a person presses, and what they wait for
terminal    a command in a terminal of its own, and what that shows
cast        asciinema's format, in which a film is kept
svg         a film as an SVG that plays by itself, without a script: a code-hosting page shows no other
__main__    films them on Docker, or on the simulator where a scene asks for it
"""
