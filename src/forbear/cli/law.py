"""The law: `forbear law ask`, `show`, `judge`, `check`, `changes`, `expiring`, `words`."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, moment, today

if TYPE_CHECKING:
    from forbear.law.act import Act, Contact

LANGUAGE = click.option(
    "--language",
    type=click.Choice(["en", "zh", "both"]),
    default=None,
    help="Language of the answer.  [default: your machine's]",
)
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


@click.group("law")
def law_command() -> None:
    """Ask the law packs: may this be done, who says so, since when, and how surely.

    The law is data, in packs/, dated and sourced. Nothing here needs a database.
    """


@law_command.command("ask")
@click.option(
    "--in", "places", multiple=True, metavar="PLACE", help="Whose law: cn, us, us-ma ...; may be repeated."
)
@click.option(
    "--act", "kind", metavar="ACT", help="What is to be done: call, voice_robot, message, restriction ..."
)
@click.option(
    "--role",
    default="original_creditor",
    show_default=True,
    help="Who does it; `forbear law words role` lists all.",
)
@click.option(
    "--product",
    default="consumer_loan",
    show_default=True,
    help="The kind of credit; `forbear law words product` lists all.",
)
@click.option(
    "--at", "when", metavar="TIME", help='When: "2026-11-20 21:58", or "21:58" for today.  [default: now]'
)
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="ZONE",
    help="A time zone indicated for the person; may be repeated.",
)
@click.option(
    "--to",
    "addressee",
    default=None,
    help="Who is addressed.  [default: debtor where something is sent, asked for or charged]",
)
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help="Anything else that is known; `forbear law words` lists all; may be repeated.",
)
@click.option(
    "--past",
    multiple=True,
    metavar="'TIME [NAME=VALUE ...]'",
    help="A past contact, of the same kind where nothing is said: '09:00 connected=yes', '2026-11-19 10:00 kind=letter'.",
)
@click.option("--known-on", type=DAY, default=None, help="As the law was known on this day.")
@click.option("--full", is_flag=True, help="Also tell in detail what was looked at and kept.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@LANGUAGE
@click.pass_context
def ask_command(
    ctx: click.Context,
    places: tuple[str, ...],
    kind: str | None,
    role: str,
    product: str,
    when: str | None,
    zones: tuple[str, ...],
    addressee: str | None,
    facts: tuple[str, ...],
    past: tuple[str, ...],
    known_on: int | None,
    full: bool,
    as_json: bool,
    language: str | None,
) -> None:
    """May this be done? The verdict in words, with every rule that decides.

    \b
    Examples:
      forbear law ask --in cn --act voice_robot --role third_party_collector --at 21:58 \\
        --past "09:00 connected=yes" --past "15:00 connected=yes"
      forbear law ask --in us --act message --role third_party_collector --at "2026-11-20 20:30" \\
        --zone America/New_York --zone America/Los_Angeles \\
        --fact opt_out_notice=yes --fact collector_disclosure=from_collector
      forbear law ask --in cn --act restriction --fact target=repayment_entry
    """  # noqa: D301  \b is for click
    from forbear.kernel.days import to_date
    from forbear.law.packs import load
    from forbear.law.wire import Question, answer
    from forbear.law.words import as_data, explain
    from forbear.law.zones import zone

    packs = load()
    if not places or kind is None:
        lists = f"PLACE is one of {', '.join(packs.jurisdictions)}; ACT one of {', '.join(packs.vocabulary.acts)}."
        raise click.UsageError(f"Say at least --in PLACE and --act ACT. {lists}", ctx)
    try:
        first = packs.jurisdictions[packs.lineage(places[0])[0]].zones[0]
        here = zone(zones[0] if zones else first)
        at = read_moment(when, moment(ctx).astimezone(here))
        act, known = describe(kind, addressee, facts, zones, set(packs.vocabulary.fields))
        history = tuple(read_past(each, kind, at) for each in past)
        on = None if known_on is None else to_date(known_on)
        verdict = answer(Question(None, places, product, role, at, on, act, known, history), packs)
    except (ValueError, LookupError) as error:
        raise click.UsageError(told(error), ctx) from None
    if as_json:
        click.echo(json.dumps(as_data(verdict), ensure_ascii=False, indent=2))
        return
    for each in _languages(language):
        click.echo(explain(verdict, each, full=full))
        if language == "both" and each == "zh":
            click.echo("\n" + "-" * 72 + "\n")


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
    said.update(pairs(facts))
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
    when = read_moment(" ".join(words[:split]), at)
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
    for text in texts:
        if "=" not in text:
            raise ValueError(f"{text!r} is not NAME=VALUE; write for example paid_off=no")
    return {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in texts)}


def _languages(language: str | None) -> tuple[str, ...]:
    return ("zh", "en") if language == "both" else (language or show.language(),)


@law_command.command("show")
@click.argument("rule", required=False)
@LANGUAGE
def show_command(rule: str | None, language: str | None) -> None:
    """One rule with its values and sources; without RULE, or with a part of its name, a list. Its cases are in the law book.

    \b
    Examples:
      forbear law show cn.nifa.gbt_45251_2025.quiet_hours
      forbear law show reg_f
    """  # noqa: D301  \b is for click
    from forbear.law.book import rule_text
    from forbear.law.packs import load

    packs = load()
    found = [each for name, each in packs.rules.items() if rule is None or rule in name]
    exact = packs.rules.get(rule or "")
    if exact is not None or len(found) == 1:
        for each in _languages(language):
            click.echo(rule_text(exact or found[0], packs, each))
        return
    if not found:
        show.refuse(f"No rule is called {rule!r}.", ["forbear law show lists all of them."])
        sys.exit(Exit.REFUSED)
    for each in _languages(language):
        show.table(
            "Rules" if each == "en" else "规则",
            ["", "", ""],
            [(one.id, one.form, one.title.of(each)) for one in found],
            words=3,
        )


@law_command.command("judge")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a line, and judge nothing.")
def judge_command(file: IO[bytes] | None, schema: bool) -> None:
    """Judge the acts of FILE, one JSON object a line, and print a verdict for each; - is standard input.

    A line that cannot be read is answered by a line with its number and how to mend it, and the exit code is 1.
    """
    from forbear.law.packs import load
    from forbear.law.wire import answer, line_text, read_question
    from forbear.law.wire import schema as line_schema
    from forbear.law.words import as_data

    packs = load()
    if schema:
        click.echo(json.dumps(line_schema(packs.vocabulary), ensure_ascii=False, indent=2))
        return
    if file is None:
        raise click.UsageError("Name a FILE of JSON lines, or - for standard input; --schema describes them.")
    bad = 0
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            question = read_question(line_text(line))
            found = {"line": number, "id": question.id, **as_data(answer(question, packs))}
        except (ValueError, LookupError) as error:
            bad += 1
            found = {"line": number, "error": told(error)}
            click.echo(f"line {number}: {told(error)}", err=True)
        click.echo(json.dumps(found, ensure_ascii=False))
    if bad:
        sys.exit(Exit.REFUSED)


@law_command.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option(
    "--only", multiple=True, metavar="PLACE", help="Only the cases of this jurisdiction; may be repeated."
)
def check_command(folder: Path | None, only: tuple[str, ...]) -> None:
    """Read all packs strictly, work out every case, and name the rules that no case proves."""
    from forbear.law.check import check
    from forbear.law.packs import packaged

    report = check(folder or packaged(), only)
    if only and not report.problems and not report.cases:
        raise click.UsageError(
            f"No case of {', '.join(only)}; write a folder below packs/, such as cn or us-ma."
        )
    for problem in report.problems:
        click.echo(problem)
    click.echo(f"{report.rules} rules, {report.cases} cases, {len(report.problems)} problems")
    if report.problems:
        sys.exit(Exit.REFUSED)


@law_command.command("changes")
@click.option("--since", type=DAY, required=True, help="From this day on.")
@click.option(
    "--until", type=DAY, default=None, help="Up to the day before this one.  [default: a year from today]"
)
@LANGUAGE
@click.pass_context
def changes_command(ctx: click.Context, since: int, until: int | None, language: str | None) -> None:
    """What begins to hold, ends, or became known from a day on."""
    from forbear.kernel.days import to_date
    from forbear.law.history import changes
    from forbear.law.packs import load

    end = today(ctx) + 366 if until is None else until
    _print_changes(changes(load(), to_date(since), to_date(end)), language)


@law_command.command("expiring")
@click.option("--within", default="90d", show_default=True, metavar="DAYSd", help="How many days ahead.")
@LANGUAGE
@click.pass_context
def expiring_command(ctx: click.Context, within: str, language: str | None) -> None:
    """What ends soon, what ended with nothing after it, and what has to be looked up again."""
    from forbear.kernel.days import to_date
    from forbear.law.history import expiring
    from forbear.law.packs import load

    days = within.removesuffix("d")
    if not (days.isdecimal() and len(days) <= 5):
        raise click.UsageError(f"--within {within!r} is no number of days; write 90d", ctx)
    _print_changes(expiring(load(), to_date(today(ctx)), int(days)), language)


def _print_changes(found: list, language: str | None) -> None:
    from forbear.law.book import CHANGES, STATUSES

    for each in _languages(language):
        rows = [
            (
                f"{one.day}",
                CHANGES[one.what].of(each),
                one.rule.id,
                one.rule.title.of(each),
                STATUSES[one.value.status].of(each),
            )
            for one in found
        ]
        show.table("Changes" if each == "en" else "变动", [""] * 5, rows, words=5)


@law_command.command("words")
@click.argument("name", required=False)
@LANGUAGE
def words_command(name: str | None, language: str | None) -> None:
    """What acts, fields, facts and contacts are called; with NAME, its choices."""
    from forbear.law.packs import load

    words = load().vocabulary
    column = None if name is None else words.columns.get(name) or words.history.get(name)
    if name is not None and column is None:
        show.refuse(f"No word {name!r}.", ["forbear law words lists all of them."])
        sys.exit(Exit.REFUSED)
    for each in _languages(language):
        if column is not None:
            choices = [(choice, told.of(each)) for choice, told in column.choices.items()]
            show.table(f"{column.name}: {column.words.of(each)} ({column.type})", ["", ""], choices, words=2)
            continue
        rows = [(one.name, one.type, one.words.of(each)) for one in words.columns.values()]
        show.table(
            "Acts, fields and facts" if each == "en" else "行为、字段与事实", ["", "", ""], rows, words=3
        )
        rows = [(one.name, one.type, one.words.of(each)) for one in words.history.values()]
        show.table("A past contact" if each == "en" else "过往联系", ["", "", ""], rows, words=3)
