"""Give each lock its heading, and refuse one that names a place instead of a release.

Called by `make lock` as `python -m tools.locks requirements/runtime.txt ...`.
"""

import pathlib
import re
import sys

HEADING = (
    "# Made by `make lock`. Releases and their hashes, no addresses: any index that holds them will do.\n"
)
ENTRY = re.compile(r"[a-z0-9][a-z0-9._-]*==[^\s@/]+( ; [^@/\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def strangers(text: str) -> list[str]:
    """The lines that are neither a comment, a pinned release nor a hash."""
    return [
        line
        for line in text.splitlines()
        if not (line.startswith("#") or ENTRY.fullmatch(line) or HASH.fullmatch(line))
    ]


def finish(path: pathlib.Path) -> list[str]:
    """Write the heading into the lock at `path`, and return what does not belong there."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith(HEADING):
        path.write_text(HEADING + text, encoding="utf-8")
    return [f"{path}: {line}" for line in strangers(text)]


def main(arguments: list[str]) -> int:
    """Finish each lock named on the command line; 1 when any line is a stranger."""
    found = [line for name in arguments for line in finish(pathlib.Path(name))]
    for line in found:
        print(f"not a pinned release with hashes: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
