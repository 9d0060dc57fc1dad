"""The law: `forbear law ask`, `show`, `judge`, `check`, `changes`, `expiring`, `words`."""

import difflib
import json
import sys
from pathlib import Path
from typing import IO

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, moment, today
from forbear.cli.law_question import describe, read_moment, read_past, told

LANGUAGE = click.option(
    "--language",
    type=click.Choice(["en", "zh", "both"]),
    default=None,
    help="Language of the answer.  [default: your machine's]",
)
RULED = "\n" + "-" * 72 + "\n"


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
            click.echo(RULED)


def _languages(language: str | None) -> tuple[str, ...]:
    return ("zh", "en") if language == "both" else (language or show.language(),)


@law_command.command("show")
@click.argument("rule", required=False)
@LANGUAGE
def show_command(rule: str | None, language: str | None) -> None:
    """One rule with its values, sources and worked cases; without RULE, or with a part of its name, a list.

    \b
    Examples:
      forbear law show cn.nifa.gbt_45251_2025.quiet_hours
      forbear law show reg_f
    """  # noqa: D301  \b is for click
    from forbear.law.book import rule_text
    from forbear.law.cases import cases_of, run
    from forbear.law.packs import load, packaged

    packs = load()
    part = (rule or "").strip().lower()
    found = [each for name, each in packs.rules.items() if part in name]
    exact = packs.rules.get(part)
    if exact is not None or len(found) == 1:
        one = exact or found[0]
        ran = [run(case, packs) for case in cases_of(packaged(), one)]
        for each in _languages(language):
            click.echo(rule_text(one, packs, each, ran))
            if language == "both" and each == "zh":
                click.echo(RULED)
        return
    if not found:
        near = difflib.get_close_matches(part, packs.rules, 3)
        steps = [f"forbear law show {name}" for name in near]
        show.refuse(f"No rule is called {rule!r}.", [*steps, "forbear law show lists all of them."])
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
    bad = number = 0
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
    if not number:
        click.echo("Nothing to judge: write one JSON object a line; --schema describes it.", err=True)
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
    "--until",
    type=DAY,
    default=None,
    help="Up to the day before this one.  [default: a year from today, or from --since where that is later]",
)
@LANGUAGE
@click.pass_context
def changes_command(ctx: click.Context, since: int, until: int | None, language: str | None) -> None:
    """What begins to hold, ends, or became known from a day on."""
    from forbear.kernel.days import to_date
    from forbear.law.history import changes
    from forbear.law.packs import load

    end = max(today(ctx), since) + 366 if until is None else until
    if end <= since:
        raise click.UsageError(
            f"--until {to_date(end)} is not after --since {to_date(since)}; give a later day, the first one left out",
            ctx,
        )
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
        if not found:
            click.echo("Nothing changes in these days." if each == "en" else "该期间无变动。")
            continue
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
    from forbear.law.book import EXAMPLES
    from forbear.law.packs import load
    from forbear.law.words import YES_NO

    words = load().vocabulary
    column = None if name is None else words.columns.get(name) or words.history.get(name)
    if name is not None and column is None:
        near = difflib.get_close_matches(name or "", [*words.columns, *words.history], 3)
        steps = [f"forbear law words {each}" for each in near]
        show.refuse(f"No word {name!r}.", [*steps, "forbear law words lists all of them."])
        sys.exit(Exit.REFUSED)
    for each in _languages(language):
        if column is not None:
            choices = [(choice, told.of(each)) for choice, told in column.choices.items()]
            choices = choices or [
                (word, YES_NO[word].of(each)) for word in column.positions if word in YES_NO
            ]
            choices = choices or [("…", EXAMPLES[column.type].of(each))]
            show.table(f"{column.name}: {column.words.of(each)} ({column.type})", ["", ""], choices, words=2)
            continue
        rows = [(one.name, one.type, one.words.of(each)) for one in words.columns.values()]
        show.table(
            "Acts, fields and facts" if each == "en" else "行为、字段与事实", ["", "", ""], rows, words=3
        )
        rows = [(one.name, one.type, one.words.of(each)) for one in words.history.values()]
        show.table("A past contact" if each == "en" else "过往联系", ["", "", ""], rows, words=3)
