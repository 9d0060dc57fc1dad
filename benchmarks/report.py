"""Results as a table at the terminal, as a picture, and as the page docs/reference/benchmarks.md."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.targets import Results, targets

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "benchmarks.md"
COLOURS = {
    "Forbear": "#0b6e4f",
    "NumPy": "#4d77cf",
    "Polars": "#cd792c",
    "DuckDB": "#c9b600",
    "Python": "#8a8a8a",
}
CONTESTS = {
    "day_end": "Day end: from what was kept the evening before to the moved loans and the book's totals",
    "replay": "Replay: from the whole journal to the position",
}
SCHEDULES = {
    "amounts": "36-month schedules: interest and principal of arrays of loans",
    "contracts": "36-month schedules: from terms to dated rows",
}
SCHEDULES_WHAT = {
    "amounts": """Given: principals, rates and counts, for Forbear as a compiled batch, for the peer as the arrays it wants. Wanted: interest and
principal of each row. The peer's are not rounded to cents: each row has to lie within what rounding can add up to. Forbear works on
4,096 loans at a time, whose rows stay in the cache; both are also measured the other way, all at once or in such blocks.
""",
    "contracts": """Given: the terms of each contract. Wanted: its dated rows. Resolving terms and making the objects that a library wants are part
of the time. Forbear takes 4,096 contracts at a time, the peers one after another (jactus once as arrays, too). Answers are compared
as far as the peers' own rounding allows: benchmarks/schedules.py says how.
""",
}
REFOLD = "Backdated refold of one loan, one thread"
REFOLDED = "Forbear, in a batch"
WHAT = {
    "day_end": """Given: the evening before, in the form that suits the contestant best, and the day's payments. Wanted: the position of
each loan on which something happens that day, the totals of the whole book by bucket and component with exact accruals, and an
evening to go on from. Nobody has to touch the others. Times are per loan of the book.

The peers are given Forbear's own method, which is what makes them quick: the next event of each loan is kept, what happens until then
is a straight line, and totals move by the difference. What is left to compare is the work on a moved loan, and there Forbear
reads and writes a whole position, with every term of every product, where they have the columns of the plainest one.
""",
    "replay": "Given: terms and journal, nothing else. Wanted: every loan's position.\n",
}
"""What the contests ask; benchmarks/kernel.py says it in full."""
HOW = """Contestants take turns. A run during which others used more than 5% of the machine is repeated, and where none was quiet the
figure says so. Every contestant's answers are compared with the fold's before it is timed: to the last digit, but for schedules,
whose makers round otherwise. In contests in memory glibc keeps what is freed (Polars and DuckDB always do), so that nobody is charged
for memory that the system clears again and again.
"""
BOOK_HEADS = (
    "book", "loans", "entries", "import", "first close", "touched", "close-day", "CPU", "memory", "repeated", "others",
)  # fmt: skip


def described(machine: dict[str, Any]) -> str:
    """The machine in one sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; "
        f"Python {machine['python']}, {versions}"
    )


def kernel_rows(contest: dict[str, Any], ours: str = "Forbear") -> list[tuple[str, ...]]:
    """Contestants, fastest first: microseconds a loan, loans a second, how much slower than `ours`, others' CPU."""
    best = contest[ours]["per_loan"]
    rows = []
    for name, run in sorted(contest.items(), key=lambda item: item[1]["per_loan"]):
        note = "trial heat only" if run.get("lost_in_trial") else f"{run['foreign']:.0%}"
        if not run.get("quiet", True):
            note += ", by CPU"
        seconds = run["per_loan"]
        rows.append((name, f"{seconds * 1e6:.3f}", f"{1 / seconds:,.0f}", f"{seconds / best:.2f}", note))
    return rows


KERNEL_HEADS = ("contestant", "µs a loan", "loans a second", "times Forbear", "others' CPU")


def book_row(name: str, facts: dict[str, Any]) -> tuple[str, ...]:
    """A book's figures."""
    day = facts["close_day"]
    return (
        name, f"{facts['loans']:,}", f"{facts['entries']:,}", f"{facts['import']['wall']:.1f} s",
        f"{facts['opening']['wall']:.1f} s", f"{day['inside_touched']:,}", f"{day['wall']:.2f} s", f"{day['cpu']:.2f} s",
        f"{day['peak_mib']:,} MiB", f"{facts['repeated']['wall']:.2f} s",
        f"{day['foreign']:.0%}" + ("" if day["quiet"] else ", disturbed"),
    )  # fmt: skip


LAW_HEADS = ("plan", "acts", "contacts", "rules", "all of them", "µs a verdict", "one by one, µs")


def law_rows(law: dict[str, Any]) -> list[tuple[str, ...]]:
    """The evening plan of each place."""
    return [
        (
            place, f"{plan['acts']:,}", f"{plan['contacts']:,}", str(plan["rules"]), f"{plan['batch']['seconds']:.2f} s",
            f"{plan['batch']['seconds'] / plan['acts'] * 1e6:.2f}",
            f"{plan['one']['seconds'] * 1e6:.0f}" + ("" if plan["one"]["quiet"] else ", by CPU"),
        )
        for place, plan in law["plans"].items()
    ]  # fmt: skip


def show(results: Results) -> None:
    """Print everything."""
    console = Console()
    console.print(f"{results['date']}  {described(results['machine'])}\n")
    for measured in results.get("kernel", []):
        for key, title in CONTESTS.items():
            words = f"{title} ({measured['loans']:,} loans, {measured['threads']} thread(s))"
            _print(console, words, KERNEL_HEADS, kernel_rows(measured[key]))
    if refold := results.get("refold"):
        _print(console, REFOLD, KERNEL_HEADS, kernel_rows(refold["runs"], REFOLDED))
    if law := results.get("law"):
        _print(console, "The gate, on one core: the evening plan of a lender", LAW_HEADS, law_rows(law))
    for contest, title in SCHEDULES.items():
        if "schedules" in results:
            _print(console, title, KERNEL_HEADS, kernel_rows(results["schedules"][contest]))
    if results.get("books"):
        rows = [book_row(name, facts) for name, facts in results["books"].items()]
        _print(console, "Whole day-end on PostgreSQL", BOOK_HEADS, rows)
    if orm := results.get("orm"):
        console.print(f"ORM baseline: {orm['seconds_per_loan'] * 1000:.2f} ms a loan\n")
    aims = [target.as_words() for target in targets(results)]
    _print(console, "Targets", ("figure", "aim", "measured", ""), aims)


def _print(console: Console, title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left")
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def picture(results: Results, path: Path) -> None:
    """Bars of the two contests on one thread, on a logarithmic scale."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    measured = next((found for found in results.get("kernel", []) if found["threads"] == 1), None)
    if measured is None:
        return
    figure, axes = plt.subplots(len(CONTESTS), 1, figsize=(8, 7), height_ratios=(6, 10), layout="constrained")
    for axis, (key, title) in zip(axes, CONTESTS.items(), strict=True):
        bars = sorted(measured[key].items(), key=lambda item: -item[1]["per_loan"])
        values = [run["per_loan"] * 1e6 for _, run in bars]
        colours = [COLOURS[name.partition(",")[0]] for name, _ in bars]
        drawn = axis.barh([name for name, _ in bars], values, color=colours)
        axis.bar_label(drawn, fmt="%.2f", padding=3, fontsize=8)
        axis.set(xscale="log", title=title, xlabel="microseconds a loan, one thread; shorter is better")
        axis.margins(x=0.12)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    figure.savefig(path.with_suffix(".svg"))
    plt.close(figure)


def _markdown(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def refold_part(refold: dict[str, Any]) -> list[str]:
    """The page's part on a correction of one loan."""
    words = (
        f"A loan of {refold['days']} days and {refold['entries']} entries, with penalty, late fees and a cost cap. A payment of its "
        "second month is found, and the position is folded anew from all entries, which lie in memory. `in a batch` is one loan of a "
        "thousand in one call; `one call` is a loan alone, where crossing from Python into compiled code takes most of the time. The "
        "oracle is the same fold in exact fractions and plain Python, with which the tests compare the engine.\n"
    )
    return [f"## {REFOLD}\n", words, _markdown(KERNEL_HEADS, kernel_rows(refold["runs"], REFOLDED))]


def schedule_parts(schedules: dict[str, Any] | None) -> list[str]:
    """The page's parts on schedules."""
    if schedules is None:
        return []
    parts = []
    for contest, title in SCHEDULES.items():
        rows = kernel_rows(schedules[contest])
        parts += [f"## {title}\n", SCHEDULES_WHAT[contest], _markdown(KERNEL_HEADS, rows)]
    return parts


def page(results: Results) -> str:
    """The page: what was measured, where, when, and how it compares with what was aimed at."""
    parts = [
        "# Benchmarks\n",
        "Written by `python -m benchmarks --docs`; `make bench` measures again on your machine.\n",
        f"Measured on {results['date']}: {described(results['machine'])}.\n",
        HOW,
        "## Aims\n",
        _markdown(("figure", "aim", "measured", ""), [target.as_words() for target in targets(results)]),
    ]
    for measured in results.get("kernel", []):
        for key, title in CONTESTS.items():
            threads = "one thread" if measured["threads"] == 1 else f"{measured['threads']} threads"
            parts.append(f"## {title}, {threads}\n")
            parts.append(
                f"{measured['loans']:,} loans, {measured['entries']:,} entries"
                + (
                    f"; {measured['arrivals']:,} pay on the day, {measured['touched']:,} move"
                    if key == "day_end"
                    else ""
                )
                + ".\n"
            )
            parts.append(WHAT[key])
            parts.append(_markdown(KERNEL_HEADS, kernel_rows(measured[key])))
    if refold := results.get("refold"):
        parts += refold_part(refold)
    if law := results.get("law"):
        parts.append("## The gate\n")
        parts.append(
            f"All packs ({law['rules']} rules) are read in {law['load']['seconds']:.2f} s. An evening's plan, each act with up to "
            "30 contacts of the four weeks before, is judged on one core; the same acts one by one have their reasons with them. "
            "Where others disturbed every round the figure is CPU time.\n"
        )
        parts.append(_markdown(LAW_HEADS, law_rows(law)))
    parts += schedule_parts(results.get("schedules"))
    if results.get("books"):
        parts.append("## The whole day-end on PostgreSQL\n")
        parts.append(
            "From the start of the process to its end, every commit on disk. `+quiet` is the same book with as many "
            "loans again on which nothing happens. Memory is that of the server and the day-end together, shared pages "
            "counted once.\n"
        )
        parts.append(_markdown(BOOK_HEADS, [book_row(n, f) for n, f in results["books"].items()]))
    if orm := results.get("orm"):
        parts.append("## The baseline with an object-relational mapper\n")
        parts.append(
            f"One transaction for each loan, on the same server: {orm['seconds_per_loan'] * 1000:.2f} ms a loan "
            f"(sample of {orm['loans']:,}). Systems of that kind visit every active loan every day.\n"
        )
    return "\n".join(parts)
