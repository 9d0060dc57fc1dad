"""`python -m tests.conformance FOLDER`: run a folder of neutral cases and print what passed, failed, or has no words."""

import argparse
import functools
import json
import multiprocessing
from collections import Counter

from tests.conformance import cases
from tests.conformance.run import run_case
from tests.conformance.systems import Engine, Oracle

SYSTEMS = {"engine": Engine, "oracle": Oracle}


def options():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("folder", nargs="?", default=None, help="folder of cases; default: the open corpora")
    parser.add_argument("--feature", action="append", help="these features only")
    parser.add_argument("--case", help="one case only, by its id")
    parser.add_argument("--by", choices=sorted(SYSTEMS), default="engine", help="what computes")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument("--explain", action="store_true", help="the first difference of each case not passed")
    parser.add_argument("--processes", type=int, default=1, help="how many at a time")
    return parser.parse_args()


def main():
    """Run and print."""
    told = options()
    folder = told.folder or cases.corpora() / "open"
    system = SYSTEMS[told.by]()
    found = list(cases.read(folder, feature=told.feature, case=told.case))
    if told.processes > 1:
        with multiprocessing.get_context("fork").Pool(told.processes) as pool:
            results = pool.map(functools.partial(run_case, system=system), found, chunksize=8)
    else:
        results = [run_case(case, system) for case in found]
    if told.json:
        print(json.dumps([r.__dict__ | {"checks": [[*k, v] for k, v in r.checks.items()]} for r in results]))
        return
    counts = Counter((r.feature, r.verdict) for r in results)
    print(f"{'feature':42}{'passed':>8}{'failed':>8}{'not expr.':>10}")
    for feature in sorted({r.feature for r in results}):
        row = [counts[feature, v] for v in ("passed", "failed", "not expressible")]
        print(f"{feature:42}{row[0]:8}{row[1]:8}{row[2]:10}")
    every = Counter(r.verdict for r in results)
    print(f"{'all':42}{every['passed']:8}{every['failed']:8}{every['not expressible']:10}")
    if told.explain:
        for r in results:
            if r.verdict != "passed":
                print(f"{r.id} step {r.step} {r.verdict}: {r.reason}")


if __name__ == "__main__":
    main()
