"""An act, and a contact of the past, as the gate is told of them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

Moment = dt.datetime
Said = str | int | bool | dt.date | None  # a word or number of the vocabulary; None is unknown


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is about to be done.

    `kind` is one of the vocabulary's acts, `fields` the rest of its description (channel, addressee, purpose, ...).
    `debt`, `person` and `contact_point` are references of any kind: contacts with the same reference are counted
    together. `zones` are the time zones of every place that is indicated for the person; none means unknown.
    """

    kind: str
    fields: Mapping[str, Said] = field(default_factory=dict)
    debt: str | None = None
    person: str | None = None
    contact_point: str | None = None
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One item of the record of past contacts, of the lender and of all its agencies together.

    `at` is aware of its time zone. `fields` are those of the vocabulary's `history`. `lasted` is in seconds.
    `consent_until` is the last day of a consent that was given in this contact, where a shorter time was named.
    """

    at: Moment
    kind: str
    fields: Mapping[str, Said] = field(default_factory=dict)
    debt: str | None = None
    person: str | None = None
    contact_point: str | None = None
    lasted: int | None = None
    consent_until: dt.date | None = None
