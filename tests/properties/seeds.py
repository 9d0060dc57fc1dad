"""Seeds of `random_case` that once made the engine and the oracle, or a law, disagree. They are run first, for ever."""

FAILED_ONCE = (3, 6, 36, 38, 65, 85, 90, 93, 98, 175, 260, 286, 292, 336, 355, 414, 441, 519, 614, 628, 631, 699) + (
    (914, 964, 993, 1176, 1445, 1453, 1681, 1747, 2013, 2069, 2792, 2828, 2829, 3587, 4060, 5552, 5897, 7263)
)
