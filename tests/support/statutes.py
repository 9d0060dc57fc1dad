"""A few rules of law in plain Python, written from the statutes and knowing nothing of packs: slow, obvious, and to be equalled.

Each function answers one question: does the act break the rule? An act is a dict of words with its `at`, `zones` and references;
a contact likewise. What nobody said is missing from the dict, and counts against the act.
"""

import datetime as dt
from zoneinfo import ZoneInfo

US_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip
BEIJING = ZoneInfo("Asia/Shanghai")
CONSUMERS = {"debtor", "spouse", "guardian", "executor"}
OTHERS = {"contact_person", "unrelated_person", "employer"}
CALLS = {"call", "voice_robot"}


def local(at, zone):
    """The local date and time of a moment."""
    return at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def us_hours(act, history):
    """12 CFR 1006.6(b)(1)(i): not before 8:00, not after 21:00 local time, in none of the places indicated (comment -2).

    Where no place is known, in none that the country has. 8:00:00 and 21:00:00 themselves count as outside.
    """
    if act["kind"] not in {"message", "call", "voice_robot", "visit"}:
        return False
    if act.get("addressee", "debtor") not in CONSUMERS or "yes" in (
        act["time_consented"],
        act["hours_agreed"],
    ):
        return False
    times = [local(act["at"], zone).time() for zone in act["zones"] or US_ZONES]
    return any(not dt.time(8) < time < dt.time(21) for time in times)


def us_day(act, at):
    """The local date where the debtor is known to be, else in New York."""
    return local(at, act["zones"][0] if act["zones"] else "America/New_York").date()


def theirs(act, contact, *names):
    """Whether a contact is of the same debt or person, or may be."""
    return all(contact.get(name) is None or contact[name] == act[name] for name in names)


SPOKEN = {"call", "voice_robot", "visit", "contact_third_person", "inbound"}
WRITTEN = {"sms", "email", "in_app", "push", "work_email", "post", "online", "public_place"}


def may_have_talked(contact):
    """Whether both sides spoke, or nobody says so and somebody may have answered."""
    if "conversation" in contact:
        return contact["conversation"] == "yes"
    if "result" in contact:
        return contact["result"] in {"answered", "dropped", "met"}
    if "lasted" in contact:
        return contact["lasted"] > 0
    spoken = contact["kind"] in SPOKEN and contact.get("channel") not in WRITTEN
    return spoken and contact.get("connected") != "no"


def consent_holds(act, earlier, at):
    """1006.14(b)(3)(i): consent of this person about this debt, seven days with its own, ended by talk or withdrawal; in
    doubt it does not hold.
    """
    for contact in reversed(earlier):
        if contact.get("person") != act["person"] or contact.get("debt") != act["debt"]:
            continue
        if contact["consent_withdrawn"] == "yes":
            return False
        if contact["consent"] == "yes":
            last = us_day(act, contact["at"]) + dt.timedelta(days=6)
            if "consent_until" in contact:
                last = min(last, contact["consent_until"])
            return us_day(act, at) <= last
        if may_have_talked(contact):
            return False
    return False


def us_seven_calls(act, history):
    """1006.14(b)(2)(i)(A): an eighth call to a person about a debt within seven consecutive days.

    Not counted: busy and not in service, to an attorney and the like, misdirected, under consent.
    """
    if (
        act["kind"] not in CALLS
        or act.get("addressee") == "attorney"
        or consent_holds(act, history, act["at"])
    ):
        return False
    first = us_day(act, act["at"]) - dt.timedelta(days=6)
    count = 0
    for place, contact in enumerate(history):
        if contact["kind"] not in CALLS or contact.get("sender", "lender") == "debtor":
            continue
        if contact.get("result") in {"busy", "not_in_service"} or contact["misdirected"] == "yes":
            continue
        if contact.get("addressee", "debtor") == "attorney" or not theirs(act, contact, "debt", "person"):
            continue
        if us_day(act, contact["at"]) >= first and not consent_holds(act, history[:place], contact["at"]):
            count += 1
    return count >= 7


def us_after_conversation(act, history):
    """1006.14(b)(2)(i)(B): a call within seven days of a telephone conversation, whose day is the first."""
    if (
        act["kind"] not in CALLS
        or act.get("addressee") == "attorney"
        or consent_holds(act, history, act["at"])
    ):
        return False
    for contact in history:
        talked = contact["kind"] in CALLS | {"inbound"} and may_have_talked(contact)
        spoken = contact.get("channel") != "sms"
        if not talked or not spoken or contact.get("addressee", "debtor") == "attorney":
            continue
        if theirs(act, contact, "debt", "person"):
            days = us_day(act, act["at"]) - us_day(act, contact["at"])
            if days < dt.timedelta(days=7):
                return True
    return False


def us_third_persons(act, history):
    """1006.6(d)(1): about the debt with nobody but the consumer and a few others; location calls apart, 1006.6(d)(2)(i)."""
    if act["kind"] not in {"message", "call", "voice_robot", "visit", "contact_third_person"}:
        return False
    if act.get("addressee", "unknown") not in OTHERS | {"unknown"}:
        return False
    return act.get("purpose", "collection") != "locate" and act.get("third_person_consent") != "yes"


def us_reporting(act, history):
    """1006.30(a): furnishing before talking with the consumer, or before a notice that did not come back and 14 days."""
    if act["kind"] != "report_to_bureau" or act["spoke_with_debtor"] == "yes":
        return False
    if "notice_on" not in act or act["notice_undelivered"] == "yes":
        return True
    return us_day(act, act["at"]) - act["notice_on"] < dt.timedelta(days=14)


def cn_hours(act, history):
    """GB/T 45251-2025, 5.3: no collection from 22:00 to 8:00, Beijing time, unless agreed beforehand."""
    contact = act["kind"] in {"message", "call", "voice_robot", "visit", "contact_third_person"}
    if (
        not contact
        or act.get("purpose", "collection") not in {"collection", "locate"}
        or act["hours_agreed"] == "yes"
    ):
        return False
    return not dt.time(8) <= local(act["at"], BEIJING).time() < dt.time(22)


def cn_same_day(act, history, kind):
    """The contacts of that kind, with this person and for collection, on the act's day."""
    zone = act["zones"][0] if act["zones"] else BEIJING
    today = local(act["at"], zone).date()
    for contact in history:
        sent = contact["kind"] == kind and contact.get("sender", "lender") != "debtor"
        meant = contact.get("purpose", "collection") == "collection" and contact["shared"] == "no"
        if sent and meant and theirs(act, contact, "person") and local(contact["at"], zone).date() == today:
            yield contact


def cn_robot_calls(act, history):
    """5.3.2.1: informing voice calls that are connected, at most three a day to one debtor, agencies included."""
    if act["kind"] != "voice_robot" or act.get("addressee", "debtor") != "debtor":
        return False
    if act.get("purpose", "collection") != "collection" or act["count_agreed"] == "yes":
        return False
    return sum(each.get("connected") != "no" for each in cn_same_day(act, history, "voice_robot")) >= 3


def cn_effective_calls(act, history):
    """5.3.2.2.2 and chapter 3: effective calls (six seconds and real talk), at most three a day."""
    if act["kind"] != "call" or act.get("addressee", "debtor") != "debtor":
        return False
    if act.get("purpose", "collection") != "collection":
        return False
    calls = cn_same_day(act, history, "call")
    return sum(may_have_talked(each) and each.get("lasted", 6) >= 6 for each in calls) >= 3


def cn_third_persons(act, history):
    """5.3: a third person who asked to stop is left alone; none is told of the debt, unless offering to repay."""
    if act["kind"] not in {"message", "call", "voice_robot", "visit", "contact_third_person"}:
        return False
    if act.get("addressee", "unknown") not in OTHERS | {"spouse", "unknown"}:
        return False
    refused = act["third_person_refused"] == "yes" and act.get("purpose", "collection") != "dispute"
    told = act.get("discloses_debt", "yes") == "yes" and act["third_person_offered"] == "no"
    return refused or told


def cn_reporting(act, history):
    """Regulation on the credit reporting industry, art. 15: the person is told before adverse information is supplied."""
    if act["kind"] != "report_to_bureau":
        return False
    zone = act["zones"][0] if act["zones"] else BEIJING
    return "notice_on" not in act or act["notice_on"] > local(act["at"], zone).date()


# The rules of the packs that say the same: one of them broken is the rule broken.
RULES = {
    "us": {
        us_hours: ("us.cfpb.reg_f.hours",),
        us_seven_calls: ("us.cfpb.reg_f.call_frequency",),
        us_after_conversation: ("us.cfpb.reg_f.after_conversation",),
        us_third_persons: ("us.cfpb.reg_f.third_persons",),
        us_reporting: ("us.cfpb.reg_f.furnishing", "us.cfpb.reg_f.furnishing_wait"),
    },
    "cn": {
        cn_hours: ("cn.nifa.gbt_45251_2025.quiet_hours",),
        cn_robot_calls: ("cn.nifa.gbt_45251_2025.robot_calls",),
        cn_effective_calls: ("cn.nifa.gbt_45251_2025.effective_calls",),
        cn_third_persons: (
            "cn.nifa.gbt_45251_2025.third_person_refused",
            "cn.nifa.gbt_45251_2025.third_person_told",
        ),
        cn_reporting: ("cn.state_council.credit_reporting_2013.notice_before_adverse",),
    },
}
