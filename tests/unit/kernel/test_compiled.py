"""The cache of machine code and the run without any."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import forbear.kernel.compiled
from forbear.kernel.compiled import compiled, python_form
from forbear.kernel.wide import LIMIT, checked_mul_div, checked_mul_divmod, mul_divmod

SRC = Path(forbear.kernel.compiled.__file__).parents[2]


def run(code, folder, **environment):
    env = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{SRC}", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_changed_callee_in_another_file_is_compiled_anew(tmp_path):
    """Numba's own cache would answer 2 again: it looks at the caller's file only."""
    (tmp_path / "callee.py").write_text(
        "from forbear.kernel.compiled import compiled\n\n@compiled\ndef f(x):\n    return x + 1\n"
    )
    (tmp_path / "caller.py").write_text(
        "from callee import f\nfrom forbear.kernel.compiled import compiled\n\n"
        "@compiled\ndef g(x):\n    return f(x)\n"
    )
    ask = "import caller; print(caller.g(1), sum(caller.g.stats.cache_hits.values()))"
    assert run(ask, tmp_path) == "2 0"
    assert run(ask, tmp_path) == "2 1"  # unchanged: from the cache, or the next line would prove nothing
    (tmp_path / "callee.py").write_text(
        "from forbear.kernel.compiled import compiled\n\n@compiled\ndef f(x):\n    return x + 5\n"
    )
    assert run(ask, tmp_path) == "6 0"


def test_nobody_reads_what_is_half_written(tmp_path):
    """One process has listed the machine code of a new source and not written it yet; under its name lies the old one's."""
    source = "from forbear.kernel.compiled import compiled\n\n@compiled\ndef f(x):\n    return x + {}\n"
    ask = "import made; print(made.f(1))"
    slowly = (
        "import pathlib, time, numba.core.caching as caching\n"
        "write = caching.IndexDataCacheFile._save_data\n"
        "def late(*given):\n    pathlib.Path('listed').touch(); time.sleep(2); write(*given)\n"
        "caching.IndexDataCacheFile._save_data = late\n"
    )
    (tmp_path / "made.py").write_text(source.format(1))
    assert run(ask, tmp_path) == "2"
    (tmp_path / "made.py").write_text(source.format(5))
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{SRC}"}
    with subprocess.Popen([sys.executable, "-c", slowly + ask], env=env, cwd=tmp_path) as first:
        deadline = time.monotonic() + 60
        while not (tmp_path / "listed").exists():
            assert time.monotonic() < deadline
            time.sleep(1 / 100)
        assert run(ask, tmp_path) == "6"
    assert first.returncode == 0


def test_all_answers_are_the_same_without_compilation(tmp_path):
    """On Python integers and on NumPy scalars, which wrap around and warn where Python would grow."""
    code = """
import random, warnings
import numpy as np
from forbear.kernel import daycounts, days, rounding, wide
warnings.simplefilter("error")
assert not hasattr(wide.mul_divmod, "py_func")
rng = random.Random(7)
n = np.int64
tried = 0
while tried < 3000:
    a, b, c = (rng.getrandbits(rng.choice((20, 31, 61, 62))) or 1 for _ in range(3))
    if a * b // c + 1 >= wide.LIMIT:
        continue
    tried += 1
    expected = divmod(a * b, c)
    assert wide.mul_divmod(a, b, c) == expected
    got = wide.mul_divmod(n(a), n(b), n(c))
    assert got == expected and all(type(part) is n for part in got)
    mode = rng.choice(tuple(rounding.Rounding))
    assert wide.mul_div(n(-a), n(b), n(c), mode) == rounding.round_ratio(-a * b, c, mode)
    day = rng.randint(days.FIRST_DAY, days.LAST_DAY)
    assert days.day_number(*days.civil(n(day))) == day
    for count in daycounts.DayCount:
        on_ints, on_scalars = (daycounts.weight(count, f(day), f(day + 9), f(day + 99)) for f in (int, n))
        assert on_ints == on_scalars
print("same")
"""
    assert run(code, tmp_path, NUMBA_DISABLE_JIT="1") == "same"


def test_a_function_is_compiled_even_where_nothing_can_be_cached(monkeypatch):
    def no_place(*_):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(forbear.kernel.compiled, "_watch_callees", no_place)
    double = compiled(lambda x: x + x)
    assert double(4) == 8
    assert python_form(double)(4) == 8


def test_the_limits_are_named():
    assert checked_mul_divmod(LIMIT - 1, LIMIT - 1, LIMIT - 1) == (LIMIT - 1, 0)
    assert mul_divmod(0, 0, 1) == (0, 0)
    with pytest.raises(OverflowError, match=r"a = 4611686018427387904 is outside 0 \.\. 2\*\*62 - 1"):
        checked_mul_divmod(LIMIT, 1, 1)
    with pytest.raises(OverflowError, match="c = 0 is outside 1"):
        checked_mul_divmod(1, 1, 0)
    with pytest.raises(OverflowError, match="is not below"):
        checked_mul_div(-LIMIT + 1, 2, 1, 0)
    with pytest.raises(ValueError, match="not a valid Rounding"):
        checked_mul_div(1, 1, 1, 9)
