"""`forbear law` as somebody meets it who has never seen the code."""

import datetime as dt
import json
import pathlib

import pytest
from click.testing import CliRunner

from forbear import law
from forbear.cli.main import main

LAW = pathlib.Path(law.__file__).parent


def run(*arguments, **said):
    return CliRunner().invoke(main, ["law", *arguments], **said)


QUESTION = {
    "jurisdictions": ["cn"], "product": "consumer_loan", "role": "original_creditor", "at": "2026-11-20T10:00:00+08:00",
    "act": {"kind": "letter", "channel": "post", "addressee": "debtor"},
}  # fmt: skip


class TestAsk:
    def test_a_robot_may_ring_in_shanghai_at_two_to_ten_for_the_third_time(self):
        done = run(
            "ask", "--in", "cn", "--act", "voice_robot", "--role", "third_party_collector", "--at", "2026-11-20 21:58",
            "--past", "09:00 connected=yes", "--past", "15:00 connected=yes", "--language", "en",
        )  # fmt: skip
        assert done.exit_code == 0
        assert done.output.startswith("ALLOWED")
        assert "2 counted before this one, at most 3 in all" in done.output
        assert "GB/T 45251-2025" in done.output
        assert "since 2025-02-28" in done.output
        assert "confidence" in done.output

    def test_two_minutes_later_it_may_not(self):
        done = run(
            "ask",
            "--in",
            "cn",
            "--act",
            "voice_robot",
            "--role",
            "third_party_collector",
            "--at",
            "2026-11-20 22:00",
            "--language",
            "zh",
        )
        assert done.output.startswith("禁止")
        assert "最早可行时间：2026-11-21 08:00:00" in done.output

    def test_a_text_at_half_past_eight_eastern_reaches_pacific_in_time(self):
        done = run(
            "ask", "--in", "us", "--act", "message", "--role", "third_party_collector", "--at", "2026-11-20 20:30",
            "--zone", "America/New_York", "--zone", "America/Los_Angeles", "--fact", "opt_out_notice=yes",
            "--fact", "collector_disclosure=from_collector", "--language", "en",
        )  # fmt: skip
        assert done.output.startswith(("ALLOWED", "PRESUMED COMPLIANT"))
        assert "20:30:00 America/New_York, 17:30:00 America/Los_Angeles" in done.output

    def test_repayment_is_never_closed(self):
        done = run(
            "ask",
            "--in",
            "cn",
            "--act",
            "restriction",
            "--fact",
            "target=repayment_entry",
            "--language",
            "en",
        )
        assert done.output.startswith("PROHIBITED")
        assert "No rule permits this" in done.output
        assert "Waiting does not make it lawful." in done.output

    def test_who_is_dead_is_not_asked_and_an_heir_only_up_to_the_estate(self):
        asked = (
            "ask",
            "--in",
            "cn",
            "--act",
            "letter",
            "--at",
            "2026-11-20 10:00",
            "--fact",
            "debtor_dead=yes",
        )
        dead = run(*asked, "--language", "zh").output
        assert dead.startswith("禁止")
        assert "不向已死亡的债务人催收" in dead
        assert "可信度低" in dead
        heir = (*asked, "--to", "heir", "--fact", "amount_asked=500000", "--json")
        assert json.loads(run(*heir, "--fact", "inherited=500000").output)["outcome"] == "allowed"
        assert json.loads(run(*heir, "--fact", "inherited=499999").output)["outcome"] == "prohibited"
        assert json.loads(run(*heir).output)["missing"] == ["inherited"]

    def test_both_languages_and_json(self):
        asked = ("ask", "--in", "cn", "--act", "letter", "--at", "2026-11-20 10:00")
        both = run(*asked, "--language", "both").output
        assert "可以" in both
        assert "ALLOWED" in both
        assert json.loads(run(*asked, "--json").output)["outcome"] == "allowed"

    def test_a_sale_after_the_pilot_says_what_has_ended(self):
        asked = ("ask", "--in", "cn", "--act", "sale", "--fact", "lender_type=bank", "--language", "en")
        done = run(*asked, "--at", "2027-01-15")
        assert done.output.startswith("PROHIBITED")
        assert (
            "What permitted it once, and has ended:\n  - Bulk sale of personal non-performing loans"
            in done.output
        )
        assert "until 2027-01-01 (excluded)" in done.output
        assert "has ended" not in run(*asked, "--at", "2026-12-31").output

    def test_a_day_before_the_law_says_what_holds_only_later(self):
        asked = ("ask", "--in", "cn", "--act", "call", "--language", "en")
        told = run(*asked, "--at", "2015-01-01").output
        assert (
            "What permits it only later, or was not known then:\n  - A lender and its agency may ask" in told
        )
        assert "since 2025-02-28" in told
        assert "only later" in run(*asked, "--at", "2026-11-20 10:00", "--known-on", "2010-01-01").output
        assert "only later" not in run(*asked, "--at", "2026-11-20 10:00").output

    def test_where_only_facts_are_missing_it_says_so(self):
        asked = ("ask", "--in", "us", "--act", "message", "--role", "third_party_collector", "--at", "2026-11-20 20:30",
                 "--zone", "America/New_York", "--language", "en")  # fmt: skip
        assert "Nothing else stands against it: say what these are, and ask again." in run(*asked).output
        assert "Nothing else" not in run(*asked, "--fact", "threatens=yes").output

    def test_an_unmet_ground_is_shown_with_what_it_wants(self):
        done = run(
            "ask",
            "--in",
            "cn",
            "--act",
            "restriction",
            "--fact",
            "target=own_credit_line",
            "--language",
            "en",
        )
        assert (
            "What could permit it, and does not:\n  - A lender may suspend its own credit line" in done.output
        )
        told = json.loads(run("ask", "--in", "cn", "--act", "sale", "--at", "2027-01-15", "--json").output)
        assert told["lapsed"] == ["cn.nfra.npl_transfer.sale"]

    def test_who_is_addressed_is_not_the_debtor_where_that_makes_no_sense(self):
        told = json.loads(run("ask", "--in", "cn", "--act", "contact_third_person", "--json").output)
        assert "addressee" in told["missing"]
        told = json.loads(run("ask", "--in", "cn", "--act", "report_to_bureau", "--json").output)
        assert told["unmet"]
        assert "addressee" not in told["missing"]

    def test_the_first_lawful_moment_is_on_the_clock_of_the_place(self):
        done = run(
            "ask", "--in", "us", "--act", "call", "--role", "third_party_collector", "--language", "en",
            "--at", "2026-03-08 01:30-05:00", "--zone", "America/New_York",
        )  # fmt: skip
        assert "First lawful moment: 2026-03-08 08:00:01 (America/New_York)" in done.output

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((), "Say at least --in PLACE and --act ACT"),
            (("--in", "atlantis", "--act", "call"), "no jurisdiction 'atlantis'; there are"),
            (("--in", "cn", "--act", "phone"), "act knows no 'phone'; use one of message, call"),
            (("--in", "cn", "--act", "call", "--at", "noon"), "'noon' is no time; write"),
            (("--in", "cn", "--act", "call", "--fact", "paid"), "'paid' is not NAME=VALUE"),
            (("--in", "cn", "--act", "call", "--fact", "mood=good"), "unknown fact 'mood'"),
            (("--in", "cn", "--act", "call", "--zone", "Mars/Base"), "knows no zone 'Mars/Base'"),
            (("--in", "cn", "--act", "call", "--past", "09:00 lasted=long"), "lasted"),
            (("--in", "cn", "--act", "call", "--past", "connected=yes"), "does not say when; begin with"),
            (
                ("--in", "cn", "--act", "call", "--at", "2026-11-20 08:30", "--past", "21:00"),
                "comes after the act; write its day",
            ),
            (
                ("--in", "us", "--act", "call", "--at", "2026-03-08 02:30", "--zone", "America/New_York"),
                "clocks in America/New_York skip 2026-03-08 02:30:00",
            ),
            (
                ("--in", "cn", "--act", "call", "--at", "9999-12-31 23:59"),
                "out of reach; ask about a moment of",
            ),
            (("--in", "cn", "--act", "call", "--zone", "America"), "knows no zone 'America'"),
            (("--in", "cn", "--act", "call", "--fact", "role=debt_buyer"), "'role' is no fact"),
            (
                ("--in", "cn", "--act", "call", "--fact", "notice_on=20261120"),
                "notice_on: '20261120' is not a date; write it",
            ),
            (
                ("--in", "cn", "--act", "call", "--fact", "amount_asked=12.5"),
                "write whole minor units, 1250 for 12.50",
            ),
            (("--in", "cn", "--act", "call", "--fact", "paid_off="), "'paid_off=' is not NAME=VALUE"),
            (("--in", "cn", "--act", "call", "--fact", "=yes"), "'=yes' is not NAME=VALUE"),
            (
                ("--in", "cn", "--act", "call", "--fact", "paid_off=yes", "--fact", "paid_off=no"),
                "paid_off is said to be yes and no; leave one of the two out",
            ),
            (
                ("--in", "cn", "--act", "call", "--to", "spouse", "--fact", "addressee=debtor"),
                "--to says spouse and --fact addressee=debtor; leave one of the two out",
            ),
            (
                ("--in", "cn", "--act", "call", "--at", "10:00", "--past", "09:00 conversation"),
                "--past '09:00 conversation': '09:00 conversation' is no time",
            ),
            (
                (
                    "--in",
                    "cn",
                    "--act",
                    "call",
                    "--at",
                    "10:00",
                    "--past",
                    "09:00",
                    "--past",
                    "09:30 result=rang",
                ),
                "past contact 2, of",
            ),
            (
                ("--in", "cn", "--act", "call", "--fact", "days_overdue=3"),
                "did you mean amount_overdue or days_past_due?",
            ),
            (("--in", "cn", "--act", "call", "--fact", "days_past_due=1e99999999"), "is a number, not"),
        ],
    )
    def test_what_it_does_not_understand_it_says_with_the_way_to_mend(self, arguments, says):
        done = run("ask", *arguments)
        assert done.exit_code == 2
        assert says in " ".join(done.output.split())


class TestShow:
    def test_one_rule_with_its_source(self):
        done = run("show", "cn.nifa.gbt_45251_2025.quiet_hours", "--language", "en")
        assert "No collection from 22:00 to 08:00" in done.output
        assert "from 08:00 before 22:00" in done.output
        assert "since 2025-02-28; in force; known from 2025-03-13" in done.output

    @pytest.mark.parametrize(
        ("language", "says"),
        [
            ("zh", ["案例", "- 第四次，机构与第三方合计", "所问：2026-11-20 21:58:00；第三方催收机构", "2 次；间隔 1 小时",
                    "结论：禁止；自 2026-11-21 08:00:00 起可以", "未知：过往联系的具体情况"]),
            ("en", ["Cases", "- The fourth, summed over lender and agency", "asked: 2026-11-20 21:58:00; collects for another",
                    "2 times; 1 h apart", "answer: prohibited; lawful from 2026-11-21 08:00:00",
                    "not known: what exactly happened in past contacts"]),
        ],
    )  # fmt: skip
    def test_its_worked_cases_are_told_in_words(self, language, says):
        done = run("show", "cn.nifa.gbt_45251_2025.robot_calls", "--language", language)
        assert [text for text in says if text not in done.output] == []

    @pytest.mark.parametrize(
        "rule", ["cn.npc.civil_code.heir_liability", "cn.npc.civil_procedure.payment_order_objection"]
    )
    def test_so_are_those_of_parameters_and_deadlines(self, rule):
        told = run("show", rule, "--language", "both").output
        assert "结论：" in told
        assert "answer: " in told

    def test_a_part_of_a_name_lists_what_matches(self):
        done = run("show", "quiet_hours")
        assert "cn.nifa.gbt_45251_2025.quiet_hours" in done.output
        assert "cn.cba.guide_2026.quiet_hours" in done.output

    def test_no_such_rule(self):
        done = run("show", "no_such_rule")
        assert done.exit_code == 1
        assert "forbear law show lists all of them" in done.output

    def test_a_name_in_capitals_is_found_and_a_near_one_is_named(self):
        assert "[cn.pbc.lpr.one_year]" in run("show", "CN.PBC.LPR.ONE_YEAR", "--language", "en").output
        assert "forbear law show cn.pbc.lpr.one_year" in run("show", "cn.pbc.lpr.one_yaer").output

    def test_chinese_is_written_as_chinese(self):
        told = run("show", "us.cfpb.reg_f.hours", "--language", "zh").output
        assert "08:00（不含）至 21:00（不含）" in told
        assert "用语：不得、严禁" in told
        assert "- 15 日" in run("show", "payment_order_objection", "--language", "zh").output


class TestJudge:
    def test_a_verdict_for_each_line_and_a_way_to_mend_for_each_bad_one(self):
        lines = "\n".join(
            [
                json.dumps({"id": 7, **QUESTION}),
                "",
                "nonsense",
                json.dumps({**QUESTION, "role": "friend"}),
            ]
        )
        done = run("judge", "-", input=lines)
        assert done.exit_code == 1
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(each["line"], each.get("outcome")) for each in found] == [
            (1, "allowed"),
            (3, None),
            (4, None),
        ]
        assert found[0]["id"] == "7"
        assert "write one object a line" in found[1]["error"]
        assert "role knows no 'friend'; use one of original_creditor" in found[2]["error"]
        assert "line 3: not JSON" in done.stderr

    def test_the_schema_is_printed(self):
        assert json.loads(run("judge", "--schema").output)["title"] == "A question to the gate"

    def test_without_a_file_it_says_what_it_wants(self):
        assert "Name a FILE of JSON lines" in run("judge").output


class TestKeepingUp:
    def test_changes_are_listed_by_day(self):
        assert "2026-09-01" in run("changes", "--since", "2026-08-01", "--until", "2026-12-01").output

    def test_days_without_a_change_are_said_to_be_so_and_days_in_the_wrong_order_refused(self):
        assert (
            "Nothing changes in these days."
            in run("changes", "--since", "2019-01-05", "--until", "2019-01-06", "--language", "en").output
        )
        done = run("changes", "--since", "2026-12-01", "--until", "2026-12-01")
        assert done.exit_code == 2
        assert "--until 2026-12-01 is not after --since 2026-12-01; give a later day" in " ".join(
            done.output.split()
        )
        assert run("changes", "--since", "2030-01-01").exit_code == 0

    def test_how_a_value_is_written_is_told(self):
        assert "yes" in run("words", "conversation", "--language", "en").output
        assert "2026-11-20" in run("words", "notice_on").output
        assert "forbear law words conversation" in run("words", "conversatoin").output

    def test_what_expires_is_listed(self):
        now = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
        told = run("expiring", "--within", "90d", "--language", "en", obj=now, terminal_width=200).output
        assert "cn.nfra.npl_transfer.sale" in told
        assert "us.fcc.consent_rules.revocation_scope" in told
        assert "cn.pbc.lpr.one_year" in told
        assert "2026-03-01" in told  # 40 days after the last announcement that somebody saw
        assert "write 90d" in run("expiring", "--within", "soon").output

    def test_words_are_listed(self):
        assert "voice_robot" in run("words", "act").output
        assert "days_past_due" in run("words").output
        assert run("words", "no_such_word").exit_code == 1

    def test_check_is_the_one_door(self):
        done = run("check", "--only", "us-wv")
        assert done.output.endswith(" cases, 0 problems\n")
        doors = [path.name for path in LAW.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")]
        assert doors == []

    def test_check_reads_a_folder(self, tmp_path):
        (tmp_path / "vocabulary.yaml").write_text("acts: {}\n", encoding="utf-8")
        done = run("check", str(tmp_path))
        assert done.exit_code == 1
        assert "vocabulary.yaml:1: 'fields' is missing" in done.output
