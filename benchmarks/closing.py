"""Close days of a book in a process of its own, as `forbear close-day` does: `python -m benchmarks.closing URL DAY`.

Prints one line of JSON: seconds inside `close_days`, and what was touched. Day numbers count from 1970-01-01.
"""

import datetime as dt
import json
import sys
import time

from forbear.operations.close_day import Refusal, close_days


def main() -> int:
    """Close the days up to the one given."""
    url, day = sys.argv[1], int(sys.argv[2])
    clock = time.perf_counter()
    closed = close_days(url, day, now=dt.datetime(2026, 6, 4, tzinfo=dt.UTC))
    if isinstance(closed, Refusal):
        print(f"refused: {closed.reason}; {closed.mend}", file=sys.stderr)
        return 1
    totals = closed[-1].totals if closed else {}
    found = {
        "seconds": time.perf_counter() - clock,
        "closed_now": sum(day.closed_now for day in closed),
        "touched": totals.get("touched", 0),
        "movements": totals.get("movements", 0),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
