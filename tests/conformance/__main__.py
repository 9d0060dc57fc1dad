"""`python -m tests.conformance [FOLDER]`: run a folder of neutral cases; print what passed, failed, or has no words."""

import argparse
import dataclasses
import functools
import json
import multiprocessing
from collections import Counter

from tests.conformance import actus, cases, lending
from tests.conformance.run import run_case
from tests.conformance.systems import Engine, Oracle

OTHERS = {family: module.run for module in (actus, lending) for family in module.FAMILIES}
"""Families that are not of the live schedule: flows of exact contracts, and figures of lending in many ways."""

SYSTEMS = {"engine": Engine, "oracle": Oracle}
VERDICTS = ("passed", "failed", "not expressible")


def options():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("folder", nargs="?", default=None, help="folder of cases; default: the open corpora")
    parser.add_argument("--feature", action="append", help="these features only")
    parser.add_argument("--case", help="one case only, by its id")
    parser.add_argument("--by", choices=sorted(SYSTEMS), default="engine", help="what computes")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument("--table", action="store_true", help="the table of docs/reference/conformance.md")
    parser.add_argument("--explain", action="store_true", help="the first difference of each case not passed")
    parser.add_argument("--processes", type=int, default=1, help="how many at a time")
    return parser.parse_args()


def run_all(folder, system, *, feature=None, case=None, processes=1):
    """Results of the cases of a folder, in their order."""
    found = list(cases.read(folder, feature=feature, case=case))
    others = [
        dataclasses.replace(run(one), feature=family)
        for family, run in OTHERS.items()
        for one in cases.read(folder, family, case=case)
        if feature is None or family in feature
    ]
    if processes == 1:
        return [run_case(one, system) for one in found] + others
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return pool.map(functools.partial(run_case, system=system), found, chunksize=8) + others


def summary(results):
    """A line per feature, and per kind of check, of what passed and what did not."""
    counts = Counter((r.feature, r.verdict) for r in results)
    lines = [f"{'feature':42}{'passed':>8}{'failed':>8}{'not expr.':>10}"]
    for feature in sorted({r.feature for r in results}):
        row = [counts[feature, verdict] for verdict in VERDICTS]
        lines.append(f"{feature:42}{row[0]:8}{row[1]:8}{row[2]:10}")
    every = Counter(r.verdict for r in results)
    lines.append("{:42}{:8}{:8}{:10}".format("all", *(every[verdict] for verdict in VERDICTS)))
    checks = sum((r.checks for r in results), Counter())
    lines.append(f"\n{'check':42}{'equal':>8}{'differs':>8}")
    lines += [
        f"{kind:42}{checks[kind, 'passed']:8}{checks[kind, 'failed']:8}"
        for kind in sorted({kind for kind, _ in checks})
    ]
    return "\n".join(lines)


def table(results):
    """What passed and what did not, by feature, as the page shows it: first tier first."""
    counts = Counter((r.feature, r.verdict) for r in results)
    features = {r.feature for r in results}
    rows = ["| feature | passed | failed | not expressible |", "|---|---:|---:|---:|"]

    def row(name, chosen):
        numbers = (sum(counts[feature, verdict] for feature in chosen) for verdict in VERDICTS)
        rows.append(f"| {name} | " + " | ".join(map(str, numbers)) + " |")

    first = [feature for feature in cases.FIRST_TIER if feature in features]
    rest = sorted(features.difference(first))
    for feature in first:
        row(f"`{feature}`", [feature])
    row("**first tier**", first)
    for feature in rest:
        row(f"`{feature}`", [feature])
    row("**all**", features)
    return "\n".join(rows)


def main():
    """Run and print."""
    told = options()
    folder = told.folder or cases.corpora() / "open"
    results = run_all(
        folder, SYSTEMS[told.by](), feature=told.feature, case=told.case, processes=told.processes
    )
    if told.json:
        print(json.dumps([r.__dict__ | {"checks": [[*k, v] for k, v in r.checks.items()]} for r in results]))
        return
    print(table(results) if told.table else summary(results))
    for r in results if told.explain else ():
        if r.verdict != "passed":
            print(f"{r.id} step {r.step} {r.verdict}: {r.reason}")


if __name__ == "__main__":
    main()
