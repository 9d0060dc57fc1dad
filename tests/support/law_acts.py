"""Random acts as arrays, each with contacts and facts, and the same ones as the gate takes them one by one."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from forbear.law.act import Act, Contact
from forbear.law.batch import Acts, Histories, contact_matrix
from forbear.law.contacts import NOBODY
from forbear.law.record import EPOCH
from forbear.law.vocabulary import UNKNOWN

MOST_CONTACTS = 24
SPANS = (1, 3, 6, 12)  # days over which the contacts of an act lie
SAME_KIND = 0.7  # share of contacts that are of the act's own kind

# What the fields of a contact are drawn from; None is unknown.
CONTACTS = {
    "sender": ("lender", "agency", "debtor", None),
    "result": ("no_answer", "busy", "not_in_service", "answered", "dropped", "met", None, None),
    "connected": ("yes", "no", None),
    "conversation": ("yes", "no", None, None),
    "misdirected": ("no", "no", "no", "yes"),
    "consent": ("no",) * 9 + ("yes",),
    "consent_withdrawn": ("no",) * 19 + ("yes",),
    "shared": ("no",) * 9 + ("yes",),
    "addressee": ("debtor", "debtor", "unrelated_person", "attorney", None),
    "channel": ("mobile", "mobile", "sms", None),
    "purpose": ("collection", "collection", "locate", None),
}


@dataclass
class Drawn:
    """What was drawn. `facts` and `fields` hold numbers of the vocabulary's columns, by name."""

    words: object
    acts: Acts
    histories: Histories
    facts: dict
    fields: dict
    contacts: dict
    owner: np.ndarray

    def one(self, index):
        """(act, contacts, facts, moment) of one act, in words."""
        columns = self.words.columns
        known = {name: columns[name].text(int(values[index])) for name, values in self.facts.items()}
        known = {name: word for name, word in known.items() if word != "unknown"}
        zones = [int(zone) for zone in self.acts.zones[index] if zone >= 0]
        act = Act(
            columns["act"].text(int(self.acts.kind[index])),
            {name: known.pop(name) for name in list(known) if name in self.words.fields},
            self.reference(self.acts.debt[index]),
            self.reference(self.acts.person[index]),
            self.reference(self.acts.point[index]),
            tuple(self.acts.zone_names[zone] for zone in zones),
        )
        rows = range(int(self.histories.start[index]), int(self.histories.start[index + 1]))
        return act, [self.contact(row) for row in rows], known, moment(self.acts.at[index])

    def contact(self, row):
        """One contact, in words."""
        said = {name: self.words.history[name].text(int(values[row])) for name, values in self.fields.items()}
        lasted, until = (int(self.contacts[name][row]) for name in ("lasted", "consent_until"))
        return Contact(
            moment(self.contacts["at"][row]),
            said.pop("kind"),
            {name: word for name, word in said.items() if word != "unknown"},
            *(self.reference(self.contacts[name][row]) for name in ("debt", "person", "point")),
            lasted=None if lasted == UNKNOWN else lasted,
            consent_until=None if until == UNKNOWN else dt.date(1970, 1, 1) + dt.timedelta(days=until),
        )

    @staticmethod
    def reference(number):
        """A reference of a debt, person or contact point."""
        return None if number == NOBODY else str(int(number))


def moment(seconds):
    """The moment of so many seconds since 1970."""
    return EPOCH + dt.timedelta(seconds=int(seconds))


def draw(packs, count, seed, *, around, zone_names, kinds, facts):
    """`count` acts within ten days of `around`, of these kinds, with contacts of the days before.

    `facts` maps a name to the words drawn from; None among them is unknown.
    """
    chance, words = np.random.default_rng(seed), packs.vocabulary
    base = int(dt.datetime.combine(around, dt.time(), dt.UTC).timestamp())
    at = base + chance.integers(0, 10 * 86_400, count)
    at[::5] -= at[::5] % 3600  # many lie on the hour exactly
    size = chance.integers(0, MOST_CONTACTS + 1, count)
    start = np.concatenate([[0], np.cumsum(size)])
    owner, total = np.repeat(np.arange(count), size), int(start[-1])
    when = at[owner] - (chance.random(total) * 86_400 * chance.choice(SPANS, count)[owner]).astype(np.int64)
    when[::4] -= when[::4] % 3600
    when = when[np.lexsort((when, owner))]
    kind = pick(chance, words.columns["act"], kinds, count)
    past = pick(chance, words.history["kind"], (*kinds, "inbound"), total)
    past = np.where(chance.random(total) < SAME_KIND, kind[owner], past)
    fields = {"kind": past}
    fields |= {name: pick(chance, words.history[name], said, total) for name, said in CONTACTS.items()}
    contacts = {
        "at": when,
        "debt": chance.choice([1] * 8 + [2, NOBODY], total),
        "person": chance.choice([1] * 8 + [2, NOBODY], total),
        "point": chance.choice([1, 1, 2], total),
        "lasted": chance.choice([UNKNOWN, UNKNOWN, 0, 5, 6, 60], total),
        "consent_until": np.where(
            chance.random(total) < 0.2, when // 86_400 + chance.integers(0, 9, total), UNKNOWN
        ),
    }
    known = {name: pick(chance, words.columns[name], said, count) for name, said in facts.items()}
    matrix = contact_matrix(
        words, when, fields, debt=contacts["debt"], person=contacts["person"], point=contacts["point"],
        lasted=contacts["lasted"], consent_until=contacts["consent_until"],
    )  # fmt: skip
    zones = chance.integers(-1, len(zone_names), (count, 2))
    zones[zones[:, 0] < 0, 1] = -1
    acts = Acts(
        at=at,
        kind=kind,
        debt=np.ones(count, np.int64),
        person=np.ones(count, np.int64),
        point=np.ones(count, np.int64),
        zones=zones,
        zone_names=tuple(zone_names),
    )
    return Drawn(words, acts, Histories(start, matrix), known, fields, contacts, owner)


def pick(chance, column, said, count):
    """Numbers of a column, drawn from words."""
    numbers = np.array([column.number_of(word) for word in said], dtype=np.int64)
    return numbers[chance.integers(0, len(numbers), count)]
