"""The ground floor: integer money, exact rates, named rounding, dates, day counts, calendars and half-open
ranges.

Nothing here knows a loan, a law or a clock. Import from the module that owns the name, `from
forbear.kernel.money import Money`; this file stays empty so that the compiled floors do not pay for what they
do not use.
"""
