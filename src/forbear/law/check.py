"""Lint packs and work out their cases, for `forbear law check`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forbear.law.cases import Ran, read_cases, run, unproven
from forbear.law.packs import load_packs
from forbear.law.reading import PackError, PacksError


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: one line for each problem, and how much was looked at."""

    problems: tuple[str, ...]
    rules: int
    cases: int


def check(folder: Path, only: Sequence[str] = ()) -> Report:
    """Read all packs of a folder, run their cases, and look for rules that no case proves.

    `only` narrows cases and proof to some jurisdictions; every file is read all the same.
    """
    try:
        packs = load_packs(folder)
        cases = [case for case in read_cases(folder, packs) if not only or case.rule.jurisdiction in only]
    except PacksError as error:
        return Report(tuple(str(each) for each in error.errors), 0, 0)
    except PackError as error:
        return Report((str(error),), 0, 0)
    problems: list[str] = []
    ran: list[Ran] = []
    for case in cases:
        try:
            ran.append(run(case, packs))
        except PackError as error:
            problems.append(str(error))
            continue
        place = case.table.at("name")
        problems += [f"{place.file}:{place.line}: {case.words.en}: {told}" for told in ran[-1].differences]
    for rule, told in unproven(ran, packs):
        if not only or rule.jurisdiction in only:
            problems.append(f"{rule.file}: {told}")
    return Report(tuple(problems), len(packs.rules), len(cases))
