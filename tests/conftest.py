"""How generated cases are drawn. Choose with HYPOTHESIS_PROFILE; a failing case prints the line that replays it."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("default"), max_examples=20_000)
settings.register_profile(  # for each mutant; all of them are tried in one process, so a test class comes by more than once
    "few",
    settings.get_profile("default"),
    max_examples=60,
    derandomize=True,  # a draw that fails by itself would tell of a mutant that nobody has noticed
    phases=(Phase.explicit, Phase.generate),  # that a mutant dies is enough: no smaller case is looked for
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
