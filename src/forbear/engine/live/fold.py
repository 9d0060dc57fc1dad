"""The fold of a live loan: terms and journal to rows, portions and charges. docs/algorithms/live-schedule.md, section 1."""

from forbear.engine.layout import Record
from forbear.engine.live.allocation import (
    BUCKETS,
    Payment,
    allocate,
    give_up,
    is_live,
    to_due_date,
    waive_charge,
)
from forbear.engine.live.charge_off import charge_off, end_contract, sum_up
from forbear.engine.live.cumulative import down_part
from forbear.engine.live.events import (
    more_rows,
    new_due_date,
    new_rate,
    no_interest,
    return_credit,
    take_back,
    unpay,
    write_off,
)
from forbear.engine.live.layout import DRAWN, DRAWN_ON, Desk
from forbear.engine.live.level import NONE
from forbear.engine.live.moves import chase, draw
from forbear.engine.live.opening import add_down, begin, is_variation, new_charge, open_schedule
from forbear.engine.live.reage import reage
from forbear.engine.live.reamortise import reamortise
from forbear.engine.live.rows import (
    add_extra,
    charge_draw,
    charge_rows_again,
    charges_to_new_rows,
    claim_charge,
    is_of,
    look,
    planned_rows,
    rows_after_chase,
    rows_of_new_periods,
)
from forbear.engine.live.views import open_till
from forbear.engine.live.vocabulary import (
    ACCELERATED,
    AT_DISBURSEMENT,
    BOUGHT_DOWN,
    BUY_DOWN_ADJUSTED,
    CHARGED_BACK,
    CHARGED_OFF,
    DISBURSED,
    DUE_DATE_MOVED,
    EXTENDED,
    FEE_CHARGED,
    INCOME_ADJUSTED,
    INCOME_ADJUSTMENT,
    INCOME_CAPITALISED,
    INTEREST,
    INTEREST_PAUSED,
    PAID,
    PAYMENT_RETURNED,
    PRINCIPAL,
    RATE_CHANGED,
    REAGED,
    REAMORTISED,
    REFUNDED,
    ROW_BY_ROW,
    WAIVED,
    WRITTEN_OFF,
)
from forbear.engine.vocabulary import COMPONENTS, NEVER
from forbear.kernel.compiled import compiled


@compiled
def _rows_after_draw(desk: Desk, amount: int, day: int) -> None:
    """Rows still to come follow the model; a draw after the last of them makes one more."""
    past, extra = True, NONE
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.extra == 1 and extra == NONE:
            extra = k
        elif row.down == 0 and row.extra == 0 and row.due >= day:
            past = False
    if past:
        if extra == NONE:
            extra = add_extra(desk, day, day)
        desk.rows[extra].claimed[PRINCIPAL] += amount
        return
    for k in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, k]
        for j in range(desk.state.rows):
            row = desk.rows[j]
            if is_of(row, period) and row.due >= day:
                row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest
                look(row, day)
                break


@compiled
def _tranche(desk: Desk, sequence: int) -> int:
    """Which disbursement an entry is, from 1 on."""
    number = 0
    for k in range(desk.entries.shape[0]):
        if desk.entries[k].kind == DISBURSED:
            number += 1
        if desk.entries[k].sequence == sequence:
            return number
    return number


@compiled
def _charges_of_draw(desk: Desk, drawn: Record, out: Record) -> None:
    """Charges that waited for a disbursement."""
    number = _tranche(desk, drawn.sequence)
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        if charge.waiting == 0:
            continue
        entry = desk.entries[charge.entry]
        if entry.when != AT_DISBURSEMENT:
            charge.waiting = 0
            _charge(desk, c)
        elif entry.count == 0 or entry.count == number:
            charge.waiting = 0
            out.fees += charge_draw(desk, charge, drawn.amount)


@compiled
def _note_draw(desk: Desk, entry: Record) -> None:
    """Principal is added from a day on."""
    state = desk.state
    desk.model.steps[state.draws, DRAWN_ON], desk.model.steps[state.draws, DRAWN] = entry.on, entry.amount
    state.draws += 1


@compiled
def _disburse(desk: Desk, entry: Record, out: Record) -> None:
    """A disbursement: more on the rows to come; a down payment each time."""
    day, state = entry.on, desk.state
    state.begun = 1
    _note_draw(desk, entry)
    down = down_part(desk.terms, entry.amount)
    if desk.terms.progressive == 1:
        if desk.terms.down_payment > 0:
            add_down(desk, day, down)
        draw(desk.model, day, entry.amount - down, desk.terms.full_term_per_draw == 1)
        if desk.terms.full_term_per_draw == 1:
            rows_of_new_periods(desk, planned_rows(desk))
            charges_to_new_rows(desk, day)
        _rows_after_draw(desk, entry.amount - down, day)
    _charges_of_draw(desk, entry, out)
    if state.draws > 1 and not is_live(desk):
        charge_rows_again(desk)
    _use_overpayment(desk, entry, out)


@compiled
def _capitalise(desk: Desk, entry: Record, out: Record) -> None:
    """Income becomes principal: more on the rows to come, and nothing is paid out that could bear a charge."""
    if desk.state.begun == 0 or desk.terms.progressive == 0:
        out.amount = 0
        return
    _note_draw(desk, entry)
    draw(desk.model, entry.on, entry.amount, False)
    _rows_after_draw(desk, entry.amount, entry.on)
    if not is_live(desk):
        charge_rows_again(desk)
    out.portions[PRINCIPAL] = entry.amount
    _use_overpayment(desk, entry, out)


@compiled
def rule_of(desk: Desk, payment: int) -> int:
    """The rule of a sort of payment, or that of all others."""
    other = 0
    for k in range(desk.rules.shape[0]):
        if desk.rules[k].payment == payment:
            return k
        if desk.rules[k].payment == 0:
            other = k
    return other


@compiled
def is_money(kind: int) -> bool:
    """Whether an entry pays what is owed."""
    return kind == PAID or kind == INCOME_ADJUSTED


@compiled
def sort_of(entry: Record) -> int:
    """The sort of payment that money is."""
    return INCOME_ADJUSTMENT if entry.kind == INCOME_ADJUSTED else entry.payment


@compiled
def _walk(desk: Desk, day: int, amount: int, payment: int, prepays: bool) -> int:
    """Allocate an amount; its portions are in the state, what is left is returned."""
    desk.state.portions[:] = 0
    rule = desk.rules[rule_of(desk, payment)]
    return allocate(desk, Payment(day, prepays, rule, False), amount)


@compiled
def _use_overpayment(desk: Desk, entry: Record, out: Record) -> None:
    """Money that was over is used for what is owed anew."""
    over = desk.state.over
    if over <= 0:
        return
    out.over = min(entry.amount, over)
    desk.state.over = _walk(desk, entry.on, over, 0, False)
    for c in range(COMPONENTS):
        out.absorbed[c] = desk.state.portions[c]


@compiled
def _receive(desk: Desk, entry: Record, out: Record, prepays: bool) -> None:
    """Money comes in."""
    left = _walk(desk, entry.on, entry.amount, sort_of(entry), prepays)
    for c in range(COMPONENTS):
        out.portions[c] = desk.state.portions[c]
    out.over = left
    desk.state.over = desk.state.over + left if left > 0 else 0


@compiled
def _charge(desk: Desk, place: int) -> None:
    """A charge joins the rows. Money over pays it payment by payment, each by its own day and rule, as if the charge had been
    known; on a cumulative schedule it stays over.
    """
    charge = desk.charges[place]
    claim_charge(desk, charge)
    if desk.terms.progressive == 0:
        return
    if desk.state.over <= 0 or charge.amount - charge.paid - charge.waived <= 0:
        return
    for k in range(desk.entries.shape[0]):
        entry, out = desk.entries[k], desk.outcomes[k]
        part = min(desk.state.over, out.over)
        if not is_money(entry.kind) or part <= 0:
            continue
        used = part - _walk(desk, entry.on, part, sort_of(entry), False)
        out.over -= used
        desk.state.over -= used
        for c in range(COMPONENTS):
            out.portions[c] += desk.state.portions[c]


@compiled
def _prepays(desk: Desk, entry: Record) -> bool:
    """Whether a payment would pay off the loan at the end of its period."""
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.start < entry.on <= row.due or (k == 0 and row.start == entry.on):
            principal, interest = open_till(desk.model, row.due)
            return entry.amount >= principal + interest
    return False


@compiled
def _waive(desk: Desk, entry: Record, out: Record) -> None:
    """What is open of a charge is given up, or, if the entry names none, an amount of a component."""
    if entry.target == 0:
        give_up(desk, entry.on, entry.component, entry.amount)
        for c in range(COMPONENTS):
            out.portions[c] = desk.state.portions[c]
        sum_up(out)
    for c in range(desk.state.charges):
        if desk.entries[desk.charges[c].entry].sequence == entry.target:
            out.amount = waive_charge(desk, desk.charges[c], entry.on)


@compiled
def _vary(desk: Desk, entry: Record) -> None:
    """An entry that varies the terms; a cumulative schedule was written with it. At the end of accruing only dates can move."""
    if desk.terms.progressive == 0 or (desk.state.stopped == 1 and entry.kind != DUE_DATE_MOVED):
        return
    if entry.kind == RATE_CHANGED:
        new_rate(desk, entry)
    elif entry.kind == INTEREST_PAUSED:
        no_interest(desk, entry)
    elif entry.kind == DUE_DATE_MOVED:
        new_due_date(desk, entry)
    elif entry.kind == EXTENDED:
        more_rows(desk, entry)


@compiled
def _take(desk: Desk, place: int) -> None:
    """One entry."""
    entry, out = desk.entries[place], desk.outcomes[place]
    kind = entry.kind
    if kind == FEE_CHARGED:
        if entry.when != AT_DISBURSEMENT:
            waiting = 1 - desk.state.begun
            c = new_charge(desk, place, waiting)
            if waiting == 0:
                _charge(desk, c)
        return
    if is_variation(kind):
        _vary(desk, entry)
        return
    if kind == BOUGHT_DOWN or kind == BUY_DOWN_ADJUSTED:
        return
    live = is_live(desk)
    prepays = live and is_money(kind) and _prepays(desk, entry)
    if live and desk.terms.past_due_earns == 1 and chase(desk.model, entry.on, to_due_date(desk, prepays)):
        rows_after_chase(desk)
    if kind == DISBURSED:
        _disburse(desk, entry, out)
    elif is_money(kind):
        _receive(desk, entry, out, prepays)
    elif kind == INCOME_CAPITALISED:
        _capitalise(desk, entry, out)
    elif kind == CHARGED_BACK:
        if take_back(desk, entry, out):
            _use_overpayment(desk, entry, out)
    elif kind == REFUNDED:
        return_credit(desk, entry, out)
    elif kind == WAIVED:
        _waive(desk, entry, out)
    elif kind == CHARGED_OFF:
        charge_off(desk, entry, out)
    elif kind == ACCELERATED:
        end_contract(desk, entry, out)
    elif kind == WRITTEN_OFF:
        write_off(desk, entry, out)
    elif kind == REAGED:
        reage(desk, entry, out)
    elif kind == REAMORTISED:
        reamortise(desk, entry, out)
    elif kind == PAYMENT_RETURNED:
        rule = desk.rules[rule_of(desk, 0)]
        unpay(desk, entry, out, rule, 2 * COMPONENTS if desk.terms.allocation >= ROW_BY_ROW else BUCKETS)


@compiled
def fold_loan(desk: Desk, as_of: int) -> None:
    """All entries, then interest as far as `as_of`."""
    begin(desk)
    if desk.state.started_on == NEVER:
        return
    open_schedule(desk, as_of)
    for k in range(desk.entries.shape[0]):
        _take(desk, k)
    live = is_live(desk)
    if live and desk.terms.past_due_earns == 1 and chase(desk.model, as_of, to_due_date(desk, False)):
        rows_after_chase(desk)
    last = desk.state.rows - 1
    if desk.rows[last].extra == 1:
        total = 0
        for c in range(COMPONENTS):
            total += desk.rows[last].claimed[c]
        if total == 0:
            desk.state.rows -= 1
