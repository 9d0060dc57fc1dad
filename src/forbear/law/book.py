"""The law book: every rule in Chinese and English, as Markdown pages and as text for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from forbear.law.cases import Ran
from forbear.law.conditions import IS, applies, condition, counted
from forbear.law.schema import MODALITY_WORDS, Outcome, Packs, Rule, Value
from forbear.law.vocabulary import Words
from forbear.law.words import CONFIDENCES, FORCES, OUTCOMES, SEEN, hours, in_force
from forbear.law.worked import came_out, named, told

Ran_of = Mapping[str, Sequence[Ran]]

CHANGES: Final = {
    "begins": Words("begins to hold", "生效"),
    "ends": Words("ends", "失效"),
    "replaced": Words("ends, and another value follows", "失效，由后值接替"),
    "known": Words("became known", "公开"),
    "review": Words("look it up again", "需重新核对"),
}
LENGTHS: Final = {
    "days": Words("days", "日"),
    "business_days": Words("business days", "个工作日"),
    "months": Words("months", "个月"),
    "years": Words("years", "年"),
    "hours": Words("hours", "小时"),
}
EXAMPLES: Final = {  # how a value of a type is written
    "int": Words("a whole number: 31", "整数，如 31"),
    "money": Words("minor units: 120050 is 1,200.50", "最小货币单位，如 120050 即 1,200.50"),
    "rate": Words("a fraction: 0.24 is 24%", "小数，如 0.24 即 24%"),
    "date": Words("a day: 2026-11-20", "日期，如 2026-11-20"),
}
FORMS: Final = {
    "window": Words("hours", "时段"),
    "count": Words("limit of a number of contacts", "次数上限"),
    "spacing": Words("time between contacts", "间隔"),
    "requires": Words("requirement", "要求"),
    "forbids": Words("prohibition", "禁止"),
    "permits": Words("ground", "依据"),
    "presumes": Words("presumption", "推定"),
    "parameter": Words("parameter", "参数"),
    "clock": Words("deadline", "期限"),
}
STATUSES: Final = {
    "in_force": Words("in force", "有效"),
    "draft": Words("draft: decides nothing", "征求意见稿：不参与裁决"),
    "expired": Words("expired", "已失效"),
}
LABELS: Final = {
    "form": Words("form", "形式"),
    "modality": Words("in the words of the law", "用语"),
    "breach": Words("breaking it", "违反后果"),
    "term": Words("term", "术语"),
    "when": Words("condition", "条件"),
    "counts": Words("counts", "计数对象"),
    "since": Words("since", "自上次"),
    "compliance": Words("keeping it", "遵守效果"),
    "starts": Words("starts with", "起算事件"),
    "extensions": Words("longer", "延长"),
    "at_end": Words("at its end", "届满后果"),
    "factors": Words("what can rebut the presumption", "可推翻推定的因素"),
    "unit": Words("unit", "单位"),
    "values": Words("Values", "取值"),
    "cases": Words("Cases", "案例"),
    "verify": Words("to be verified", "待核实"),
}


def rule_text(rule: Rule, packs: Packs, language: str, ran: Sequence[Ran] = ()) -> str:
    """One rule for the terminal, with its worked cases."""
    lines = [rule.title.of(language), f"[{rule.id}]", "", rule.summary.of(language), ""]
    lines += [f"{label}{IS.of(language)}{text}" for label, text in facts(rule, packs, language)]
    for value in rule.values:
        lines += ["", f"- {shown(rule, value, language)}"]
        lines += [f"  {text}" for text in provenance(value, language)]
    if ran:
        lines += ["", LABELS["cases"].of(language)]
    for each in ran:
        first, *others = told(each, packs, language)
        lines += ["", f"- {first}", *(f"  {text}" for text in others)]
    return "\n".join(lines)


def facts(rule: Rule, packs: Packs, language: str) -> Iterator[tuple[str, str]]:
    """What a reader wants to know of a rule, besides title, summary and values: (label, text)."""
    words = packs.vocabulary

    def label(name: str) -> str:
        return LABELS[name].of(language)

    yield label("form"), FORMS[rule.form].of(language)
    yield label("modality"), MODALITY_WORDS[rule.modality].of(language)
    if rule.form not in ("permits", "presumes", "parameter", "clock"):
        yield label("breach"), OUTCOMES[rule.breach].of(language)
    if rule.form == "presumes":
        yield label("breach"), OUTCOMES[rule.details["presumption"]].of(language)
    if rule.term:
        yield label("term"), f"`{rule.term}`"
    yield from applies(rule, words, language).items()
    if rule.when is not None:
        yield label("when"), condition(rule.when, words, language)
    if rule.counter is not None:
        yield label("counts" if rule.form == "count" else "since"), counted(rule.counter, words, language)
    if rule.compliance != Outcome.ALLOWED:
        yield label("compliance"), OUTCOMES[rule.compliance].of(language)
    if rule.form == "parameter":
        yield label("unit"), f"`{rule.unit}`"
    if rule.form == "clock":
        yield label("starts"), f"`{rule.details['starts']}`"
        for each in rule.details["extensions"]:
            yield label("extensions"), f"`{each.length}`: {condition(each.when, words, language)}"
        yield label("at_end"), rule.details["at_end"].of(language)
    for factor in rule.factors:
        yield label("factors"), factor.of(language)


def shown(rule: Rule, value: Value, language: str) -> str:
    """A value as people write it."""
    said = value.value
    if said is None:
        return "in force" if language == "en" else "有效"
    if rule.form == "window":
        return " / ".join(hours(each, english=language == "en") for each in said)
    if rule.form == "clock":
        return _lengths(said, language)
    if isinstance(said, dict):
        return (", " if language == "en" else "、").join(
            f"{name}{IS.of(language)}{text}" for name, text in said.items()
        )
    if isinstance(said, tuple):
        return " → ".join(said)
    unit = f" {rule.unit}" if rule.unit else ""
    return f"{said}{unit}"


def _lengths(said: Mapping[str, str], language: str) -> str:
    """The lengths of a deadline; what is no length of its unit keeps its name."""
    unit = LENGTHS[said["unit"]].of(language)
    parts = [
        f"{number} {unit}" if name == "length" else f"{name}{IS.of(language)}{number} {unit}"
        for name, number in said.items()
        if name != "unit"
    ]
    return (", " if language == "en" else "、").join(parts)


def provenance(value: Value, language: str) -> Iterator[str]:
    """From when, who says so, how strongly and how surely."""
    source = value.source
    parts = [in_force(value, language), STATUSES[value.status].of(language)]
    if value.known_from != value.start:
        parts.append(f"known from {value.known_from}" if language == "en" else f"{value.known_from} 起可知")
    between = "; " if language == "en" else "；"
    yield between.join(parts)
    link = f" <{source.url}>" if source.url else ""
    force, title = FORCES[source.force].of(language), source.title.of(language)
    yield (
        f"{value.cited(language)} ({force}): {title}{link}"
        if language == "en"
        else f"{value.cited(language)}（{force}）：{title}{link}"
    )
    sure = [CONFIDENCES[value.confidence].of(language), SEEN[value.seen].of(language), str(value.reviewed)]
    if value.verify:
        sure.append(LABELS["verify"].of(language))
    yield between.join(sure)
    if value.note is not None:
        yield value.note.of(language)


def pages(packs: Packs, ran: Sequence[Ran]) -> dict[str, str]:
    """The whole book: Markdown by path below docs/lawbook."""
    by_rule: dict[str, list[Ran]] = {}
    for each in ran:
        by_rule.setdefault(each.case.rule.id, []).append(each)
    found = {"index.md": _front(packs)}
    for key in packs.jurisdictions:
        rules = [rule for rule in packs.rules.values() if rule.jurisdiction == key]
        if rules:
            found[f"{key}/index.md"] = _jurisdiction(packs, key, rules)
    for rule in packs.rules.values():
        found[_path(rule)] = rule_page(rule, packs, by_rule.get(rule.id, []))
    return found


def _path(rule: Rule) -> str:
    return f"{rule.jurisdiction}/{rule.id.partition('.')[2]}.md"


def _front(packs: Packs) -> str:
    lines = [
        "# Law book · 法律手册",
        "",
        "Written by `make docs` from the packs: every rule on a page, with its values, sources and worked cases. What an unverified rule says is marked.",
        "",
        "由规则包自动生成：每条规则一页，载明取值沿革、出处、效力、可信度与案例；待核实者有标注。",
        "",
        "| | jurisdiction | 法域 | rules 规则 | to verify 待核实 |",
        "|---|---|---|---:|---:|",
    ]
    for key, place in packs.jurisdictions.items():
        rules = [rule for rule in packs.rules.values() if rule.jurisdiction == key]
        unsure = sum(any(value.verify for value in rule.values) for rule in rules)
        name = f"[{key}]({key}/index.md)" if rules else key
        lines.append(f"| {name} | {place.name.en} | {place.name.zh} | {len(rules)} | {unsure} |")
    return "\n".join([*lines, ""])


def _jurisdiction(packs: Packs, key: str, rules: Sequence[Rule]) -> str:
    place = packs.jurisdictions[key]
    lines = [f"# {place.name.en} · {place.name.zh}", "", "[Law book · 法律手册](../index.md)", ""]
    instruments: dict[str, list[Rule]] = {}
    for rule in rules:
        instruments.setdefault(rule.id.rpartition(".")[0], []).append(rule)
    for name, own in instruments.items():
        sources = {value.source.key: value.source for rule in own for value in rule.values}
        titles = "; ".join(f"{each.title.zh} · {each.title.en}" for each in sources.values())
        lines += [f"## {name}", "", titles, "", "| rule | 规则 | form |", "|---|---|---|"]
        for rule in own:
            file = _path(rule).rpartition("/")[2]
            lines.append(
                f"| [{_cell(rule.title.en)}]({file}) | {_cell(rule.title.zh)} | {FORMS[rule.form].en} |"
            )
        lines.append("")
    return "\n".join(lines)


def rule_page(rule: Rule, packs: Packs, ran: Sequence[Ran]) -> str:
    """One rule in both languages."""
    lines = [f"# {rule.title.zh} · {rule.title.en}", "", f"`{rule.id}` · [{rule.jurisdiction}](index.md)", ""]
    for language, heading in (("zh", "## 中文"), ("en", "## English")):
        lines += [heading, "", rule.summary.of(language), ""]
        lines += [f"- {label}{IS.of(language)}{text}" for label, text in facts(rule, packs, language)]
        lines += ["", f"{LABELS['values'].of(language)}{IS.of(language).strip()}", ""]
        for value in rule.values:
            lines.append(f"- **{shown(rule, value, language)}**")
            lines += [f"    - {text}" for text in provenance(value, language)]
        lines.append("")
    if ran:
        lines += ["## Cases · 案例", "", "| case | 案例 | outcome | 结论 |", "|---|---|---|---|"]
    for each in ran:
        cells = [named(each.case, "en"), named(each.case, "zh")]
        cells += [came_out(each, packs, "en"), came_out(each, packs, "zh")]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    if ran:
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
