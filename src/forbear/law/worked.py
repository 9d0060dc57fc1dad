"""A worked case in words: what is asked, what went before, and what comes out."""

from collections.abc import Iterator
from typing import Any, Final

from forbear.law.cases import Case, Ran
from forbear.law.reading import Table
from forbear.law.schema import Outcome, Packs
from forbear.law.vocabulary import Column, Words
from forbear.law.words import HEADS, YES_NO

SHORT: Final = {
    Outcome.ALLOWED: Words("allowed", "可以"),
    Outcome.PRESUMED_COMPLIANT: Words("presumed compliant", "推定合规"),
    Outcome.PRESUMED_VIOLATION: Words("presumed violation", "推定违规"),
    Outcome.PROHIBITED: Words("prohibited", "禁止"),
}
LABELS: Final = {
    "asked": Words("asked", "所问"),
    "past": Words("past", "过往"),
    "answer": Words("answer", "结论"),
    "zones": Words("time zones", "时区"),
    "known_on": Words("as known on", "截至何日所知"),
    "jurisdictions": Words("law", "法域"),
    "debt": Words("debt", "债务"),
    "person": Words("person", "人"),
    "contact_point": Words("number or address", "号码或地址"),
    "lasted": Words("seconds", "秒"),
    "consent_until": Words("consent until", "同意期至"),
    "repeat": Words("times", "次"),
    "every": Words("{} apart", "间隔 {}"),
    "start": Words("starts on", "起算日"),
    "on": Words("on", "日期"),
    "lawful_from": Words("lawful from {}", "自 {} 起可以"),
    "missing": Words("not known: {}", "未知：{}"),
    "other": Words("another rule decides", "由其他规则决定"),
    "value": Words("value: {}", "取值：{}"),
    "deadline": Words("last day: {}", "最后一日：{}"),
    "drafts": Words("only a draft stands against it", "仅有未生效的规则反对"),
}
UNITS: Final = {
    "s": Words(" s", " 秒"), "m": Words(" min", " 分钟"), "h": Words(" h", " 小时"), "d": Words(" d", " 日"),
}  # fmt: skip
MARKS: Final = {"en": (": ", "; ", ", "), "zh": ("：", "；", "、")}


def told(ran: Ran, packs: Packs, language: str) -> Iterator[str]:
    """The case in a few lines: its name, what is asked, the past, the answer."""
    is_, next_, _ = MARKS[language]
    yield named(ran.case, language)
    yield LABELS["asked"].of(language) + is_ + next_.join(_asked(ran.case.table, packs, language))
    past = list(ran.case.table.tables("history"))
    for item in past:
        yield LABELS["past"].of(language) + is_ + next_.join(_contact(item, packs, language))
    yield LABELS["answer"].of(language) + is_ + came_out(ran, packs, language)


def named(case: Case, language: str) -> str:
    """Its name, and the place in the official text that it comes from."""
    cite = case.table.get("cite")
    if not cite:
        return case.words.of(language)
    if language == "zh":
        return f"{case.words.zh}（{str(cite).replace('comment', '官方释义')}）"
    return f"{case.words.en} ({cite})"


def came_out(ran: Ran, packs: Packs, language: str) -> str:
    """What comes out of it, with the first lawful moment and what is not known where it is refused."""
    _, next_, and_ = MARKS[language]
    verdict = ran.verdict
    if verdict is None:
        expect: Table = ran.case.table["expect"]
        return next_.join(LABELS[key].of(language).format(_plain(expect[key], language)) for key in expect)
    parts = [SHORT[verdict.outcome].of(language)]
    if verdict.outcome >= Outcome.PRESUMED_VIOLATION:
        if verdict.earliest is not None:
            parts.append(LABELS["lawful_from"].of(language).format(f"{verdict.earliest:%Y-%m-%d %H:%M:%S}"))
        if verdict.missing:
            columns = packs.vocabulary.columns
            names = [
                (columns[name].words if name in columns else HEADS[name]).of(language)
                for name in verdict.missing
            ]
            parts.append(LABELS["missing"].of(language).format(and_.join(names)))
    if not ran.decided and verdict.broken:
        parts.append(LABELS["other"].of(language))
    if ran.case.table["expect"].get("drafts"):
        parts.append(LABELS["drafts"].of(language))
    return next_.join(parts)


def _asked(table: Table, packs: Packs, language: str) -> Iterator[str]:
    is_, _, and_ = MARKS[language]
    columns = packs.vocabulary.columns
    for key in ("at", "on", "start"):
        if table.get(key) is not None:
            day = str(table[key]).replace("T", " ")
            yield day if key == "at" else f"{LABELS[key].of(language)}{is_}{day}"
    for key in ("zones", "jurisdictions", "known_on"):
        if table.get(key) is not None:
            said = and_.join(str(each) for each in table.items_of(key))
            yield f"{LABELS[key].of(language)}{is_}{said}"
    for key in ("role", "product"):
        if table.get(key) is not None:
            yield _word(columns[key], str(table[key]), language)
    act = table.table("act") if table.get("act") is not None else {}
    facts = table.table("facts") if table.get("facts") is not None else {}
    for name, said in (*act.items(), *facts.items()):
        if name == "kind":
            yield _word(columns["act"], str(said), language)
        elif name in columns:
            yield f"{columns[name].words.of(language)}{is_}{_word(columns[name], str(said), language)}"
        else:
            yield f"{LABELS[name].of(language)}{is_}{said}"


def _contact(item: Table, packs: Packs, language: str) -> Iterator[str]:
    is_, _, _ = MARKS[language]
    columns = packs.vocabulary.history
    yield str(item["at"]).replace("T", " ")
    for name, said in item.items():
        if name == "kind":
            yield _word(columns[name], str(said), language)
        elif name == "repeat":
            yield f"{said} {LABELS[name].of(language)}"
        elif name == "every":
            yield LABELS[name].of(language).format(f"{said[:-1]}{UNITS[said[-1]].of(language)}")
        elif name in columns:
            yield f"{columns[name].words.of(language)}{is_}{_word(columns[name], str(said), language)}"
        elif name != "at":
            yield f"{LABELS[name].of(language)}{is_}{said}"


def _word(column: Column, said: str, language: str) -> str:
    if said in column.choices:
        return column.choices[said].of(language)
    return YES_NO[said].of(language) if column.type == "bool" and said in YES_NO else said


def _plain(said: Any, language: str) -> str:
    is_, _, and_ = MARKS[language]
    if isinstance(said, dict):
        return and_.join(f"{name}{is_}{text}" for name, text in said.items())
    return and_.join(said) if isinstance(said, list) else str(said)
