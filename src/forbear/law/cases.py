"""Worked cases beside the rules: <rule>.cases.yaml. `docs/reference/packs.md` says how they are written."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from forbear.law.act import Act, Contact, Said
from forbear.law.clocks import deadline
from forbear.law.gate import Verdict, judge
from forbear.law.packs import CASES
from forbear.law.parameters import value_of
from forbear.law.predicates import whole
from forbear.law.reading import PackError, Table, read, text_of
from forbear.law.resolver import resolve
from forbear.law.schema import GATE_FORMS, Packs, Rule
from forbear.law.values import date_of
from forbear.law.vocabulary import Words, words_of
from forbear.law.zones import zone

KEYS: Final = (
    "name", "cite", "role", "product", "jurisdictions", "zones", "zone", "at", "on", "known_on", "start", "act", "facts",
    "history", "expect",
)  # fmt: skip
EXPECTED: Final = ("outcome", "decides", "breaks", "earliest", "missing", "drafts", "deadline", "value")
OUTCOMES: Final = ("allowed", "presumed_compliant", "presumed_violation", "prohibited")
_EVERY: Final = re.compile(r"([1-9]\d*)([smhd])")
_UNIT: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case of a rule, as it is written."""

    rule: Rule
    table: Table

    @property
    def words(self) -> Words:
        """Its name."""
        return words_of(self.table, "name")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a case went: what differs from what it expects, and whether its rule decided (None for no gate rule)."""

    case: Case
    differences: tuple[str, ...]
    decided: bool | None
    verdict: Verdict | None


def read_cases(folder: Path, packs: Packs) -> list[Case]:
    """All cases of a folder of packs. Raises PackError."""
    found: list[Case] = []
    for path in sorted(folder.rglob(f"*{CASES}")):
        file = path.relative_to(folder).as_posix()
        rule_id = file.removesuffix(CASES).replace("/", ".")
        if rule_id not in packs.rules:
            raise PackError(
                file, 0, f"cases of a rule that there is not: {rule_id}", "rename the file after its rule"
            )
        found += _cases_in(path, file, packs.rules[rule_id])
    return found


def cases_of(folder: Path, rule: Rule) -> list[Case]:
    """The cases of one rule; none where it has no file of cases. Raises PackError."""
    file = rule.file.removesuffix(".yaml") + CASES
    return list(_cases_in(folder / file, file, rule)) if (folder / file).is_file() else []


def _cases_in(path: Path, file: str, rule: Rule) -> Iterator[Case]:
    items = read(text_of(path, file), file)
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, Table):
            raise PackError(file, 1, "a case that is not a table", "write '- name: ...' and its lines")
        item.only(*KEYS)
        item.need("name", "expect")
        words_of(item, "name")
        item.table("expect").only(*EXPECTED)
        if not item.table("expect"):
            raise item.at("expect").refuse("a case that expects nothing", "say what has to come out")
        yield Case(rule, item)


def run(case: Case, packs: Packs) -> Ran:
    """Work a case out and compare. Raises PackError for a case that cannot be read."""
    if case.rule.form in GATE_FORMS:
        return _judged(case, packs)
    table, rule = case.table, case.rule
    expect = table.table("expect")
    expect.need("deadline" if rule.form == "clock" else "value")
    facts = read_facts(table, packs)
    told: list[str] = []
    try:
        if rule.form == "clock":
            start = date_of(table, "start", needed=True) or dt.date.min
            found: Any = deadline(
                packs, rule, start=start, facts=facts, known_on=date_of(table, "known_on")
            ).last_day
            _differ(told, "deadline", expect.text("deadline"), found.isoformat())
        else:
            on = date_of(table, "on", needed=True) or dt.date.min
            content = value_of(packs, rule, on=on, known_on=date_of(table, "known_on") or on).content
            wanted = expect["value"]
            plain = (
                content
                if isinstance(content, dict)
                else list(content)
                if isinstance(content, tuple)
                else str(content)
            )
            _differ(told, "value", wanted, plain)
    except LookupError as error:
        told.append(str(error))
    return Ran(case, tuple(told), None, None)


def _judged(case: Case, packs: Packs) -> Ran:
    verdict = verdict_of(case, packs)
    expect = case.table.table("expect")
    told: list[str] = []
    own = case.rule.id
    decided = any(finding.standing.rule.id == own for finding in verdict.deciding)
    broken = any(finding.standing.rule.id == own for finding in verdict.broken)
    found: dict[str, Any] = {
        "outcome": verdict.outcome.name.lower(),
        "decides": "yes" if decided else "no",
        "breaks": "yes" if broken else "no",
        "earliest": "never"
        if verdict.earliest is None
        else verdict.earliest.replace(tzinfo=None).isoformat(),
        "missing": sorted(verdict.missing),
        "drafts": sorted(finding.standing.rule.id for finding in verdict.drafts),
    }
    for key in expect:
        if key not in found:
            raise expect.at(key).refuse(f"{key!r} of a rule of the gate", f"expect {', '.join(found)}")
        wanted = sorted(expect.items_of(key)) if key in ("missing", "drafts") else expect.text(key)
        if key == "outcome" and wanted not in OUTCOMES:
            raise expect.at(key).refuse(f"outcome {wanted!r}", f"use {', '.join(OUTCOMES)}")
        _differ(told, key, wanted, found[key])
    if told:
        broken_by = ", ".join(each.standing.rule.id for each in verdict.broken) or "none"
        told.append(
            f"(broken rules: {broken_by}; ground: {'yes' if verdict.grounded else 'none'}; missing: {verdict.missing})"
        )
    return Ran(case, tuple(told), decided, verdict)


def verdict_of(case: Case, packs: Packs) -> Verdict:
    """The gate's verdict on a case of a gate rule."""
    table, rule = case.table, case.rule
    table.need("role", "product", "at", "act")
    zones = tuple(str(each) for each in table.items_of("zones"))
    where = zones[0] if zones else packs.jurisdictions[rule.jurisdiction].zones[0]
    at = moment(table, "at", table.text("zone", where))
    act_table = table.table("act")
    fields = {
        key: value
        for key, value in act_table.items()
        if key not in ("kind", "debt", "person", "contact_point")
    }
    act = Act(
        kind=act_table.text("kind"),
        fields=fields,
        debt=act_table.text("debt", "debt"),
        person=act_table.text("person", "debtor"),
        contact_point=act_table.text("contact_point", "point"),
        zones=zones,
    )
    history = [contact for item in table.tables("history") for contact in contacts(item, at)]
    try:
        rules = resolve(
            packs,
            jurisdictions=[str(each) for each in table.items_of("jurisdictions")] or [rule.jurisdiction],
            product=table.text("product"),
            role=table.text("role"),
            on=date_of(table, "on") or at.date(),
            known_on=date_of(table, "known_on") or date_of(table, "on") or at.date(),
        )
        return judge(act, history, read_facts(table, packs), rules, at)
    except (ValueError, LookupError) as error:
        if isinstance(error, PackError):
            raise
        raise table.at().refuse(*_halves(str(error))) from None


def contacts(item: Table, at: dt.datetime) -> Iterator[Contact]:
    """The contacts of one line of a history: `repeat` times, `every` so often."""
    own = ("at", "kind", "debt", "person", "contact_point", "lasted", "consent_until", "repeat", "every")
    first = moment(item, "at", at.tzinfo)
    count = whole(item.text("repeat", "1"), item.at("repeat"))
    step = 0
    if count > 1:
        match = _EVERY.fullmatch(item.text("every"))
        if match is None:
            raise item.at("every").refuse(f"every {item['every']!r}", "write 30s, 5m, 2h or 1d")
        step = int(match[1]) * _UNIT[match[2]]
    fields: dict[str, Said] = {key: value for key, value in item.items() if key not in own}
    for number in range(count):
        yield Contact(
            at=first + dt.timedelta(seconds=step * number),
            kind=item.text("kind"),
            fields=fields,
            debt=item.text("debt", "debt"),
            person=item.text("person", "debtor"),
            contact_point=item.text("contact_point", "point"),
            lasted=whole(item.text("lasted"), item.at("lasted")) if "lasted" in item else None,
            consent_until=date_of(item, "consent_until"),
        )


def moment(table: Table, key: str, place: Any) -> dt.datetime:
    """A moment written 2026-11-20T21:58:00, in the zone given by name or as tzinfo, or with an offset of its own."""
    text = table.text(key)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise table.at(key).refuse(f"{text!r} is no moment", "write 2026-11-20T21:58:00") from None
    if found.tzinfo is not None:
        return found
    try:
        return found.replace(tzinfo=zone(place) if isinstance(place, str) else place)
    except LookupError as error:
        raise table.at(key).refuse(*_halves(str(error))) from None


def read_facts(table: Table, packs: Packs) -> dict[str, Said]:
    """The facts of a case. Raises PackError for a name or word that the vocabulary does not know."""
    if table.get("facts") is None:
        return {}
    facts = table.table("facts")
    for name in facts:
        packs.vocabulary.column(name, facts.at(name)).number(facts.text(name), facts.at(name))
    return dict(facts)


def unproven(ran: Sequence[Ran], packs: Packs) -> Iterator[tuple[Rule, str]]:
    """The rules of the gate that no case decides, or that every case decides; parameters and clocks without a case."""
    decided: dict[str, set[bool | None]] = {}
    for each in ran:
        decided.setdefault(each.case.rule.id, set()).add(each.decided)
    for rule in packs.rules.values():
        seen = decided.get(rule.id, set())
        if rule.form not in GATE_FORMS:
            if not seen:
                yield rule, "no case; add one"
        elif all(value.status == "draft" for value in rule.values):
            if not seen:
                yield rule, "no case; add one that expects it in 'drafts'"
        elif seen != {True, False}:
            lacking = "decides" if True not in seen else "does not decide"
            yield rule, f"no case that it {lacking}; add one"


def _differ(told: list[str], what: str, wanted: Any, found: Any) -> None:
    if wanted != found:
        told.append(f"{what}: expected {wanted}, found {found}")


def _halves(message: str) -> tuple[str, str]:
    what, _, mend = message.partition("; ")
    return what, mend or "correct it"
