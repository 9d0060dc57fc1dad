"""What the figures are compared with, and whether they reach it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure beside what was aimed at. `at_least` tells which way is better."""

    what: str
    aim: float
    found: float
    unit: str
    at_least: bool = False
    quiet: bool = True
    quick: bool = False

    @property
    def reached(self) -> bool:
        return self.found >= self.aim if self.at_least else self.found <= self.aim

    def as_words(self) -> tuple[str, str, str, str]:
        """What, aim, found, verdict: for tables."""
        sign = ">=" if self.at_least else "<="
        verdict = "reached" if self.reached else "not reached"
        if self.quick:
            verdict = "too small a run to tell"
        return (
            self.what, f"{sign} {self.aim:g} {self.unit}".strip(), f"{self.found:.3g} {self.unit}".strip(),
            verdict if self.quiet else f"{verdict} (disturbed)",
        )  # fmt: skip


def targets(results: Results) -> list[Target]:
    """Those of the targets that were measured."""
    found = [*_kernel(results), *_refold(results), *_schedules(results)]
    found += _law(results.get("law", {}))
    for name, facts in results.get("books", {}).items():
        found += _book(name, facts)
    found += _pairs(results)
    if "command_line" in results:
        found.append(Target("`forbear --help`", 0.3, results["command_line"]["best"], "s"))
    if results.get("quick"):
        return [replace(target, quick=True) for target in found]
    return found


def ratio(contest: dict[str, Any], engine: str) -> float | None:
    """By how much the best formulation of an engine is slower than Forbear."""
    times = [run["per_loan"] for name, run in contest.items() if name.partition(",")[0] == engine]
    return min(times) / contest["Forbear"]["per_loan"] if times else None


def _kernel(results: Results) -> Iterator[Target]:
    for measured in results.get("kernel", []):
        if measured["threads"] != 1:
            continue
        for key, words in (("day_end", "day end"), ("replay", "replay")):
            contest = measured[key]
            quiet = all(run.get("quiet", True) for run in contest.values())
            peers = [found for engine in ("DuckDB", "Polars") if (found := ratio(contest, engine))]
            yield Target(
                f"kernel, {words}: beside the better of DuckDB and Polars", 10, min(peers), "x", True, quiet
            )
        loop = measured["replay"].get("Python, Decimal")
        if loop:
            quiet = loop["quiet"] and measured["replay"]["Forbear"]["quiet"]
            times = loop["per_loan"] / measured["replay"]["Forbear"]["per_loan"]
            yield Target("kernel, replay: beside the loop in Decimal", 50, times, "x", True, quiet)
            # The loop keeps nothing: to know a day it lives through every loan's history, as such systems do.
            times = loop["per_loan"] / measured["day_end"]["Forbear"]["per_loan"]
            yield Target(
                "kernel, day end: beside the loop in Decimal over the book", 50, times, "x", True, quiet
            )


def _refold(results: Results) -> Iterator[Target]:
    if "refold" not in results:
        return
    runs = results["refold"]["runs"]
    ours, oracle = runs["Forbear, in a batch"], runs["oracle"]
    times, quiet = oracle["per_loan"] / ours["per_loan"], oracle["quiet"] and ours["quiet"]
    yield Target("backdated refold, compiled", 20, ours["per_loan"] * 1e6, "µs", quiet=ours["quiet"])
    yield Target("backdated refold: beside the oracle", 1000, times, "x", True, quiet)


def _law(law: dict[str, Any]) -> Iterator[Target]:
    if not law:
        return
    yield Target("law: all packs read", 0.5, law["load"]["seconds"], "s", quiet=law["load"]["quiet"])
    for place, plan in law["plans"].items():
        one, many = plan["one"], plan["batch"]
        million = many["seconds"] / plan["acts"] * 1_000_000
        yield Target(f"law, {place}: one verdict", 100, one["seconds"] * 1e6, "µs", quiet=one["quiet"])
        yield Target(f"law, {place}: a million verdicts", 10, million, "s", quiet=many["quiet"])


SCHEDULE_AIMS = {
    "numpy-financial, ipmt and ppmt": ("amounts", 10),
    "numpy-financial, ipmt and pmt": ("amounts", 10),
    "QuantLib": ("contracts", 200),
    "pyloan": ("contracts", 200),
    "jactus, one by one": ("contracts", 200),
    "jactus, arrays": ("contracts", 200),
}


def _schedules(results: Results) -> Iterator[Target]:
    if "schedules" not in results:
        return
    for name, (contest, aim) in SCHEDULE_AIMS.items():
        runs = results["schedules"][contest]
        times = runs[name]["per_loan"] / runs["Forbear"]["per_loan"]
        quiet = runs[name]["quiet"] and runs["Forbear"]["quiet"]
        yield Target(f"36-month schedules: beside {name}", aim, times, "x", True, quiet)


def _book(name: str, facts: dict[str, Any]) -> Iterator[Target]:
    seconds = {"1m": 8.0, "10m": 60.0, "10m-short": 60.0}.get(name)
    day = facts["close_day"]
    if seconds:
        yield Target(f"{name}: close-day, durable", seconds, day["wall"], "s", quiet=day["quiet"])
        yield Target(f"{name}: repeated", 2, facts["repeated"]["wall"], "s", quiet=facts["repeated"]["quiet"])
    if name == "1m":
        yield Target(f"{name}: memory of all processes", 3, day["peak_mib"] / 1024, "GiB")
        yield Target(f"{name}: import", 180, facts["import"]["wall"], "s", quiet=facts["import"]["quiet"])
    for days in (1, 700):
        if f"day_{days}_ms" in facts.get("reading", {}):
            yield Target(f"{name}: one position at day {days}", 5, facts["reading"][f"day_{days}_ms"], "ms")


def _pairs(results: Results) -> Iterator[Target]:
    """Figures that need two measurements."""
    books, orm = results.get("books", {}), results.get("orm")
    for name in ("10m", "1m", "100k", "20k"):
        if name in books and orm:
            facts, visit = books[name], orm["seconds_per_loan"]
            day = facts["close_day"]
            touched = visit * day["inside_touched"] / day["wall"]
            yield Target(f"{name}: ORM baseline, each touched loan", 30, touched, "x", True, day["quiet"])
            yield Target(
                f"{name}: ORM baseline, each loan",
                500,
                visit * facts["loans"] / day["wall"],
                "x",
                True,
                day["quiet"],
            )
            break
    for name, facts in books.items():
        half = name.removesuffix("+quiet")
        if half != name and half in books:
            times = facts["close_day"]["wall"] / books[half]["close_day"]["wall"]
            quiet = facts["close_day"]["quiet"] and books[half]["close_day"]["quiet"]
            yield Target(f"{half}: same touched loans in twice the book", 1.2, times, "x", quiet=quiet)
