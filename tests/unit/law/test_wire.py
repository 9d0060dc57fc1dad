"""Questions as JSON lines: what is read, and what is refused with the way to mend."""

import json

import pytest

from forbear.law.packs import load
from forbear.law.wire import answer, line_text, read_question, schema

GOOD = {
    "id": "a-1",
    "jurisdictions": ["cn"],
    "product": "consumer_loan",
    "role": "original_creditor",
    "at": "2026-11-20T10:00:00+08:00",
    "act": {"kind": "letter", "channel": "post", "addressee": "debtor", "debt": "L1", "person": "B1"},
    "facts": {"paid_off": False, "days_past_due": 12},
    "history": [{"at": "2026-11-01T10:00:00+08:00", "kind": "letter", "debt": "L1", "person": "B1"}],
}


def line(**changed):
    return json.dumps({**GOOD, **changed})


class TestReading:
    def test_a_whole_question_is_answered(self):
        verdict = answer(read_question(line()), load())
        assert verdict.act.kind == "letter"
        assert verdict.rules.on.isoformat() == "2026-11-20"

    def test_the_law_is_that_of_the_local_day(self):
        late = read_question(line(at="2026-11-19T23:30:00+00:00"))
        assert answer(late, load()).rules.on.isoformat() == "2026-11-20"

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"at": "2026-11-20T10:00:00"}, "does not say in which zone; add an offset"),
            ({"at": "soon"}, "no moment; write 2026-11-20T21:58:00"),
            ({"act": "letter"}, "act is 'letter'; write an object"),
            ({"act": {}}, "act.kind is None; write a text"),
            ({"jurisdictions": "cn"}, "jurisdictions is 'cn'; write a list of texts"),
            ({"mood": "good"}, "the line has an unknown key 'mood'; use id"),
            (
                {"history": [{"at": GOOD["at"], "kind": "letter", "lasted": -1}]},
                "history[0].lasted is -1; write whole seconds",
            ),
            ({"history": ["letter"]}, "history[0] is 'letter'; write an object"),
            ({"known_on": "2026-02-30"}, "'2026-02-30' is not a date; write it as"),
        ],
    )
    def test_what_is_wrong_is_told_with_the_way_to_mend(self, changed, says):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is what is tested
            read_question(line(**changed))
        assert says in str(caught.value)

    def test_a_fraction_is_refused(self):
        with pytest.raises(ValueError, match="has a fraction; write it as text"):
            read_question(line().replace("12}", "12.5}"))

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (line()[:-1] + ', "role": "debt_buyer"}', "the key 'role' is given twice; remove one"),
            ("[" * 100_000, "too many brackets; write one object a line"),
            (line(history=5), "history is 5; write a list"),
            (line(history=False), "history is False; write a list"),
            (line(facts=[]), "facts is []; write an object"),
            (line(facts={"paid_off": ["no"]}), "facts.paid_off is ['no']; write a single value"),
            (line(known_on=20260101), "known_on is 20260101; write a text"),
            (line(id=[1]), "id is [1]; write a text or a whole number"),
            (line(id="\ud800"), "half a character in it"),
            (line().replace("12}", "NaN}"), "the number NaN"),
            (line().replace("12}", "9" * 30 + "}"), "has 30 digits; write at most 18"),
            (
                line(history=[{"at": GOOD["at"], "kind": "letter", "connected": ["yes"]}]),
                "history[0].connected is ['yes']; write a single value",
            ),
        ],
    )
    def test_what_is_malformed_is_told_with_the_way_to_mend(self, text, says):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  the message is what is tested
            read_question(text)
        assert says in str(caught.value)

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"facts": {"threatens": 7}}, "threatens is a bool, not 7"),
            ({"facts": {"days_past_due": True}}, "days_past_due is a int, not True"),
            ({"facts": {"days_past_due": "1e5"}}, "days_past_due is a number, not '1e5'"),
            ({"facts": {"days_past_due": "１２"}}, "days_past_due is a number, not"),
            ({"facts": {"annual_cost": 1}}, "annual_cost is a rate, not 1"),
            ({"facts": {"annual_cost": "0.2400001"}}, "annual_cost cannot hold '0.2400001'"),
            ({"facts": {"role": "debt_buyer"}}, "'role' is no fact"),
            ({"act": {"kind": "call", "product": "mortgage"}}, "'product' is no fact"),
            ({"history": [{"at": GOOD["at"], "kind": "call", "connected": 5}]}, "connected is a bool, not 5"),
            ({"act": {"kind": "call", "zones": ["America"]}}, "knows no zone 'America'"),
            ({"at": "0001-01-01T00:00:00+14:00"}, "is out of reach; ask about a moment of 2010 to 2069"),
            ({"at": "9999-12-31T23:59:59-10:00"}, "is out of reach"),
        ],
    )
    def test_a_word_of_another_type_never_counts_as_an_answer(self, changed, says):
        with pytest.raises((ValueError, LookupError)) as caught:
            answer(read_question(line(**changed)), load())
        assert says in str(caught.value)

    def test_a_rate_is_a_fraction_in_text(self):
        column = load().vocabulary.columns["annual_cost"]
        assert column.parse("0.24") == 240_000
        assert column.parse("-1") == -1_000_000
        assert column.text(240_000) == "0.24"

    def test_a_line_that_is_no_text_is_refused(self):
        assert line_text(b"\xef\xbb\xbf{}") == "{}"
        with pytest.raises(ValueError, match="byte 3 of the line is not UTF-8; save the file as UTF-8"):
            line_text(b'{"\xff')

    def test_no_json_is_refused(self):
        with pytest.raises(ValueError, match=r"not JSON: .* write one object a line"):
            read_question("letter")

    def test_something_missing_is_refused(self):
        with pytest.raises(ValueError, match="'role' is missing"):
            read_question(json.dumps({key: value for key, value in GOOD.items() if key != "role"}))


class TestSchema:
    def test_it_names_every_word(self):
        packs = load()
        told = schema(packs.vocabulary)
        properties = told["properties"]
        assert properties["act"]["properties"]["kind"]["enum"] == list(packs.vocabulary.acts)
        named = {
            *properties["act"]["properties"],
            *properties["facts"]["properties"],
            "role",
            "product",
            "act",
        }
        assert set(packs.vocabulary.columns) <= named
        assert set(packs.vocabulary.history) <= set(properties["history"]["items"]["properties"])
