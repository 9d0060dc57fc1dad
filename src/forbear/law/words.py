"""A verdict in words, for a compliance officer, a borrower and a judge; in Chinese and English."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from forbear.law.conditions import IS
from forbear.law.gate import Finding, Verdict
from forbear.law.measured import Measured, measure
from forbear.law.schema import MODALITY_WORDS, Outcome, Rule, Value
from forbear.law.vocabulary import Column, Vocabulary, Words

OUTCOMES: Final = {
    Outcome.ALLOWED: Words("ALLOWED", "可以"),
    Outcome.PRESUMED_COMPLIANT: Words(
        "PRESUMED COMPLIANT: allowed, and a presumption speaks for it", "推定合规：可以，且有推定支持"
    ),
    Outcome.PRESUMED_VIOLATION: Words(
        "PRESUMED VIOLATION: only with reasons that rebut the presumption, on record",
        "推定违规：除非有足以推翻推定并留有记录的理由",
    ),
    Outcome.PROHIBITED: Words("PROHIBITED", "禁止"),
}
FORCES: Final = {
    "law": Words("statute", "法律、司法解释"),
    "regulation": Words("regulation", "行政法规、部门规章"),
    "standard": Words("recommended national standard", "推荐性国家标准"),
    "self_regulation": Words("self-regulation of an industry association", "行业自律规范"),
    "guidance": Words("guidance of an authority", "监管指导"),
    "draft": Words("draft, not in force", "征求意见稿，尚未生效"),
}
CONFIDENCES: Final = {
    "high": Words("high confidence", "可信度高"),
    "medium": Words("medium confidence", "可信度中"),
    "low": Words("low confidence", "可信度低"),
}
SEEN: Final = {
    "text": Words("the text itself was read", "已读原文"),
    "quoted": Words("read as quoted by others", "见于他人引用"),
    "recalled": Words("recalled, not yet checked", "凭记忆，待核对"),
}
ENDS: Final = {"included": "含", "excluded": "不含"}
WEEKDAYS: Final = {
    "mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五", "sat": "周六", "sun": "周日",
}  # fmt: skip
YES_NO: Final = {"yes": Words("yes", "是"), "no": Words("no", "否"), "unknown": Words("not known", "未知")}
MEASURING: Final = ("window", "count", "spacing")
HEADS: Final = {
    "against": Words("Against it", "反对的规则"),
    "for": Words("For it", "支持的规则"),
    "unmet": Words("What could permit it, and does not", "可作依据但条件未满足的规则"),
    "lapsed": Words("What permitted it once, and has ended", "曾为依据但已失效的规则"),
    "coming": Words("What permits it only later, or was not known then", "该日尚未生效或尚未可知的依据"),
    "kept": Words("Looked at and kept", "已核对且符合的规则"),
    "others": Words("Also looked at and kept", "其他已核对且符合的规则"),
    "drafts": Words("Drafts that would stand against it", "尚未生效、若生效将构成障碍的规则"),
    "missing": Words("Not known, so the careful answer was taken", "以下事实未知，已从严处理"),
    "only_missing": Words(
        "Nothing else stands against it: say what these are, and ask again.",
        "除此之外别无障碍：请补充上述事实后再问。",
    ),
    "no_ground": Words(
        "No rule permits this: what has no ground in law is not done (default deny).",
        "没有任何规则允许这样做：没有依据的行为一律不做（默认禁止）。",
    ),
    "never": Words("Waiting does not make it lawful.", "等待不能使其合法。"),
    "earliest": Words("First lawful moment", "最早可行时间"),
    "zones": Words("the time zone in which the debtor is", "债务人所在时区"),
    "history": Words("what exactly happened in past contacts", "过往联系的具体情况"),
}


def explain(verdict: Verdict, language: str = "en", *, full: bool = False) -> str:
    """The verdict as a short text: the answer, the rules for and against it with what they found, what is missing, and when
    it becomes lawful. `language` is "en" or "zh"; `full` tells all that was looked at and kept in detail.
    """
    return "\n".join(_lines(verdict, language, full=full))


def _lines(verdict: Verdict, language: str, *, full: bool) -> Iterator[str]:
    yield OUTCOMES[verdict.outcome].of(language)
    if not verdict.grounded:
        yield HEADS["no_ground"].of(language)
    kept = [each for each in verdict.findings if each.effect in ("held", "presumed")]
    if not verdict.broken:
        kept = [each for each in kept if each not in verdict.deciding]
    detailed = [each for each in kept if full or each.standing.rule.form in MEASURING]
    yield from _section("against", verdict.broken, verdict, language)
    yield from _section("for", () if verdict.broken else verdict.deciding, verdict, language)
    yield from _section("unmet", verdict.unmet, verdict, language)
    for head, others in (("lapsed", verdict.lapsed), ("coming", verdict.coming)):
        yield from _head(head, language) if others else ()
        for rule, value in others:
            yield f"  - {rule.title.of(language)}"
            yield f"    {authority(rule, value, language)}"
            yield f"    [{rule.id}]"
    yield from _section("kept", detailed, verdict, language)
    besides = [each.standing.rule for each in kept if each not in detailed]
    if besides:
        yield from _head("others", language)
        yield from (f"  - {rule.title.of(language)} [{rule.id}]" for rule in besides)
    yield from _section("drafts", verdict.drafts, verdict, language)
    if verdict.missing:
        yield from _head("missing", language)
        yield from (
            f"  - {name}{IS.of(language)}{meaning_of(verdict, name).of(language)}" for name in verdict.missing
        )
        if _only_missing(verdict):
            yield f"  {HEADS['only_missing'].of(language)}"
    if verdict.outcome >= Outcome.PRESUMED_VIOLATION:
        yield ""
        if verdict.earliest is None:
            yield HEADS["never"].of(language)
        else:
            yield f"{HEADS['earliest'].of(language)}{IS.of(language)}{_moment(verdict.earliest)}"


def _only_missing(verdict: Verdict) -> bool:
    """Whether what is not known is all that stands against it."""
    grounded = verdict.grounded or any(each.unsure for each in verdict.unmet)
    refused = verdict.outcome >= Outcome.PRESUMED_VIOLATION
    return refused and grounded and all(each.unsure for each in verdict.broken)


def _head(head: str, language: str) -> Iterator[str]:
    yield ""
    yield HEADS[head].of(language) + (":" if language == "en" else "：")


def _section(head: str, findings: Sequence[Finding], verdict: Verdict, language: str) -> Iterator[str]:
    if findings:
        yield from _head(head, language)
    for each in findings:
        yield from _finding(verdict, each, language, brief=head == "kept")


def meaning_of(verdict: Verdict, name: str) -> Words:
    """What a missing fact is about."""
    columns = verdict.rules.packs.vocabulary.columns
    return columns[name].words if name in columns else HEADS[name]


def _finding(verdict: Verdict, finding: Finding, language: str, *, brief: bool) -> Iterator[str]:
    rule, value = finding.standing.rule, finding.standing.value
    yield f"  - {rule.title.of(language)}"
    told = tell(measure(verdict, finding), finding, language, verdict.rules.packs.vocabulary)
    if told:
        yield f"    {told}"
    if not brief:
        yield f"    {rule.summary.of(language)}"
    yield f"    {authority(rule, value, language)}"
    if finding.outcome in (Outcome.PRESUMED_COMPLIANT, Outcome.PRESUMED_VIOLATION) and rule.factors:
        head = "What can rebut the presumption" if language == "en" else "可推翻推定的因素"
        factors = ("; " if language == "en" else "；").join(factor.of(language) for factor in rule.factors)
        yield f"    {head}{IS.of(language)}{factors}"
    if value.note is not None:
        yield f"    {value.note.of(language)}"
    yield f"    [{rule.id}]"


def authority(rule: Rule, value: Value, language: str) -> str:
    """Who says so, how strongly, since when, and how sure we are."""
    source = value.source
    parts = [
        value.cited(language),
        FORCES[source.force].of(language),
        f"“{MODALITY_WORDS[rule.modality].of(language)}”",
        in_force(value, language),
        surely(value, language),
    ]
    if value.verify:
        parts.append("to be verified" if language == "en" else "待核实")
    return "; ".join(parts) if language == "en" else "；".join(parts)


def surely(value: Value, language: str) -> str:
    """How sure a value is, and how it was seen."""
    sure, seen = CONFIDENCES[value.confidence].of(language), SEEN[value.seen].of(language)
    return f"{sure} ({seen})" if language == "en" else f"{sure}（{seen}）"


def in_force(value: Value, language: str) -> str:
    """From when until when."""
    if language == "zh":
        return f"自 {value.start} 起" + (f"，至 {value.until}（不含）" if value.until else "")
    return f"since {value.start}" + (f" until {value.until} (excluded)" if value.until else "")


def tell(found: Measured, finding: Finding, language: str, words: Vocabulary) -> str:
    """What the rule found, in one line; empty where there is nothing to add."""
    parts = []
    english = language == "en"
    doubt = (
        f" ({found.perhaps} of them not known for sure)"
        if english
        else f"（其中 {found.perhaps} 次不能确定）"
    )
    doubt = doubt if found.perhaps and finding.unsure else ""
    if finding.standing.rule.form == "spacing" and doubt:
        doubt = " (not known for sure)" if english else "（不能确定）"
    if found.clocks:
        clocks = (", " if english else "、").join(f"{at:%H:%M:%S} {name}" for name, at in found.clocks)
        openings = " / ".join(hours(each, english=english) for each in finding.standing.value.value)
        parts.append(
            f"local time {clocks}; open {openings}" if english else f"当地时间 {clocks}；允许时段 {openings}"
        )
    elif finding.standing.rule.form == "count":
        parts.append(
            f"{found.counted} counted before this one{doubt}, at most {found.limit} in all"
            if english
            else f"此前已计 {found.counted} 次{doubt}，合计最多 {found.limit} 次"
        )
    elif finding.standing.rule.form == "spacing":
        unit = finding.standing.rule.unit or "days"
        last = f"{found.last:%Y-%m-%d %H:%M}" if found.last else ("none" if english else "无")
        zh = {"days": "日", "hours": "小时"}[unit]
        parts.append(
            f"the last one: {last}{doubt}; at least {found.limit} {unit} apart"
            if english
            else f"上一次：{last}{doubt}；间隔至少 {found.limit} {zh}"
        )
    if found.facts:
        columns = words.columns
        parts += [
            f"{columns[name].words.of(language)}{IS.of(language)}{_word(columns[name], word, language)}"
            for name, word in found.facts
        ]
    return ("; " if english else "；").join(parts)


def _word(column: Column, word: str, language: str) -> str:
    if word in column.choices:
        return column.choices[word].of(language)
    return YES_NO[word].of(language) if word in YES_NO else word


def hours(opening: dict[str, Any], *, english: bool) -> str:
    """A stretch of the day, with its ends."""
    first, last = (f"{opening[key] // 3600:02}:{opening[key] % 3600 // 60:02}" for key in ("opens", "closes"))
    within = [day for day in opening["days"] if len(opening["days"]) < 7]
    if english:
        begin = "from" if opening["opens_at"] == "included" else "after"
        end = "to" if opening["closes_at"] == "included" else "before"
        return f"{begin} {first} {end} {last}{' ' if within else ''}{','.join(within)}"
    left, right = (ENDS[opening[key]] for key in ("opens_at", "closes_at"))
    days = f"{'、'.join(WEEKDAYS[day] for day in within)} " if within else ""
    return f"{days}{first}（{left}）至 {last}（{right}）"


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} ({at.tzinfo})"


def as_data(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data, for JSON. `docs/reference/law-judge.md` describes it."""
    return {
        "outcome": verdict.outcome.name.lower(),
        "at": verdict.at.isoformat(),
        "earliest": verdict.earliest.isoformat() if verdict.earliest else None,
        "grounded": verdict.grounded,
        "deciding": [_data(verdict, each) for each in verdict.deciding],
        "kept": [each.standing.rule.id for each in verdict.findings if each.effect == "held"],
        "unmet": [each.standing.rule.id for each in verdict.unmet],
        "lapsed": [rule.id for rule, _ in verdict.lapsed],
        "coming": [rule.id for rule, _ in verdict.coming],
        "drafts": [_data(verdict, each) for each in verdict.drafts],
        "missing": list(verdict.missing),
        "jurisdictions": list(verdict.rules.jurisdictions),
        "law_on": verdict.rules.on.isoformat(),
        "known_on": verdict.rules.known_on.isoformat(),
        "packs": verdict.rules.packs.digest,
    }


def _data(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    rule, value = finding.standing.rule, finding.standing.value
    found = measure(verdict, finding)
    return {
        "rule": rule.id,
        "effect": finding.effect,
        "outcome": finding.outcome.name.lower(),
        "careful": finding.unsure,
        "title": {"en": rule.title.en, "zh": rule.title.zh},
        "cite": {"en": value.source.cite.en, "zh": value.source.cite.zh},
        "pinpoint": {"en": value.pinpoint.en, "zh": value.pinpoint.zh},
        "force": value.source.force,
        "modality": rule.modality,
        "status": value.status,
        "confidence": value.confidence,
        "seen": value.seen,
        "verify": value.verify,
        "from": value.start.isoformat(),
        "until": value.until.isoformat() if value.until else None,
        "known_from": value.known_from.isoformat(),
        "value": value.value,
        "counted": found.counted,
        "last": found.last.isoformat() if found.last else None,
        "facts": dict(found.facts),
        "factors": [{"en": factor.en, "zh": factor.zh} for factor in rule.factors],
    }
