"""Questions as JSON lines: what is read, and what is refused with the way to mend."""

import json

import pytest

from forbear.law.packs import load
from forbear.law.wire import answer, read_question, schema

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
