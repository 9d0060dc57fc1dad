"""The interest of a live schedule, from the day-by-day balance. docs/algorithms/live-schedule.md, sections 4 to 6.

A period runs from one due date to the next and is cut into segments wherever the balance changes. Slow and obvious:
everything is computed again whenever something changes.
"""

from fractions import Fraction

from tests.support.live.dates import share_of_year

RATE_SCALE = 10**10


def half_even(value):
    """To a whole minor unit; a tie to the even one."""
    return round(Fraction(value))


class Segment:
    """Days of one balance: what happens at its end counts from there on."""

    def __init__(self, start, end, paused=False):
        self.start, self.end, self.paused = start, end, paused
        self.drawn = self.correction = self.taken_principal = self.taken_interest = self.balance = 0

    def copy(self):
        """Another like this."""
        other = Segment(self.start, self.end, self.paused)
        other.__dict__.update(self.__dict__)
        return other


class Period:
    """From one due date to the next: what is asked (`level`), what was paid, and what follows from them."""

    def __init__(self, start, end):
        self.start, self.end = start, end
        self.segments = [Segment(start, end)]
        self.level = self.first_level = 0
        self.paid_principal = self.paid_interest = 0
        self.brought_forward = 0
        self.moved_up = self.moved_down = False
        self.interest_grace = self.principal_grace = False
        self.fixed_interest = 0
        self.lapses = False
        self.moved = 0
        self.earned = self.interest = self.principal = self.unplaced = 0

    def copy(self):
        """Another like this."""
        other = Period(self.start, self.end)
        other.__dict__.update(self.__dict__)
        other.segments = [segment.copy() for segment in self.segments]
        return other

    @property
    def taken(self):
        """Principal and interest taken back in this period, added to what it asks."""
        return self.taken_principal + self.taken_interest - self.moved

    @property
    def taken_principal(self):
        """Principal taken back."""
        return max(0, sum(s.taken_principal for s in self.segments))

    @property
    def taken_interest(self):
        """Interest taken back."""
        return max(0, sum(s.taken_interest for s in self.segments))

    @property
    def asked(self):
        """All that the period asks."""
        return self.level + self.taken + self.brought_forward

    @property
    def paid(self):
        """All that was paid."""
        return self.paid_principal + self.paid_interest

    @property
    def done(self):
        """Nothing is missing and nothing too much."""
        return self.asked == self.paid

    @property
    def open_principal(self):
        """Principal not yet paid."""
        return max(0, self.principal - self.paid_principal)

    @property
    def open_interest(self):
        """Interest not yet paid."""
        return max(0, self.interest - self.paid_interest)

    @property
    def left_after(self):
        """The balance with which the next period starts."""
        last = self.segments[-1]
        return max(0, last.balance + last.correction + last.drawn + self.paid_principal - self.principal)


class Model:
    """Periods, rates, and the rules that tie them."""

    def __init__(self, terms, bounds):
        self.terms = terms
        self.periods = [Period(start, end) for start, end in bounds]
        self.rates = []
        self.overdue_until = None
        self.frozen_levels = False
        self.silent_after = None
        self.grace_lifted = False
        self.without_paid = False
        self.counted_from_first = 0

    def copy(self):
        """Another like this."""
        other = Model.__new__(Model)
        other.__dict__.update(self.__dict__)
        other.periods = [period.copy() for period in self.periods]
        other.rates = list(self.rates)
        return other

    # --- sums

    def total(self, name):
        """Sum of a field over the periods."""
        return sum(getattr(period, name) for period in self.periods)

    @property
    def seed(self):
        """The day from which due dates are counted."""
        return self.terms.counted_from or self.counted_from_first or self.periods[0].start

    @property
    def drawn(self):
        """All that was drawn and spread over the periods."""
        return sum(s.drawn for p in self.periods for s in p.segments)

    @property
    def owed_principal(self):
        """Drawn and taken back."""
        return max(0, self.drawn + sum(s.taken_principal for p in self.periods for s in p.segments))

    @property
    def open_principal(self):
        """Of it, not paid."""
        return max(0, self.owed_principal - self.total("paid_principal"))

    # --- interest

    def rate_on(self, day):
        """Yearly rate."""
        rate = self.terms.rate
        for start, value in sorted(self.rates, key=lambda step: step[0]):
            if start <= day:
                rate = value
        return Fraction(rate, RATE_SCALE)

    def earning(self, period, segment):
        """Exact interest of a segment."""
        length = period.end - segment.start
        if segment.paused:
            return segment.taken_interest
        if length == 0 or (self.silent_after is not None and segment.end > self.silent_after):
            return max(0, segment.taken_interest)
        share = share_of_year(
            self.terms, period.start, period.end, segment.start, period.end, self.seed, False
        )
        base = self.drawn_before(segment) if self.terms.interest_on else segment.balance
        whole = base * self.factor(self.rate_on(segment.start) * share)
        return max(0, segment.taken_interest + whole / length * (segment.end - segment.start))

    def factor(self, exact):
        """What a unit earns to the end of a period: exact, or as a decimal of so many places."""
        ones = 10**self.terms.factor_places
        return Fraction(half_even(exact * ones), ones) if self.terms.factor_places else exact

    def drawn_before(self, segment):
        """What was drawn up to the start of a segment: the base of flat interest."""
        amount = 0
        for p in self.periods:
            for s in p.segments:
                if s is segment:
                    return amount
                amount += s.drawn
        return amount

    def growth(self, period):
        """1 + interest of a period per unit, for the level amount."""
        if period.interest_grace:
            return Fraction(1)
        grown = Fraction(1)
        for s in period.segments:
            share = share_of_year(self.terms, period.start, period.end, s.start, s.end, self.seed, True)
            grown += self.rate_on(s.start) * share
        return grown

    def derive(self):
        """Interest, principal and what finds no place, from the left to the right."""
        unplaced = 0
        for p in self.periods:
            unplaced = self.derive_one(p, unplaced)

    def balance(self):
        """Carry the balance through all segments, then derive."""
        before = None
        unplaced = 0
        for p in self.periods:
            for place, s in enumerate(p.segments):
                if place > 0:
                    prior = p.segments[place - 1]
                    s.balance = max(0, prior.balance + prior.correction + prior.drawn)
                elif before is not None:
                    last = before.segments[-1]
                    s.balance = max(
                        0,
                        last.balance
                        + last.drawn
                        + last.correction
                        - before.principal
                        + before.paid_principal,
                    )
            unplaced = self.derive_one(p, unplaced)
            if p.segments:
                before = p

    def derive_one(self, p, unplaced):
        """One period, given what the one before could not place; returns what this one could not."""
        earned = 0
        if not p.moved_up and not p.moved_down:
            earned = half_even(sum((self.earning(p, s) for s in p.segments), Fraction(0)))
        p.earned = max(0, earned + p.fixed_interest + p.brought_forward + unplaced)
        if p.interest_grace or p.paid_principal > max(0, p.asked - p.earned):
            p.interest = p.paid_interest
        else:
            p.interest = max(min(p.earned, p.asked), p.paid_interest)
        p.principal = max(p.asked - p.interest, p.paid_principal, 0)
        p.unplaced = max(0, p.earned - p.interest)
        return p.unplaced
