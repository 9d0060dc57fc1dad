"""Conditions, selectors and counts in words, for the law book and the terminal."""

from collections.abc import Mapping
from typing import Final

from forbear.law.schema import Counter, Junction, Past, Predicate, Rule, Selector, Test
from forbear.law.vocabulary import Column, Vocabulary, Words

COMPARISONS: Final = {
    "more_than": Words("more than", "多于"),
    "less_than": Words("less than", "少于"),
    "at_least": Words("at least", "至少"),
    "at_most": Words("at most", "至多"),
    "before": Words("before", "早于"),
    "on_or_after": Words("on or after", "不早于"),
}
PERS: Final = {
    "debt": Words("debt", "债务"),
    "person": Words("person", "人"),
    "contact_point": Words("number or address", "号码或地址"),
    "lender": Words("lender", "机构"),
}
SPANS: Final = {
    "days": Words("in {} days, today included", "连续 {} 日内（含当日）"),
    "hours": Words("in {} hours", "{} 小时内"),
    "day": Words("in a calendar day", "每自然日"),
    "week": Words("in a calendar week", "每自然周"),
    "month": Words("in a calendar month", "每自然月"),
    "year": Words("in a calendar year", "每自然年"),
    "always": Words("ever", "累计"),
}
JOINS: Final = {"all": Words(" and ", "，且"), "any": Words(" or ", "，或")}
IS: Final = Words(": ", "：")
YES: Final = Words("yes", "是")
NO: Final = Words("no", "否")


def condition(said: Predicate, words: Vocabulary, language: str, *, inner: bool = False) -> str:
    """A condition as one sentence part."""
    if isinstance(said, Junction):
        parts = [condition(part, words, language, inner=True) for part in said.parts]
        if said.kind == "not":
            return f"not ({parts[0]})" if language == "en" else f"并非（{parts[0]}）"
        joined = JOINS[said.kind].of(language).join(parts)
        if not inner or len(parts) == 1:
            return joined
        return f"({joined})" if language == "en" else f"（{joined}）"
    if isinstance(said, Past):
        how = COMPARISONS[said.op].of(language)
        number = (
            "the value"
            if said.number == "value" and language == "en"
            else "该数值"
            if said.number == "value"
            else said.number
        )
        return f"{how} {number}{IS.of(language)}{counted(said.counter, words, language)}"
    return _test(said, words, language)


def _test(said: Test, words: Vocabulary, language: str) -> str:
    column = words.columns[said.column]
    name = column.words.of(language)
    english = language == "en"
    if said.op == "is":
        return f"{name}{IS.of(language)}{named(column, said.operand, language)}"
    if said.op == "known":
        return f"{name}{IS.of(language)}{'known' if english else '已知'}"
    if said.op == "since":
        unit, how, number = said.operand
        told = {"days": Words("days", "日"), "months": Words("months", "个月")}[unit].of(language)
        since = f"{COMPARISONS[how].of(language)} {number} {told}"
        return f"{since} since: {name}" if english else f"距“{name}”{since}"
    right = said.operand
    if right == "value":
        right = "the value" if english else "该数值"
    elif isinstance(right, str):
        right = words.columns[right].words.of(language)
    else:
        right = column.text(right)
    return f"{name}{IS.of(language)}{COMPARISONS[said.op].of(language)} {right}"


def named(column: Column, bits: int, language: str) -> str:
    """The words of a set; where most of a choice is meant, those that are not."""
    if not column.choices:
        return " / ".join(each.of(language) for place, each in enumerate((NO, YES)) if bits >> place & 1)
    every = list(column.choices.values())
    chosen = [each.of(language) for place, each in enumerate(every) if bits >> place & 1]
    others = [each.of(language) for place, each in enumerate(every) if not bits >> place & 1]
    between = ", " if language == "en" else " / "  # the words themselves may hold 、
    if len(chosen) > 2 * len(others):
        return ("any but " if language == "en" else "除外：") + between.join(others)
    return between.join(chosen)


def selected(said: Selector, words: Vocabulary, language: str) -> str:
    """Which contacts are meant."""
    parts = [
        f"{words.history[name].words.of(language)}{IS.of(language)}{named(words.history[name], bits, language)}"
        for name, bits in said.masks.items()
    ]
    if said.lasting:
        parts.append(
            f"at least {said.lasting} seconds" if language == "en" else f"时长不少于 {said.lasting} 秒"
        )
    return ("; " if language == "en" else "；").join(parts)


def counted(said: Counter, words: Vocabulary, language: str) -> str:
    """What is counted, for whom, and over which span."""
    per = (" and " if language == "en" else "、").join(PERS[each].of(language) for each in said.per)
    span = SPANS[said.span].of(language).format(said.length)
    what = selected(said.selector, words, language)
    return f"contacts per {per} {span} ({what})" if language == "en" else f"同一{per}{span}的联系（{what}）"


def applies(rule: Rule, words: Vocabulary, language: str) -> Mapping[str, str]:
    """To what a rule applies: acts, roles and products where not all, and the rest as a condition."""
    found = {}
    for name, bits, what in (
        ("act", rule.acts, Words("acts", "行为")),
        ("role", rule.roles, Words("who acts", "行为主体")),
        ("product", rule.products, Words("kinds of credit", "贷款品种")),
    ):
        column = words.columns[name]
        if bits != (1 << len(column.choices)) - 1:
            found[what.of(language)] = named(column, bits, language)
    if rule.applies is not None:
        found[Words("where", "条件").of(language)] = condition(rule.applies, words, language)
    if rule.unless is not None:
        found[Words("unless", "除外").of(language)] = condition(rule.unless, words, language)
    return found
