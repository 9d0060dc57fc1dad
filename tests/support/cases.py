"""Terms and entries in a neutral form, and a seeded generator of cases that reaches every rule of the fold.

Days are whole numbers since 1970-01-01, money whole minor units, rates exact fractions: per year for the yearly day
counts, per day for `daily`. A case is a function of its seed: `random_case(random.Random(seed))`.
"""

import random
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.support.oracle import position
from tests.support.oracle_dates import EPOCH, civil

KINDS = ("equal_instalment", "equal_principal", "interest_only", "bullet", "custom")
DAY_COUNTS = ("act_365f", "act_360", "act_act", "30_360_us", "30e_360", "daily")
ROUNDINGS = ("half_up", "half_even", "up", "down")
COMPONENTS = ("penalty", "fee", "interest", "principal")


@dataclass(frozen=True)
class Terms:
    """Section 1 of docs/algorithms/fold.md."""

    kind: str
    interest: str  # daily, period, flat
    day_count: str
    rates: tuple[tuple[int | None, Fraction, Fraction], ...]  # from day (None: always), interest, penalty
    period_fraction: Fraction
    plan: tuple[tuple[int, int], ...]  # due day, principal (custom) or 0
    instalment: int = 0
    multiple: int = 1
    instalment_rounding: str = "half_up"
    interest_rounding: str = "half_up"
    interest_residue: str = "dropped"  # or carried (method daily)
    overdue_interest: str = "continues"  # or replaced
    penalty_base: str = "none"  # or principal, principal_and_interest
    penalty_grace: int = 0
    penalty_retroactive: bool = False
    tolerance: int = 0
    late_flat: int = 0
    late_rate: Fraction = Fraction(0)
    late_most: int = 0
    late_grace: int = 0
    order: tuple[str, ...] = COMPONENTS
    vertical: bool = False
    order_after: tuple[str, ...] = ("principal", "interest", "fee", "penalty")
    order_after_days: int = 0
    prepayment: str = "next"  # or shorten, lower
    cost_cap: Fraction = Fraction(0)
    nonaccrual_after: int = 0
    buckets: tuple[int, ...] = (1, 31, 61, 91)
    unit: str = "month"  # or week, day: the step of the plan's dates
    every: int = 1
    month_end: str = "clamp"  # or roll
    due_day: int = 1
    repricing: str = "relevel"  # or keep
    charge_off: str = "regular"  # or zero_interest, accelerate
    principal_grace: int = 0
    interest_grace: int = 0
    down_payment: Fraction = Fraction(0)
    draw_fee_flat: int = 0
    draw_fee_rate: Fraction = Fraction(0)
    row_fee_flat: int = 0
    row_fee_rate: Fraction = Fraction(0)
    versions: tuple["Version", ...] = ()


@dataclass(frozen=True)
class Version:
    """Section 8 of docs/algorithms/changes.md: later terms, whose one rate step counts and whose plan does not."""

    number: int
    terms: Terms
    first_due_on: int
    count: int
    capitalise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Section 2: one line of the journal. `target` is the key of the entry a reversal or a charge-back is about."""

    kind: str
    effective_on: int
    amount: int
    component: str | None = None
    order: int = 0
    key: str = ""
    target: str | None = None
    until: int = 0
    rate: Fraction = Fraction(0)
    count: int = 0


@dataclass(frozen=True)
class Case:
    """A loan and what happened to it; asked about on any of `days`."""

    terms: Terms
    entries: tuple[Entry, ...]
    seed: int

    def days(self, rng: random.Random, count: int = 4) -> list[int]:
        """Dates worth asking about: on and around what happens, and anywhere."""
        known = [e.effective_on for e in self.entries] + [row[0] for row in self.terms.plan]
        known += [step[0] for step in self.terms.rates if step[0] is not None]
        first, last = min(known), max(known)
        out = [rng.choice(known) + rng.choice((-1, 0, 0, 1, 2, 3)) for _ in range(count // 2)]
        return out + [rng.randint(first - 2, last + 200) for _ in range(count - count // 2)]


def amount_of(rng: random.Random, low: int = 1, high: int = 10**9) -> int:
    """Log-uniform, sometimes round."""
    value = min(high, max(low, round(10 ** rng.uniform(0, 9))))
    return max(low, value // 100 * 100) if rng.random() < 0.3 else value


def rate_of(rng: random.Random, daily: bool, high: float = 1.0) -> Fraction:
    """A rate of at most eight decimals: zero, plain or odd."""
    top = round((200_000 if daily else 60_000_000) * high)
    value = rng.choice((0, rng.randint(0, top), rng.randint(0, top), rng.randint(0, top) // 10_000 * 10_000))
    return Fraction(value, 10**8)


def months_on(start: int, months: int, roll: bool, day: int | None = None) -> int:
    """The same day some months later; a missing one clamps to the month's end or rolls over."""
    year, month, start_day = civil(start)
    day = day or start_day
    year, month = year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1
    last = monthrange(year, month)[1]
    first = date(year, month, 1).toordinal() - EPOCH
    return first + (day - 1 if day <= last else (last if roll else last - 1))


def plan_of(rng: random.Random, start: int, rows: int) -> tuple[list[int], Fraction]:
    """Ascending due days after the start, and the fraction of a year of their period."""
    unit = rng.choice(("month", "month", "month", "week", "days", "odd"))
    if unit == "month":
        step, roll = rng.choice((1, 1, 1, 2, 3)), rng.random() < 0.5
        day = rng.choice((None, None, 1, 15, 28, 29, 30, 31))
        due = [months_on(start, step * j, roll, day) for j in range(1, rows + 1)]
        return due, Fraction(step, 12)
    if unit == "odd":
        due = [start]
        for _ in range(rows):
            due.append(due[-1] + rng.choice((1, 2, 7, 13, 29, 31, 45, 90)))
        return due[1:], Fraction(rng.choice((1, 15, 30, 31)), 365)
    length = 7 * rng.choice((1, 2, 4)) if unit == "week" else rng.choice((10, 10, 30))
    first = start + rng.choice((length, length, rng.randint(1, 2 * length)))
    fraction = Fraction(length // 7, 52) if unit == "week" else Fraction(length, 365)
    return [first + length * j for j in range(rows)], fraction


def rates_of(rng, daily, due, start, monotone):
    """One rate, or steps, some of them interest-free."""
    steps = []
    days = sorted({rng.randint(start - 5, due[-1] + 60) for _ in range(rng.choice((0, 0, 0, 1, 2, 3)))})
    for from_day in [None, *days]:
        interest = Fraction(0) if from_day is not None and rng.random() < 0.3 else rate_of(rng, daily)
        penalty = rng.choice((interest * 3 / 2, interest * Fraction(1, 2), rate_of(rng, daily), Fraction(0)))
        penalty = Fraction(round(penalty * 10**8), 10**8)
        steps.append((from_day, interest, max(interest, penalty) if monotone else penalty))
    return tuple(steps)


def cap_of(rng, daily, rates):
    """None, or near where it binds."""
    if rng.random() < 0.5:
        return Fraction(0)
    highest = max(step[1] for step in rates)
    scale = Fraction(rng.choice((50, 95, 100, 101, 105, 120, 200)), 100)
    unit = Fraction(10, 10**8) if daily else Fraction(1, 1000)
    return max(unit, Fraction(round(highest * scale * 10**8), 10**8))


def split(rng, total, rows):
    """Custom principals: they sum to the total, some are zero."""
    cuts = sorted(rng.randint(0, total) for _ in range(rows - 1))
    if rng.random() < 0.3:
        cuts = [cut // 100 * 100 for cut in cuts]
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def level_of(rng, amount, rates, fraction, rows, daily):
    """A contract's own instalment near the computed one."""
    interest = rates[0][1] * (30 if daily else fraction)
    level = Fraction(amount, rows) + amount * interest * Fraction(rows + 1, 2 * rows)
    return max(1, round(level * Fraction(rng.randint(97, 103), 100)))


def random_terms(rng: random.Random, start: int, amount: int, monotone: bool = False) -> Terms:
    """Any terms the page can state."""
    kind = rng.choice(KINDS)
    methods = ("daily", "daily", "period") + (("flat",) if kind in {"equal_principal", "custom"} else ())
    interest = rng.choice(methods)
    day_count = rng.choice(DAY_COUNTS if interest == "daily" else DAY_COUNTS[:-1])
    daily = day_count == "daily"
    rows = 1 if kind == "bullet" else rng.choice((1, 2, 3, 3, 6, 6, 9, 12, 12, rng.randint(1, 36)))
    due, fraction = plan_of(rng, start, rows)
    principals = split(rng, amount, rows) if kind == "custom" else [0] * rows
    rates = rates_of(rng, daily, due, start, monotone)
    fixed = kind == "equal_instalment" and rng.random() < 0.25
    orders = [tuple(rng.sample(COMPONENTS, 4)), COMPONENTS, ("fee", "penalty", "interest", "principal")]
    terms = Terms(
        kind=kind,
        interest=interest,
        day_count=day_count,
        rates=rates,
        period_fraction=fraction,
        plan=tuple(zip(due, principals, strict=True)),
        instalment=level_of(rng, amount, rates, fraction, rows, daily) if fixed else 0,
        multiple=rng.choice((1, 1, 1, 5, 10, 100)),
        instalment_rounding=rng.choice(ROUNDINGS),
        interest_rounding=rng.choice(ROUNDINGS),
        interest_residue=rng.choice(("dropped", "carried")) if interest == "daily" else "dropped",
        overdue_interest=rng.choice(("continues", "replaced")),
        penalty_base=rng.choice(("none", "principal", "principal_and_interest")),
        penalty_grace=rng.choice((0, 0, 1, 3, 5, 30)),
        penalty_retroactive=rng.random() < 0.5,
        tolerance=rng.choice((0, 0, 1, 1000, amount // 50)),
        late_flat=rng.choice((0, 0, 500, amount // 100)),
        late_rate=rng.choice((Fraction(0), Fraction(0), Fraction(1, 20), Fraction(5, 1000))),
        late_grace=rng.choice((0, 0, 3, 10)),
        order=rng.choice(orders),
        vertical=rng.random() < 0.5,
        order_after=rng.choice(
            (("principal", "interest", "fee", "penalty"), tuple(rng.sample(COMPONENTS, 4)))
        ),
        order_after_days=rng.choice((0, 0, 1, 30, 90)),
        prepayment=rng.choice(("next", "shorten", "lower")),
        cost_cap=cap_of(rng, daily, rates),
        nonaccrual_after=rng.choice((0, 1, 30, 90)),
        buckets=rng.choice(((1, 31, 61, 91), (1, 30, 60, 90, 120, 150, 180), (4, 7, 15), ())),
    )
    limited = (terms.late_flat or terms.late_rate) and amount % 3 == 0  # no draw: kept seeds keep their loans
    return replace(terms, late_most=max(terms.late_flat, amount // 150, 1)) if limited else terms


class History:
    """Entries as they are written, each valid where it stands."""

    def __init__(self, rng, terms, start, amount):
        self.rng, self.terms, self.start, self.amount = rng, terms, start, amount
        self.entries, self.taken_back = [], set()
        self.add("disbursed", start, amount)

    def add(self, kind, day, amount, component=None, target=None):
        if amount <= 0 or day < self.start:
            return
        order = self.rng.getrandbits(40) << 12 | len(self.entries)
        key = f"k{len(self.entries)}"
        self.entries.append(Entry(kind, day, amount, component, order, key, target))

    def at(self, day):
        return position(self.terms, self.entries, day)

    def follow(self, care, asks):
        """Mostly pay what is asked, near the day it is asked."""
        rng = self.rng
        guess = self.amount // len(self.terms.plan) + 1
        for due_on, _ in self.terms.plan:
            if rng.random() > care:
                continue
            day = max(self.start, due_on + rng.choice((0, 0, 0, 0, -1, -5, 1, 3, 4, 20, 45)))
            amount = guess
            if asks > 0:
                asks -= 1
                now = self.at(day)
                due = sum(now[f"due_{c}"] for c in COMPONENTS)
                amount = due or now["next_due_amount"]
                amount += rng.choice((0, 0, 0, 0, 1, -1, guess, 3 * guess))
                guess = max(1, amount)
            for part in rng.choice(((1,), (1,), (1,), (2, 2), (3, 2))):
                self.add("paid", day, amount // part)

    def settle(self):
        """Pay exactly what is owed on some day, give or take a unit, or far too much."""
        day = self.rng.randint(self.start, self.terms.plan[-1][0] + 60)
        more = self.rng.choice((0, 0, 0, 1, -1, 1000))
        self.add("paid", day, self.at(day)["payoff"] + more)

    def anything(self, count, kinds):
        """Chaos: any kind on any day, days often shared."""
        rng, last = self.rng, self.terms.plan[-1][0] + 120
        shared = [rng.randint(self.start, last) for _ in range(3)] + [row[0] for row in self.terms.plan[:6]]
        shared = [max(self.start, day + rng.choice((0, 0, 0, 1))) for day in shared]
        for _ in range(count):
            kind = rng.choice(kinds)
            day = rng.choice(shared) if rng.random() < 0.6 else rng.randint(self.start, last)
            amount = amount_of(rng, 1, max(2, 2 * self.amount))
            if rng.random() < 0.5:
                amount = max(1, self.amount * rng.randint(1, 40) // 100)
            if kind == "charged_back":
                self.charge_back(day)
            elif kind == "written_off":
                self.write_off(day)
            elif kind == "waived":
                self.add(kind, day, amount, rng.choice(COMPONENTS))
            elif kind == "fee_charged":
                self.add(kind, day, max(1, amount // 20), "fee")
            else:
                self.add(kind, day, amount)

    def charge_back(self, day):
        paid = [e for e in self.entries if e.kind == "paid" and e.key not in self.taken_back]
        if paid:
            target = self.rng.choice(paid)
            self.taken_back.add(target.key)
            amount = self.rng.choice((target.amount, target.amount, self.rng.randint(1, target.amount)))
            self.add("charged_back", max(day, target.effective_on), amount, target=target.key)

    def write_off(self, day):
        """A write-off (its amount is what was owed, for the record), and mostly recoveries after it."""
        owed = max(1, self.at(day)["payoff"])
        self.add("written_off", day, owed)
        for _ in range(self.rng.choice((0, 1, 2))):
            share = self.rng.choice((owed, owed // 3, self.rng.randint(1, 2 * owed)))
            self.add(self.rng.choice(("recovered", "paid")), day + self.rng.randint(0, 90), share)

    def reverse(self, count):
        first = self.entries[0].key
        able = [e for e in self.entries if e.key != first and e.key not in self.taken_back]
        for target in self.rng.sample(able, min(count, len(able))):
            self.taken_back.add(target.key)
            late = target.effective_on + self.rng.randint(0, 60)
            self.add("reversed", late, target.amount, target=target.key)


ALL = ("paid",) * 6 + (
    "disbursed",
    "fee_charged",
    "fee_charged",
    "waived",
    "waived",
    "charged_back",
    "refunded",
)


def random_case(rng: random.Random) -> Case:
    """A loan that mostly follows its schedule, or none at all, with everything the journal knows."""
    seed = rng.getrandbits(48)
    rng = random.Random(seed)
    start = date(rng.randint(2018, 2030), rng.randint(1, 12), 1).toordinal() - EPOCH + rng.randint(0, 30)
    amount = amount_of(rng)
    terms = random_terms(rng, start, amount)
    history = History(rng, terms, start, amount)
    style = rng.choice(("lived", "lived", "lived with events", "chaos", "chaos", "bare"))
    if style.startswith("lived"):
        history.follow(rng.choice((0.95, 0.8, 0.5)), asks=4)
    if style == "lived with events":
        history.anything(rng.randint(1, 4), ALL)
    if style == "chaos":
        history.anything(rng.randint(1, 20), (*ALL, "written_off", "recovered"))
    if rng.random() < 0.35:
        history.settle()
    if rng.random() < 0.1:
        history.write_off(rng.randint(start, terms.plan[-1][0] + 200))
    if rng.random() < 0.25:
        history.reverse(rng.randint(1, 2))
    entries = list(history.entries)
    rng.shuffle(entries)
    return Case(terms, tuple(entries), seed)


def sane_terms(rng: random.Random, terms: Terms) -> Terms:
    """No early money taken from the next instalments, principal paid last, and the penalty no softer than interest."""
    order = (*rng.sample(COMPONENTS[:3], 3), "principal")
    terms = replace(terms, order=order, order_after_days=0, prepayment="next")
    if terms.overdue_interest == "replaced":
        base = rng.choice(("principal", "principal_and_interest"))
        terms = replace(terms, penalty_base=base, penalty_grace=0, tolerance=0)
    if terms.penalty_retroactive and terms.penalty_grace:
        terms = replace(terms, tolerance=0)
    return replace(terms, late_flat=0, late_rate=Fraction(0)) if rng.random() < 0.5 else terms


def payments_only_case(rng: random.Random, sane: bool = True) -> Case:
    """One draw and payments. Sane: no rule of the contract itself rewards being late (docs/algorithms/laws.md)."""
    seed = rng.getrandbits(48)
    rng = random.Random(seed)
    start = date(rng.randint(2018, 2030), rng.randint(1, 12), 1).toordinal() - EPOCH + rng.randint(0, 30)
    amount = amount_of(rng, 100)
    terms = random_terms(rng, start, amount, monotone=sane)
    if sane:
        terms = sane_terms(rng, terms)
    history = History(rng, terms, start, amount)
    history.follow(rng.choice((1, 0.8, 0.5)), asks=2)
    history.anything(rng.randint(0, 4), ("paid",))
    return Case(terms, tuple(history.entries), seed)


def without(case: Case, *keys: str) -> Case:
    """The case as if these entries had never been written."""
    return replace(case, entries=tuple(e for e in case.entries if e.key not in keys and e.target not in keys))
