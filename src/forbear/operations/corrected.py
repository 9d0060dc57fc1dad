"""What a closed day corrected: loan by loan, what late entries changed of what earlier days believed."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from forbear.engine.corrections import correction
from forbear.engine.vocabulary import EntryKind
from forbear.kernel.days import to_date, to_day
from forbear.operations.statement import Learned, learned_of, load_batch, only_entries
from forbear.store.connect import connect


@dataclass(frozen=True, slots=True)
class Corrected:
    """One loan: what was believed when the day before `business_date` was closed, and is known otherwise since.

    Amounts are minor units of `currency`.
    """

    business_date: date
    reference: str
    currency: str
    learned: tuple[Learned, ...]


def corrections(url: str, day: int) -> list[Corrected]:
    """The corrections of a closed day (day number), by the loans' numbers; none for the first day ever closed."""
    with connect(url) as connection:
        bounds = connection.execute(
            "SELECT date, recordings FROM business_day WHERE date <= %s AND closed_at IS NOT NULL "
            "ORDER BY date DESC LIMIT 2",
            (to_date(day),),
        ).fetchall()
        if len(bounds) < 2 or bounds[0][0] != to_date(day):
            return []
        (_, known), (previous, believed) = bounds
        loans = connection.execute(
            "SELECT loan.id, loan.reference, product.currency FROM loan JOIN product ON product.id = loan.product_id "
            "WHERE loan.id IN (SELECT loan_id FROM journal WHERE recording_id > %s AND recording_id <= %s "
            "AND (effective_on <= %s OR kind = %s)) ORDER BY loan.id",
            (believed, known, previous, int(EntryKind.REVERSED)),
        ).fetchall()
        found = []
        for number, reference, currency in loans:
            batch, _, recordings = load_batch(connection, number)
            earlier, now = (only_entries(batch, np.asarray(recordings <= last)) for last in (believed, known))
            learned = tuple(learned_of(correction(earlier, now, to_day(previous))))
            if learned:
                found.append(Corrected(to_date(day), reference, currency, learned))
        connection.rollback()
    return found
