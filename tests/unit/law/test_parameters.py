"""Numbers, tables and orders of the law, resolved to be handed to those who compute with them."""

import datetime as dt
from decimal import Decimal

import pytest

from forbear.law.packs import load
from forbear.law.parameters import parameter, step, value_of
from forbear.law.resolver import resolve
from tests.unit.law.pack import pack

CAP = """form: parameter
modality: must_not
term: cap
unit: fraction_per_year
kind: number
stricter: {stricter}
applies: {{lender_type: [{lender}]}}
values: [{{from: 2020-01-01, confidence: high, source: act, pinpoint: "1", value: "{value}"}}]
"""


def ask(packs, term="cap", **facts):
    rules = resolve(
        packs, jurisdictions=["xx"], product="consumer_loan", role="servicer", on=dt.date(2026, 11, 20)
    )
    return parameter(rules, term, facts)


class TestWhichOneBinds:
    def test_the_lower_cap_is_the_stricter(self):
        packs = pack(
            one=CAP.format(stricter="lower", lender="bank", value="0.36"),
            two=CAP.format(stricter="lower", lender="bank", value="0.24"),
        )
        assert ask(packs, lender_type="bank").content == Decimal("0.24")

    def test_what_does_not_apply_does_not_bind(self):
        packs = pack(one=CAP.format(stricter="lower", lender="bank", value="0.24"))
        assert ask(packs, lender_type="private_lender") is None

    def test_where_it_cannot_be_told_it_counts(self):
        packs = pack(one=CAP.format(stricter="lower", lender="bank", value="0.24"))
        assert ask(packs).content == Decimal("0.24")

    def test_two_of_which_none_says_which_is_stricter_are_an_error(self):
        packs = pack(
            one=CAP.format(stricter="only", lender="bank", value="0.36"),
            two=CAP.format(stricter="only", lender="bank", value="0.24"),
        )
        with pytest.raises(
            ValueError,
            match=r"say in each file whether the lower or the higher is stricter: xx/a/b/one\.yaml, ",
        ):
            ask(packs, lender_type="bank")

    def test_a_missing_fact_that_would_decide_is_named_with_its_words(self):
        packs = pack(
            one=CAP.format(stricter="only", lender="bank", value="0.36"),
            two=CAP.format(stricter="only", lender="private_lender", value="0.24"),
        )
        with pytest.raises(ValueError, match="may all apply as 'cap'") as caught:
            ask(packs)
        assert str(caught.value) == (
            "xx.a.b.one, xx.a.b.two may all apply as 'cap' on 2026-11-20 in xx, as nobody said lender_type; give it. "
            "lender_type (kind of lender): " + ", ".join(packs.vocabulary.columns["lender_type"].choices)
        )
        assert ask(packs, lender_type="bank").content == Decimal("0.36")


class TestPacked:
    def test_four_times_the_rate_of_the_day(self):
        packs = load()
        day = dt.date(2025, 5, 19)
        products = [
            rule
            for rule in packs.rules.values()
            if rule.form == "parameter" and rule.details["kind"] == "product"
        ]
        assert products
        for rule in products:
            if rule.value_on(day, dt.date(2026, 11, 21)) is None:
                continue
            found = value_of(packs, rule, on=day, known_on=dt.date(2026, 11, 21))
            factor = value_of(
                packs, packs.rules[found.value.value["of"]], on=day, known_on=dt.date(2026, 11, 21)
            )
            assert found.content == Decimal(found.value.value["times"]) * factor.content

    @pytest.mark.parametrize(
        ("days", "name"),
        [
            (0, None),
            (1, "special_mention"),
            (90, "special_mention"),
            (91, "substandard"),
            (271, "doubtful"),
            (361, "loss"),
        ],
    )
    def test_the_class_of_a_bank_loan_follows_from_its_days_past_due(self, days, name):
        rules = resolve(
            load(),
            jurisdictions=["cn"],
            product="consumer_loan",
            role="original_creditor",
            on=dt.date(2026, 11, 20),
        )
        table = parameter(rules, "classification_by_days", {"lender_type": "bank"})
        assert step(table.content, days) == name

    def test_before_its_first_day_it_says_nothing(self):
        packs = load()
        rule = packs.rules["cn.pbc.lpr.one_year"]
        with pytest.raises(
            LookupError,
            match=r"says nothing for 2000-01-01 .*; ask for a day on which it holds, from 2019-08-20 ",
        ):
            value_of(packs, rule, on=dt.date(2000, 1, 1), known_on=dt.date(2026, 1, 1))
