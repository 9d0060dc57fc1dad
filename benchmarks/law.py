"""The gate: loading the packs, one verdict, and the evening plan of a large lender."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import side_by_side
from forbear.law.act import Act, Contact
from forbear.law.batch import Acts, Histories, contact_matrix, judge_batch
from forbear.law.gate import judge
from forbear.law.packs import load, load_packs, packaged
from forbear.law.record import EPOCH
from forbear.law.resolver import RuleSet, resolve
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints

ON = dt.date(2026, 11, 20)
MAX_CONTACTS = 30
PLANS = {
    "cn": ("third_party_collector", "consumer_loan", ("Asia/Shanghai",)),
    "us": (
        "third_party_collector",
        "credit_card",
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    ),
}
KINDS = ("message", "call", "voice_robot", "letter", "visit")
CHANNELS = {
    "message": "sms",
    "call": "mobile",
    "voice_robot": "mobile",
    "letter": "post",
    "visit": "in_person",
}
SHARES = (0.4, 0.25, 0.25, 0.08, 0.02)
RESULTS = ("no_answer", "busy", "rejected", "voicemail", "answered", "delivered")


@dataclass(frozen=True)
class Plan:
    """Acts of one evening, with the contacts of the four weeks before and what is known."""

    rules: RuleSet
    acts: Acts
    histories: Histories
    facts: dict[str, Ints | int]
    fields: dict[str, Ints]
    contacts_at: Ints


def evening_plan(place: str, count: int, seed: int = 7) -> Plan:
    """A plan for `count` debtors between 17:00 and 23:00 local time, drawn with a seed."""
    role, product, zone_names = PLANS[place]
    rules = resolve(load(), jurisdictions=[place], product=product, role=role, on=ON)
    words, draw = rules.packs.vocabulary, np.random.default_rng(seed)
    kinds = np.array([words.columns["act"].parse(kind) for kind in KINDS])
    channels = np.array([words.columns["channel"].parse(CHANNELS[kind]) for kind in KINDS])
    picked = draw.choice(len(KINDS), size=count, p=SHARES)
    zone = draw.integers(0, len(zone_names), count)
    noon = int(dt.datetime(ON.year, ON.month, ON.day, 9 if place == "cn" else 22, tzinfo=dt.UTC).timestamp())
    at = noon + draw.integers(0, 6 * 3600, count)
    size = draw.integers(0, MAX_CONTACTS + 1, count)
    start = np.concatenate([[0], np.cumsum(size)])
    total = int(start[-1])
    owner = np.repeat(np.arange(count), size)
    contacts_at = at[owner] - draw.integers(1, 28 * 86_400, total)
    order = np.lexsort((contacts_at, owner))
    contacts_at = contacts_at[order]
    past = draw.choice(len(KINDS), size=total, p=SHARES)
    answered = words.history["result"].parse("answered")
    result = np.array([words.history["result"].parse(each) for each in RESULTS])[
        draw.integers(0, len(RESULTS), total)
    ]
    fields: dict[str, Ints] = {
        "kind": np.array([words.history["kind"].parse(kind) for kind in KINDS])[past],
        "sender": draw.integers(0, 2, total),
        "result": result,
        "connected": (result >= answered).astype(np.int64),
        "conversation": ((result == answered) & (draw.random(total) < 0.3)).astype(np.int64),
    }
    matrix = contact_matrix(words, contacts_at, fields, debt=owner, person=owner, point=owner)
    people = np.arange(count, dtype=np.int64)
    acts = Acts(
        at=at, kind=kinds[picked], debt=people, person=people, point=people,
        zones=zone[:, None], zone_names=zone_names,
    )  # fmt: skip
    return Plan(
        rules, acts, Histories(start, matrix), _facts(rules, channels[picked], draw), fields, contacts_at
    )


def _facts(rules: RuleSet, channels: Ints, draw: np.random.Generator) -> dict[str, Ints | int]:
    columns = rules.packs.vocabulary.columns
    count = len(channels)
    rare = {
        name: (draw.random(count) < 0.02).astype(np.int64)
        for name in ("asked_to_cease", "represented", "disputed")
    }
    usual = {
        name: np.where(draw.random(count) < 0.97, 1 - bad, UNKNOWN)
        for name, bad in (
            ("identifies_sender", 0),
            ("opt_out_notice", 0),
            ("autodial_consent", 0),
            ("agency_listed", 0),
        )
    }
    return {
        "channel": channels,
        "addressee": columns["addressee"].parse("debtor"),
        "collector_disclosure": columns["collector_disclosure"].parse("from_collector"),
        "lender_type": columns["lender_type"].parse("bank"),
        "days_past_due": draw.integers(1, 180, count),
        **rare,
        **usual,
    }


def one_of(plan: Plan, index: int) -> tuple[Act, list[Contact], dict[str, Any], dt.datetime]:
    """One act of a plan as `judge` takes it."""
    words = plan.rules.packs.vocabulary
    moment = EPOCH + dt.timedelta(seconds=int(plan.acts.at[index]))
    facts = {
        name: words.columns[name].text(int(value if isinstance(value, int) else value[index]))
        for name, value in plan.facts.items()
    }
    known = {name: word for name, word in facts.items() if word != "unknown"}
    act = Act(
        kind=words.columns["act"].text(int(plan.acts.kind[index])),
        debt="debt", person="debtor", contact_point="point",
        zones=(plan.acts.zone_names[int(plan.acts.zones[index, 0])],),
    )  # fmt: skip
    history = [
        Contact(
            EPOCH + dt.timedelta(seconds=int(plan.contacts_at[row])),
            words.history["kind"].text(int(plan.fields["kind"][row])),
            {name: words.history[name].text(int(values[row])) for name, values in plan.fields.items() if name != "kind"},
            "debt", "debtor", "point",
        )
        for row in range(int(plan.histories.start[index]), int(plan.histories.start[index + 1]))
    ]  # fmt: skip
    return act, history, known, moment


def measure(count: int = 1_000_000, rounds: int = 3) -> dict[str, Any]:
    """Seconds: loading all packs anew, one verdict, and the evening plan of each place; each the best of some rounds."""
    found: dict[str, Any] = {
        "rules": len(load().rules),
        "load": _run("load", lambda: load_packs(packaged()), rounds),
        "plans": {},
    }
    for place in PLANS:
        plan = evening_plan(place, count)
        asked = [one_of(plan, index) for index in range(200)]
        many = _run(
            place, lambda plan=plan: judge_batch(plan.acts, plan.histories, plan.facts, plan.rules), rounds
        )
        one = _run(
            place,
            lambda asked=asked, plan=plan: [judge(*each[:3], plan.rules, each[3]) for each in asked],
            rounds,
        )
        found["plans"][place] = {
            "acts": count,
            "contacts": len(plan.contacts_at),
            "rules": len(plan.rules.gate),
            "batch": many,
            "one": {**one, "seconds": one["seconds"] / len(asked)},
        }
    return found


def _run(name: str, action: Callable[[], Any], rounds: int) -> dict[str, Any]:
    """The clock where a round was quiet, else CPU seconds; and whether it was."""
    action()
    result = side_by_side({name: lambda: action}, rounds=rounds)[name]
    return {"seconds": result.seconds, "best": result.best, "quiet": result.quiet}


if __name__ == "__main__":
    import json

    print(json.dumps(measure(), indent=2))
