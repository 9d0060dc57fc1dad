"""What is allowed to be longer than the house likes: at most this long, for this reason.

An exemption may shrink but not grow, and the test fails when it is no longer needed.
"""

FUNCTION_LINES = 60
FILE_LINES = 400

# "path::dotted.name": (lines, reason)
LONG_FUNCTIONS: dict[str, tuple[int, str]] = {}

# "path": (lines, reason)
LONG_FILES: dict[str, tuple[int, str]] = {}
