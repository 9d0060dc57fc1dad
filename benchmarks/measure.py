"""Measuring side by side, and saying what else the machine was doing.

Contestants take turns (A B C A B C), so a disturbance meets them all. For each run the clock, the CPU of this process and
its children, and the CPU that everyone else used are recorded; a run in which others used more than 5% of the machine's
capacity is repeated, and if none was quiet the result says so.
"""

import os
import platform
import resource
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self

import psutil

SHORTEST = 0.5
"""Seconds that a run takes at least: quicker work is done again and again."""
KEEPING_MEMORY = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(1 << 30))
"""For the environment of a contest in memory: glibc keeps what is freed. Given back, it would have to be cleared by the system for
the next run, which costs whoever makes large arrays more than the work does; Polars and DuckDB keep theirs anyway."""
FOREIGN_LIMIT = 0.05
"""Of the machine's capacity, what others may use in a run that counts."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds on the clock, CPU seconds of our processes, and the share of the machine that others used."""

    wall: float
    cpu: float
    foreign: float

    @property
    def quiet(self) -> bool:
        return self.foreign <= FOREIGN_LIMIT


@dataclass(frozen=True, slots=True)
class Result:
    """All runs of a contestant; best and median are of the quiet ones, or of all when none was quiet."""

    name: str
    runs: tuple[Run, ...]

    @property
    def quiet(self) -> bool:
        return any(run.quiet for run in self.runs)

    @property
    def counted(self) -> list[Run]:
        return [run for run in self.runs if run.quiet] or list(self.runs)

    @property
    def best(self) -> float:
        return min(run.wall for run in self.counted)

    @property
    def best_cpu(self) -> float:
        return min(run.cpu for run in self.counted)

    @property
    def seconds(self) -> float:
        """What ratios are made of: the clock where runs were quiet, CPU where others disturbed them."""
        return self.best if self.quiet else self.best_cpu

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "best": self.best,
            "median": median(run.wall for run in self.counted),
            "best_cpu": self.best_cpu,
            "foreign": median(run.foreign for run in self.runs),
            "quiet": self.quiet,
            "runs": [asdict(run) for run in self.runs],
        }


class Processes:
    """Ours: this process unless `own` is false, what runs under it, and under root processes named (a server)."""

    def __init__(self, roots: Iterable[int] = (), *, own: bool = True) -> None:
        self.roots = (*((os.getpid(),) if own else ()), *roots)

    def all(self) -> list[psutil.Process]:
        found: dict[int, psutil.Process] = {}
        for root in self.roots:
            try:
                process = psutil.Process(root)
                found[root] = process
                found.update({child.pid: child for child in process.children(recursive=True)})
            except psutil.NoSuchProcess:
                continue
        return list(found.values())

    def cpu(self) -> float:
        """CPU seconds so far. Whoever ended is in the account of the parent who waited for it."""
        total = 0.0
        for process in self.all():
            if process.pid == os.getpid():  # finer than the kernel's hundredths
                children = resource.getrusage(resource.RUSAGE_CHILDREN)
                total += time.process_time() + children.ru_utime + children.ru_stime
                continue
            try:
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total

    def memory(self) -> int:
        """Bytes in all processes together, each shared page once (PSS); RSS where the kernel does not tell."""
        total = 0
        for process in self.all():
            try:
                full = process.memory_full_info()
                total += getattr(full, "pss", full.rss)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total


def busy() -> float:
    """CPU seconds that the whole machine has spent on anything, from /proc/stat through psutil."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)


class Sampler:
    """Watches the memory of our processes while a block runs."""

    def __init__(self, processes: Processes, interval: float = 0.1) -> None:
        self.processes, self.interval, self.peak = processes, interval, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._end.wait(self.interval):
            self.peak = max(self.peak, self.processes.memory())

    def __enter__(self) -> Self:
        self.peak = self.processes.memory()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self.peak = max(self.peak, self.processes.memory())


def run_once(work: Callable[[], object], processes: Processes | None = None) -> Run:
    """Run `work` and measure it."""
    return run_for(lambda: work, processes or Processes(), 0.0)


def run_for(make_ready: Callable[[], Callable[[], object]], processes: Processes, at_least: float) -> Run:
    """Run until the work has taken `at_least` seconds: averages of the work alone, others' share of the whole time.

    The kernel counts the machine's time in hundredths of a second, too coarse to judge a short run by.
    """
    machine, ours, began = busy(), processes.cpu(), time.perf_counter()
    walls, cpus = [], []
    while sum(walls) < at_least or not walls:
        work = make_ready()
        cpu, wall = processes.cpu(), time.perf_counter()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(processes.cpu() - cpu)
    foreign = max(0.0, busy() - machine - (processes.cpu() - ours))
    capacity = (time.perf_counter() - began) * (os.cpu_count() or 1)
    return Run(sum(walls) / len(walls), sum(cpus) / len(cpus), foreign / capacity)


def side_by_side(
    contestants: Mapping[str, Callable[[], Callable[[], object]]], *, rounds: int = 3, retries: int = 2
) -> dict[str, Result]:
    """Let contestants take turns; those without a quiet run get up to `retries` more rounds.

    Each contestant is a function that makes ready, off the clock, and returns the work.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for turn in range(rounds + retries):
        for name, make_ready in contestants.items():
            if turn < rounds or not any(run.quiet for run in runs[name]):
                runs[name].append(run_for(make_ready, Processes(), SHORTEST))
    return {name: Result(name, tuple(of_one)) for name, of_one in runs.items()}


def machine() -> dict[str, Any]:
    """What was measured on: processor, cores, memory, system and versions. No names of hosts or people."""
    import duckdb
    import numba
    import numpy
    import polars

    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {m.__name__: m.__version__ for m in (numba, numpy, duckdb, polars)},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  a file of the kernel
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
