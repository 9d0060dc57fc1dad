"""The one decorator through which arithmetic is compiled.

A function marked `@compiled` is ordinary Python that Numba also turns into machine code. Both must give the
same answer, so such functions keep to what both understand alike:

- int64 only. Never uint64: Numba and NumPy promote int64 with uint64 to float64, silently.
- Every intermediate value fits a signed 64-bit integer. Python would grow the number, the machine would wrap
  it.
- `//`, `%` and `divmod` floor, as in Python, for negative numbers too.
- No exceptions for business refusals; an exception in compiled code means a broken caller.

Run everything uncompiled with the environment variable NUMBA_DISABLE_JIT=1; reach the Python form of one
function with `python_form(f)`.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

_KERNEL: Final = Path(__file__).resolve().parent
_ENGINE: Final = _KERNEL.with_name("engine")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call and keep the machine code on disk for the next process.

    nogil: partitions of a book run in threads. error_model="numpy": not dividing by zero is the caller's
    duty, and is not checked for at each division. _nrt=False: arrays are borrowed from the caller, never made
    or kept, so their references are not counted (which cost five times the arithmetic). The declared types
    are kept, so mypy checks callers as if nothing were compiled.

    Where no folder for the cache can be written (a read-only image with no home), the function is compiled
    anew in each process instead of refusing to be imported.
    """
    return _compile(function, forceinline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, and the machine code becomes part of each caller's.

    For the small steps that every event of a loan goes through: handing over a loan's arrays costs more than
    the step does. Called from Python it is an ordinary compiled function.
    """
    return _compile(function, forceinline=True)


def _compile(function: Callable[P, R], *, forceinline: bool) -> Callable[P, R]:
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]  # set at run time from the environment
        return function
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "_nrt": False,
        "forceinline": forceinline,
    }
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
        _watch_callees(dispatcher, Path(function.__code__.co_filename).resolve().parent)
    except (
        RuntimeError,
        AttributeError,
    ):  # no place to cache, or a Numba whose cache cannot be taught what follows
        dispatcher = numba.njit(**options)(function)
    return cast(Callable[P, R], dispatcher)


def python_form(function: Callable[P, R]) -> Callable[P, R]:
    """The uncompiled form of a `@compiled` function; the function itself where compilation is switched
    off.
    """
    return cast(Callable[P, R], getattr(function, "py_func", function))


def _watch_callees(dispatcher: Any, folder: Path) -> None:
    """Let the cached machine code expire when any source it may have been built from changes.

    Numba looks only at the file of the function itself, while the machine code holds its callees too: after
    an upgrade that mends `kernel/rounding.py`, an untouched `engine/accrual.py` would go on rounding the old
    way. So the stamp takes in every source of the function's folder and of the compiled floors below it.
    """
    folders = {folder} if folder == _KERNEL else {folder, _KERNEL, _ENGINE}
    cache_file = dispatcher._cache._cache_file
    cache_file._source_stamp = (cache_file._source_stamp, *(_digest(f) for f in sorted(folders)))


def sources() -> tuple[str, ...]:
    """Digests of the compiled floors' sources: what the fold gives can change only if one of these does."""
    return tuple(_digest(folder) for folder in (_KERNEL, _ENGINE))


@functools.cache
def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for source in sorted(folder.rglob("*.py")):
        content = source.read_bytes()
        digest.update(f"{source.relative_to(folder)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
