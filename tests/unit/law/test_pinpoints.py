"""Where in the law something stands, in the language of the reader."""

import re

import pytest

from forbear.law.packs import load
from forbear.law.words import authority

PACKS = load()
VALUES = [(rule, value) for rule in PACKS.rules.values() for value in rule.values]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"(?<![(A-Za-z])[a-z]{2,}(?![)a-z-]*\))")  # "articles", and not "(iii)" or "1681s-2"


def test_no_chinese_pinpoint_has_english_prose_in_it():
    told = [(rule.id, value.pinpoint.zh) for rule, value in VALUES if PROSE.search(value.pinpoint.zh)]
    assert not told


def test_no_english_pinpoint_has_chinese_in_it():
    assert not [(rule.id, value.pinpoint.en) for rule, value in VALUES if CHINESE.search(value.pinpoint.en)]


def test_chinese_law_is_cited_in_chinese():
    """Only the day of an announcement is the same in both languages."""
    told = [
        (rule.id, value.pinpoint.zh)
        for rule, value in VALUES
        if rule.jurisdiction == "cn"
        and not CHINESE.search(value.pinpoint.zh)
        and not re.fullmatch(r"\d{4}-\d\d-\d\d", value.pinpoint.zh)
    ]
    assert not told


@pytest.mark.parametrize("name", ["en", "zh"])
def test_what_reads_as_words_differs_by_language(name):
    """A pinpoint that is the same in both is a number of the law."""
    same = {value.pinpoint.of(name) for _, value in VALUES if value.pinpoint.en == value.pinpoint.zh}
    assert not [text for text in same if PROSE.search(text) or CHINESE.search(text)]


@pytest.mark.parametrize(
    ("rule_id", "english", "chinese"),
    [
        ("cn.npc.civil_code.allocation", "Civil Code, art. 561;", "民法典第561条；"),
        ("cn.nifa.gbt_45251_2025.robot_calls", "GB/T 45251-2025, 5.3.2.1;", "GB/T 45251-2025 第5.3.2.1条；"),
        ("cn.cba.guide_2026.identify", "CBA guide 2026, first contact; article not seen;",
         "中国银行业协会 2026 年催收指引，首次联系；条号未见；"),
        ("cn.cba.guide_2026.related_person", "CBA guide 2026, third persons;", "中国银行业协会 2026 年催收指引，第三人；"),
        ("us.cfpb.reg_f.hours", "12 CFR 1006, 1006.6(b)(1)(i), (b)(4);", "美国《联邦法规》第12编第1006部分，1006.6(b)(1)(i), (b)(4)；"),
    ],
)  # fmt: skip
def test_a_citation_reads_as_the_language_writes_it(rule_id, english, chinese):
    rule = PACKS.rules[rule_id]
    assert authority(rule, rule.values[-1], "en").startswith(english)
    assert authority(rule, rule.values[-1], "zh").startswith(chinese)
