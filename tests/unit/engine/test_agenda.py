"""What happens when in an exact contract. docs/algorithms/contracts.md, section 2."""

from dataclasses import replace
from fractions import Fraction

import pytest

from forbear.engine.agenda import (
    FlowKind,
    agenda,
    fixes_at_start,
    fixing_moment,
    has_level_to_fix,
    interest_moments,
    redemption_moments,
)
from forbear.engine.contract import Contract, InterestBase, Level, Reset, Step
from forbear.engine.cycles import MONDAY_TO_FRIDAY, Cycle, Shift
from forbear.engine.plan import Unit
from forbear.engine.vocabulary import Amortisation

# Moments: 20 a step apart are ten days.
START, END = 100, 200
RATE = Fraction(1, 10)


def tens(anchor: int) -> Cycle:
    return Cycle(anchor, 10, Unit.DAY)


def made(amortisation: Amortisation = Amortisation.INTEREST_ONLY, **terms) -> Contract:
    return Contract(amortisation=amortisation, principal=Fraction(1200), disbursed_at=START, **terms)


def told(contract: Contract, end: int = END) -> list[tuple[int, str]]:
    """Moments and kinds, in order; the disbursement and the end left out."""
    both = (FlowKind.DISBURSED, FlowKind.MATURED)
    return sorted((e.shown, e.kind.name) for e in agenda(contract, end) if e.kind not in both)


def test_every_contract_begins_with_its_disbursement_and_ends_with_what_is_left() -> None:
    assert [(e.shown, e.kind, e.accrue_to, e.detail) for e in agenda(made(), END)] == [
        (START, FlowKind.DISBURSED, START, 0),
        (END, FlowKind.MATURED, END, 0),
    ]


class TestRedemption:
    def test_by_a_cycle_and_at_the_end(self) -> None:
        assert redemption_moments(made(redemption=tens(160)), END) == [160, 180, END]

    def test_the_cycle_counts_where_a_single_date_is_given_too(self) -> None:
        assert redemption_moments(made(redemption=tens(160), redemption_from=120), END) == [160, 180, END]

    @pytest.mark.parametrize(("single", "found"), [(END - 1, [END - 1, END]), (END, [END]), (END + 1, [END])])
    def test_a_single_date_counts_before_the_end_only(self, single: int, found: list[int]) -> None:
        assert redemption_moments(made(redemption_from=single), END) == found

    def test_without_either_all_is_redeemed_at_the_end(self) -> None:
        assert redemption_moments(made(), END) == [END]

    def test_the_end_itself_is_no_redemption_of_its_own(self) -> None:
        assert told(made(Amortisation.EQUAL_PRINCIPAL, redemption=tens(160))) == [
            (160, "REDEEMED"),
            (180, "REDEEMED"),
        ]

    def test_interest_only_redeems_nothing_before_the_end(self) -> None:
        assert told(made(redemption=tens(160))) == []

    def test_steps_redeem_or_draw_each_until_the_next_one(self) -> None:
        steps = (Step(tens(120), Fraction(1), drawn=True), Step(tens(160), Fraction(1)))
        events = [e for e in agenda(made(Amortisation.CUSTOM, steps=steps), END) if e.kind.value in (3, 4)]
        assert [(e.shown, e.kind.name, e.detail) for e in events] == [
            (120, "DRAWN", 0),
            (140, "DRAWN", 0),
            (160, "REDEEMED", 1),
            (180, "REDEEMED", 1),
        ]

    def test_nothing_happens_before_the_disbursement_and_what_falls_on_it_does(self) -> None:
        assert told(made(Amortisation.EQUAL_PRINCIPAL, redemption=tens(START - 20)), 140) == [
            (START, "REDEEMED"),
            (120, "REDEEMED"),
        ]


class TestInterest:
    def test_without_a_rate_none_is_due(self) -> None:
        assert interest_moments(made(interest=(tens(120),)), END) == []

    def test_by_cycles_single_dates_and_always_at_the_end(self) -> None:
        contract = made(rate=RATE, interest=(tens(150), tens(180)), interest_at=(130, END - 1, END, END + 1))
        assert interest_moments(contract, END) == [130, 150, 170, 180, END - 1, END]

    def test_with_redemption_it_is_due_with_each_part_and_by_its_own_cycle_before_the_first(self) -> None:
        contract = made(
            rate=RATE,
            interest=(tens(110),),
            interest_at=(145, 150, 165),
            redemption=tens(150),
            interest_with_redemption=True,
        )
        assert interest_moments(contract, END) == [110, 130, 145, 150, 170, 190, END]

    def test_with_redemption_that_would_begin_after_the_end_it_ends_there(self) -> None:
        contract = made(rate=RATE, interest=(tens(180),), redemption=tens(300), interest_with_redemption=True)
        assert interest_moments(contract, END) == [180, END]

    def test_beside_redemption_it_keeps_its_own_cycle(self) -> None:
        assert interest_moments(made(rate=RATE, interest=(tens(160),), redemption=tens(150)), END) == [
            160,
            180,
            END,
        ]

    def test_until_a_day_and_on_it_interest_becomes_principal(self) -> None:
        contract = made(rate=RATE, interest=(tens(140),), capitalised_until=165)
        assert told(contract) == [
            (140, "CAPITALISED"),
            (160, "CAPITALISED"),
            (165, "CAPITALISED"),
            (180, "INTEREST_PAID"),
            (END, "INTEREST_PAID"),
        ]


class TestRatesAndBases:
    RESETS = (Reset(tens(120)), Reset(tens(160), fixed=True))

    def test_a_reset_is_observed_unless_it_is_fixed(self) -> None:
        events = [e for e in agenda(made(resets=self.RESETS), END) if e.kind.value in (10, 11)]
        assert [(e.shown, e.kind.name, e.detail) for e in events] == [
            (120, "RATE_RESET", 0),
            (140, "RATE_RESET", 0),
            (160, "RATE_FIXED", 1),
            (180, "RATE_FIXED", 1),
        ]

    @pytest.mark.parametrize(("known_at", "first"), [(None, 120), (119, 120), (120, 140), (139, 140)])
    def test_the_rate_that_is_known_is_that_of_the_first_reset_to_come(
        self, known_at: int | None, first: int
    ) -> None:
        contract = made(resets=(Reset(tens(120)),), next_rate=RATE, known_at=known_at)
        assert told(contract) == [
            (moment, "RATE_FIXED" if moment == first else "RATE_RESET") for moment in (120, 140, 160, 180)
        ]

    @pytest.mark.parametrize(
        ("amortisation", "level", "fixed"),
        [
            (Amortisation.EQUAL_INSTALMENT, Level.REFIXED, [120, 140, 160, 180]),
            (Amortisation.EQUAL_INSTALMENT, Level.KEPT, []),
            (Amortisation.EQUAL_PRINCIPAL, Level.REFIXED, []),
        ],
    )
    def test_a_level_instalment_is_fixed_again_if_the_terms_say_so(self, amortisation, level, fixed) -> None:
        contract = made(amortisation, level=level, resets=(Reset(tens(120)),))
        assert [moment for moment, kind in told(contract) if kind == "INSTALMENT_FIXED"] == fixed

    def test_scaling_has_a_cycle_and_a_lagged_base_too(self) -> None:
        lagged = made(interest_base=InterestBase.LAGGED, base_cycle=tens(170), scaling=tens(160))
        assert told(lagged) == [(160, "SCALED"), (170, "BASE_SET"), (180, "SCALED"), (190, "BASE_SET")]
        assert told(replace(lagged, interest_base=InterestBase.AGREED, scaling=None)) == []

    def test_a_purchase_and_a_termination_are_on_their_dates(self) -> None:
        assert told(made(purchased_at=110, terminated_at=171)) == [(110, "PURCHASED"), (171, "TERMINATED")]


class TestBusinessDays:
    # Day 2 is a Saturday, 3 January 1970; day 4 the Monday after it.
    CONTRACT = Contract(
        amortisation=Amortisation.EQUAL_PRINCIPAL,
        principal=Fraction(1),
        disbursed_at=0,
        redemption=Cycle(4, 1, Unit.MONTH),
        shift=Shift.FOLLOWING,
        calendar=MONDAY_TO_FRIDAY,
        purchased_at=4,
    )

    @pytest.mark.parametrize(("before", "accrue_to"), [(True, 8), (False, 4)])
    def test_what_is_shown_moves_and_accrual_with_it_if_the_terms_say_so(self, before, accrue_to) -> None:
        contract = replace(self.CONTRACT, shift_before_accrual=before)
        [event] = [e for e in agenda(contract, 20) if e.kind == FlowKind.REDEEMED]
        assert (event.shown, event.accrue_to) == (8, accrue_to)

    def test_the_end_moves_and_a_purchase_does_not(self) -> None:
        found = {e.kind: (e.shown, e.accrue_to) for e in agenda(self.CONTRACT, 6)}
        assert found[FlowKind.MATURED] == (8, 8)
        assert found[FlowKind.PURCHASED] == (4, 4)


class TestFixing:
    LEVEL = made(Amortisation.EQUAL_INSTALMENT, redemption=tens(120))

    def test_a_level_not_agreed_is_fixed_a_day_before_it_is_first_paid(self) -> None:
        assert fixing_moment(self.LEVEL) == 118
        assert [
            (e.shown, e.accrue_to) for e in agenda(self.LEVEL, END) if e.kind.name == "INSTALMENT_FIXED"
        ] == [(118, 118)]

    @pytest.mark.parametrize(
        "more",
        [
            {"instalment": Fraction(100)},
            {"amortisation": Amortisation.EQUAL_PRINCIPAL},
            {"redemption": None},
            {"disbursed_at": 118},
            {"known_at": 118},
        ],
        ids=["agreed", "not level", "no cycle", "out too late", "known too late"],
    )
    def test_there_is_no_such_moment(self, more) -> None:
        assert fixing_moment(replace(self.LEVEL, **more)) is None

    @pytest.mark.parametrize("more", [{"disbursed_at": 117}, {"known_at": 117}, {"known_at": 99}])
    def test_a_day_earlier_there_is(self, more) -> None:
        assert fixing_moment(replace(self.LEVEL, **more)) == 118

    def test_what_has_a_level_to_fix(self) -> None:
        assert has_level_to_fix(self.LEVEL)
        assert not has_level_to_fix(replace(self.LEVEL, instalment=Fraction(1)))
        assert not has_level_to_fix(replace(self.LEVEL, amortisation=Amortisation.INTEREST_ONLY))

    @pytest.mark.parametrize(
        ("more", "at_start"),
        [
            ({}, False),
            ({"known_at": START}, False),  # there is a day to fix it
            ({"known_at": 118}, True),
            ({"known_at": 118, "disbursed_at": 118}, True),
            ({"known_at": 118, "disbursed_at": 119}, False),  # not out yet
            ({"known_at": 118, "instalment": Fraction(1)}, False),
        ],
    )
    def test_the_level_of_a_contract_that_is_out_is_needed_where_no_day_is_left_to_fix_it(
        self, more, at_start
    ) -> None:
        assert fixes_at_start(replace(self.LEVEL, **more)) is at_start
