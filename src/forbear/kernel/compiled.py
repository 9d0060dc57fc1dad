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

import fcntl
import functools
import hashlib
import os
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


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
        function.uncompiled = True  # type: ignore[attr-defined]  # else nothing would mark it
        return function
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "_nrt": False,
        "no_cfunc_wrapper": True,  # nobody hands these functions to C, and each wrapper has to be compiled
        "forceinline": forceinline,
    }
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
        _watch_callees(dispatcher, function.__module__)
        _in_turn(dispatcher)
    except (
        RuntimeError,
        AttributeError,
    ):  # no place to cache, or a Numba whose cache cannot be taught what follows
        dispatcher = numba.njit(**options)(function)
    _forget_constants(dispatcher)
    return cast(Callable[P, R], dispatcher)


def python_form(function: Callable[P, R]) -> Callable[P, R]:
    """The uncompiled form of a `@compiled` function; the function itself where compilation is switched
    off.
    """
    return cast(Callable[P, R], getattr(function, "py_func", function))


Watch = Callable[[str, Callable[..., Any]], Callable[..., Any]]


def uncompiled(function: Callable[P, R], watch: Watch) -> Callable[P, R]:
    """The Python form of a function whose callees, however deep, are in their Python form too.

    `watch` is handed each of them once, with its name (`module.function`), and returns what is to be called in its place: the
    function itself, or one around it that takes notes. So what explains a figure is what computes it.
    """
    return cast(Callable[P, R], _Twins(watch).of(function))


class _Twins:
    """Copies of functions in namespaces where every compiled function is replaced by its copy."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.functions: dict[Any, Callable[..., Any]] = {}
        self.namespaces: dict[str, dict[str, Any]] = {}

    def of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        plain = cast(types.FunctionType, python_form(function))
        names = self.namespace(plain.__globals__)
        if plain not in self.functions:
            twin = types.FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__)
            module = plain.__module__.rpartition(".")[2]
            self.functions[plain] = self.watch(f"{module}.{plain.__name__}", twin)
        return self.functions[plain]

    def namespace(self, names: dict[str, Any]) -> dict[str, Any]:
        key = names["__name__"]
        if key not in self.namespaces:
            mine = self.namespaces[key] = dict(names)
            for name, value in names.items():
                if hasattr(value, "py_func") or hasattr(value, "uncompiled"):
                    mine[name] = self.of(value)
        return self.namespaces[key]


def _watch_callees(dispatcher: Any, module: str) -> None:
    """Let the cached machine code expire when any source it may have been built from changes.

    Numba looks only at the file of the function itself, while the machine code holds its callees and constants too: after an
    upgrade that mends `kernel/rounding.py`, an untouched `engine/accrual.py` would go on rounding the old way. So the stamp
    takes in the sources of all modules from which the function's own module imports, however deep.
    """
    cache_file = dispatcher._cache._cache_file
    cache_file._source_stamp = (cache_file._source_stamp, sources(module))


@functools.cache
def sources(module: str) -> str:
    """A digest of the sources of a module and of all it imports from, as far as they are Forbear's or lie beside it.

    What the module's compiled functions give can change only if one of these does.
    """
    home = Path(cast(str, sys.modules[module].__file__)).parent
    seen, waiting = {module}, [module]
    while waiting:
        for name in _imports(waiting.pop()) - seen:
            file = getattr(sys.modules[name], "__file__", None)
            if file and (name.startswith("forbear.") or Path(file).parent == home):
                seen.add(name)
                waiting.append(name)
    return hashlib.sha256("\n".join(f"{name} {_digest(name)}" for name in sorted(seen)).encode()).hexdigest()


_IMPORT: Final = re.compile(r"^(?:from +([\w.]+) +import +(\([^)]*\)|[^\n]*)|import +([\w.]+))", re.MULTILINE)


@functools.cache
def _imports(module: str) -> set[str]:
    """The loaded modules that a module's import statements name, at the head of its source."""
    found: set[str] = set()
    for origin, names, whole in _IMPORT.findall(_source(module).decode()):
        found.update((origin, whole, *(f"{origin}.{name}" for name in re.findall(r"\w+", names))))
    return found & sys.modules.keys()


@functools.cache
def _digest(module: str) -> str:
    return hashlib.sha256(_source(module)).hexdigest()


@functools.cache
def _source(module: str) -> bytes:
    return Path(cast(str, sys.modules[module].__file__)).read_bytes()


def _forget_constants(dispatcher: Any) -> None:
    """Compile a function once for all integers, and not once more for each constant that a compiled caller passes.

    Numba takes a literal argument for a type of its own. What a constant saves, LLVM finds when it inlines the call.
    """
    template, plain = dispatcher.get_call_template, cast(Any, numba.types).unliteral

    def for_any_value(args: Any, kws: Any) -> Any:
        return template(tuple(map(plain, args)), {name: plain(kind) for name, kind in kws.items()})

    dispatcher.get_call_template = for_any_value


def _in_turn(dispatcher: Any) -> None:
    """Let processes use a function's cache side by side: many may read it, or one may add to it.

    Numba reads the list of what is cached, picks a free name, writes the list back and then the machine code. Two processes
    that do so at once pick the same name for two sets of types; and who reads between the list and the code takes what an
    older source left under that name.
    """
    cache_file, folder = dispatcher._cache._cache_file, dispatcher._cache.cache_path

    def locked(act: Callable[..., Any], how: int) -> Callable[..., Any]:
        def acting(*given: Any) -> Any:
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, how)
                return act(*given)
            finally:
                os.close(lock)

        return acting

    cache_file.save = locked(cache_file.save, fcntl.LOCK_EX)
    cache_file.load = locked(cache_file.load, fcntl.LOCK_SH)
