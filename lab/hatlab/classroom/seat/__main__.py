"""`python -m hatlab.classroom.seat`: the server of one seat."""

import sys

from hatlab.classroom.seat.server import main

if __name__ == "__main__":
    sys.exit(main())
