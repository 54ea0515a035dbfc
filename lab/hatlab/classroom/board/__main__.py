"""Run the board, as `hatlab class start` does."""

from hatlab.classroom.board.service import main

if __name__ == "__main__":
    main()
