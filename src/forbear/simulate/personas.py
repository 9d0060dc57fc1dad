"""How borrowers behave: a few kinds of people, as small integers that compiled code reads.

Shares are out of a million. A persona says what somebody does about each due date; the chances that befall everybody
(a bounced debit, a payment booked late or twice) are in `HAPPENINGS`.
"""

from typing import Final

import numpy as np

from forbear.engine.layout import I8

PERSONA: Final = np.dtype(
    [
        (name, I8)
        for name in (
            "share",  # how many of a million borrowers
            "early",  # chance to pay some days before the due date
            "late",  # chance to pay after it
            "late_least",  # days late, least and most
            "late_most",
            "skip",  # chance to do nothing about a due date at all
            "part",  # chance to pay only a part
            "settles",  # chance per due date to pay off the loan
            "sinks",  # chance per due date to stop paying
            "cure_least",  # days until one who stopped comes back with everything, 0: never
            "cure_most",
        )
    ]
)

PERSONAS: Final = np.array(
    [
        #  share   early    late    d  days    skip    part  settles   sinks  cure
        (560_000, 0, 12_000, 1, 4, 0, 0, 6_000, 1_500, 20, 60),  # automatic debit
        (150_000, 600_000, 20_000, 1, 3, 0, 0, 25_000, 1_000, 10, 30),  # pays early
        (130_000, 50_000, 240_000, 1, 12, 30_000, 20_000, 8_000, 4_000, 20, 70),  # forgets
        (50_000, 0, 250_000, 2, 20, 50_000, 300_000, 2_000, 15_000, 40, 120),  # pays in parts
        (40_000, 0, 500_000, 8, 28, 280_000, 150_000, 1_000, 30_000, 30, 100),  # rolls from bucket to bucket
        (30_000, 0, 100_000, 1, 10, 50_000, 0, 0, 160_000, 35, 110),  # sinks and cures
        (30_000, 0, 200_000, 2, 20, 80_000, 200_000, 0, 170_000, 0, 0),  # sinks for good
        (10_000, 0, 0, 0, 0, 0, 0, 0, 1_000_000, 0, 0),  # never pays
    ],
    dtype=PERSONA,
)

HAPPENINGS: Final = np.dtype(
    [
        (name, I8)
        for name in (
            "bounce",  # a debit is booked and comes back: reversed, and paid again some days later
            "booked_late",  # a payment becomes known days after its effective date
            "wrong_sum",  # booked with a wrong sum: reversed, and booked again with the first effective date
            "twice",  # the borrower pays twice; the second is refunded
            "charged_back",  # the channel takes a payment back weeks later
            "waiver",  # the penalty of a late payer is waived
            "fee",  # a fee is charged to who has long been late
            "pays_a_little",  # who has stopped paying pays something when asked
            "recovers",  # something comes in after a write-off
        )
    ]
)

COMMON: Final = np.array(
    [(12_000, 15_000, 3_000, 3_000, 1_200, 60_000, 60_000, 250_000, 400_000)], dtype=HAPPENINGS
)
