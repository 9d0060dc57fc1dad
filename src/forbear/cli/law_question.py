"""What the options of `forbear law ask` mean: a moment, an act, a past contact."""

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forbear.law.act import Act, Contact

CHANNELS = {
    "call": "mobile",
    "voice_robot": "mobile",
    "message": "sms",
    "visit": "in_person",
    "letter": "post",
    "social_message": "social",
}
# To whom an act goes where --to does not say it; None: that has to be said. Every other act goes to the debtor.
ADDRESSEES = {
    "contact_third_person": None,
    "data_share": None,
    "legal_step": None,
    "placement": "agency",
    "public_posting": "public",
    "report_to_bureau": "credit_bureau",
    "sale": "buyer",
}


def told(error: Exception) -> str:
    """The message of an error; a KeyError would quote it."""
    return str(error.args[0]) if error.args else str(error)


def read_moment(text: str | None, now: dt.datetime) -> dt.datetime:
    """A time of today ("21:58"), a moment ("2026-11-20 21:58"), or now; in the zone of `now`. Raises ValueError."""
    if text is None:
        return now.replace(microsecond=0)
    try:
        if len(text) <= 8:
            found = dt.datetime.combine(now.date(), dt.time.fromisoformat(text))
        else:
            found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is no time; write "2026-11-20 21:58" or "21:58"') from None
    if found.tzinfo:
        return found.astimezone(now.tzinfo)
    at = found.replace(tzinfo=now.tzinfo)
    if at.astimezone(dt.UTC).astimezone(now.tzinfo).replace(tzinfo=None) != found:
        raise ValueError(f"clocks in {now.tzinfo} skip {found}; write a time that they show, or an offset")
    return at


def describe(
    kind: str, addressee: str | None, facts: tuple[str, ...], zones: tuple[str, ...], fields: set[str]
) -> tuple["Act", dict[str, str]]:
    """The act, and the facts that do not describe it. Raises ValueError."""
    from forbear.law.act import Act

    to = addressee or ADDRESSEES.get(kind, "debtor")
    said = {"addressee": to} if to else {}
    if kind in CHANNELS:
        said["channel"] = CHANNELS[kind]
    given = pairs(facts)
    if addressee and given.get("addressee", addressee) != addressee:
        raise ValueError(
            f"--to says {addressee} and --fact addressee={given['addressee']}; leave one of the two out"
        )
    said.update(given)
    own = {name: word for name, word in said.items() if name in fields}
    act = Act(kind, own, debt="debt", person="debtor", contact_point="point", zones=zones)
    return act, {name: word for name, word in said.items() if name not in fields}


def read_past(text: str, kind: str, at: dt.datetime) -> "Contact":
    """A contact before `at` from "TIME [NAME=VALUE ...]". Raises ValueError."""
    from forbear.law.act import Contact

    words = text.split()
    split = next((place for place, word in enumerate(words) if "=" in word), len(words))
    if not split:
        raise ValueError(f'--past {text!r} does not say when; begin with "09:00" or "2026-11-19 09:00"')
    try:
        when = read_moment(" ".join(words[:split]), at)
    except ValueError as error:
        raise ValueError(f"--past {text!r}: {error}, then NAME=VALUE as in result=answered") from None
    said: dict[str, str] = pairs(words[split:])
    what, lasted = said.pop("kind", kind), said.pop("lasted", None)
    if lasted is not None and not (lasted.isdecimal() and len(lasted) <= 9):
        raise ValueError(f"lasted={lasted} is no number of seconds; write lasted=7")
    if when > at:
        raise ValueError(
            f"the past contact of {when} comes after the act; write its day, as in 2026-11-19 21:00"
        )
    return Contact(when, what, said, "debt", "debtor", "point", lasted=int(lasted) if lasted else None)


def pairs(texts: tuple[str, ...] | list[str]) -> dict[str, str]:
    """NAME=VALUE texts as a table. Raises ValueError."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise ValueError(
                f"{text!r} is not NAME=VALUE; write for example paid_off=no, or leave out what is not known"
            )
        if found.setdefault(name, value) != value:
            raise ValueError(f"{name} is said to be {found[name]} and {value}; leave one of the two out")
    return found
