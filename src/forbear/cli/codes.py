"""Exit codes, so that scripts can tell what happened. `forbear --help` lists them."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    DIFFERENT = 3
    NO_DATABASE = 4
    NO_ROOM = 5
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused: bad input or a rule of the business; nothing was changed",
    Exit.USAGE: "the command was called wrongly",
    Exit.DIFFERENT: "the book is not as it must be: verify found a difference, or totals do not tie",
    Exit.NO_DATABASE: "the database cannot be reached, or went away",
    Exit.NO_ROOM: "a file or disk could not be read or written",
    Exit.INTERRUPTED: "interrupted with Ctrl-C; what was committed stays, and the next run goes on from there",
}
