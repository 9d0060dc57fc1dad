"""Write src/forbear/packs/calendars/*.csv anew. Run by hand, once a year: `python tools/make_calendars.py`.

The dates come from the `holidays` package, a development-only dependency, and are kept in the repository so
that an installation needs no package and no guess. What that package extrapolates is left out: `Table.until`
says how far the dates were really announced, or follow from a law in force, and is moved by a person who has
read the source.
"""

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import holidays
from holidays.countries.china import ChinaStaticHolidays

FOLDER = Path(__file__).resolve().parents[1] / "src" / "forbear" / "packs" / "calendars"
Date = dt.date

STATE_COUNCIL = {
    2008: "https://www.gov.cn/gongbao/content/2008/content_859870.htm",
    2009: "https://www.gov.cn/gongbao/content/2008/content_1175823.htm",
    2010: "https://www.gov.cn/gongbao/content/2009/content_1487011.htm",
    2011: "https://www.gov.cn/gongbao/content/2010/content_1765282.htm",
    2012: "https://www.gov.cn/gongbao/content/2011/content_2020918.htm",
    2013: "https://www.gov.cn/gongbao/content/2012/content_2292057.htm",
    2014: "https://www.gov.cn/gongbao/content/2014/content_2561299.htm",
    2015: "https://www.gov.cn/gongbao/content/2015/content_2799019.htm",
    2016: "https://www.gov.cn/gongbao/content/2016/content_2979719.htm",
    2017: "https://www.gov.cn/gongbao/content/2016/content_5148793.htm",
    2018: "https://www.gov.cn/gongbao/content/2017/content_5248221.htm",
    2019: "https://www.gov.cn/gongbao/content/2018/content_5350046.htm and 2019/content_5380356.htm",
    2020: "https://www.gov.cn/gongbao/content/2019/content_5459138.htm and 2020/content_5477297.htm",
    2021: "https://www.gov.cn/gongbao/content/2020/content_5567750.htm",
    2022: "https://www.gov.cn/gongbao/content/2021/content_5651728.htm",
    2023: "https://www.gov.cn/gongbao/content/2023/content_5736714.htm",
    2024: "https://www.gov.cn/gongbao/2023/issue_10806/202311/content_6913823.html",
    2025: "https://www.gov.cn/gongbao/2024/issue_11726/202411/content_6989767.html",
    2026: "https://www.gov.cn/gongbao/2025/issue_12406/202511/content_7048922.html",
}

Days = Mapping[Date, str]


def china(years: range) -> tuple[Days, Days]:
    """Closed days and weekend working days. Refuses a year without a notice: the package fills it in by
    rule.
    """
    announced = set(ChinaStaticHolidays.special_public_holidays)
    for year in years:
        if year not in announced or year not in STATE_COUNCIL:
            sys.exit(f"china {year}: no notice in the holidays package or in STATE_COUNCIL; move `until`")
    table = holidays.country_holidays("CN", years=years, language="zh_CN")
    return dict(table), dict.fromkeys(table.weekend_workdays, "调休上班")


def us_federal(years: range) -> tuple[Days, Days]:
    """Holidays of federal employees, with the weekday in lieu: Friday for Saturday, Monday for Sunday."""
    return dict(holidays.country_holidays("US", years=years)), {}


def us_federal_reserve(years: range) -> tuple[Days, Days]:
    """Days on which Fedwire and FedACH rest. A holiday on a Saturday has no Friday in lieu."""
    return dict(holidays.financial_holidays("XFED", years=years)), {}


def target(years: range) -> tuple[Days, Days]:
    """Closing days of the euro settlement system."""
    return dict(holidays.financial_holidays("XECB", years=years)), {}


def uk(years: range) -> tuple[Days, Days]:
    """Bank holidays in England and Wales."""
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=years)), {}


@dataclass(frozen=True)
class Table:
    """One calendar: the years from `first` until `until`, excluded, and where they are laid down."""

    name: str
    first: int
    until: int
    make: Callable[[range], tuple[Days, Days]]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


TABLES = (
    Table(
        "china",
        2008,
        2027,
        china,
        (
            "Announced year by year, in October or November, by the General Office of the State Council.",
            "open: a Saturday or Sunday on which one works in exchange for a day of the holiday.",
        ),
        tuple(f"{year} {url}" for year, url in STATE_COUNCIL.items()),
    ),
    Table(
        "us-federal",
        2000,
        2051,
        us_federal,
        (
            "By law, so known ahead as far as the law stays as it is.",
            "Left out: Inauguration Day (Washington only), closings by executive order (2024-12-24).",
        ),
        ("5 U.S.C. 6103 and Executive Order 11582; Pub. L. 117-17 (Juneteenth, from 2021)",),
    ),
    Table(
        "us-federal-reserve",
        2000,
        2051,
        us_federal_reserve,
        ("The calendar for ACH debits and wires. By rule, known ahead as far as the law stays as it is.",),
        ("https://www.frbservices.org/about/holiday-schedules and 5 U.S.C. 6103(a)",),
    ),
    Table(
        "target",
        2002,
        2051,
        target,
        ("The same six days every year since 2002 until the ECB decides otherwise.",),
        (
            "ECB press release of 14 December 2000, https://www.ecb.europa.eu/press/pr/date/2000/html/pr001214_4.en.html",
        ),
    ),
    Table(
        "uk",
        2000,
        2028,
        uk,
        ("England and Wales; published some two years ahead. Proclaimed days may come late (2022-09-19).",),
        ("https://www.gov.uk/bank-holidays", "Banking and Financial Dealings Act 1971, schedule 1"),
    ),
)


def render(table: Table) -> str:
    """The text of a table's file."""
    years = range(table.first, table.until)
    closed, opened = table.make(years)
    rows = [(day, "closed", name) for day, name in closed.items()]
    rows += [(day, "open", name) for day, name in opened.items()]
    head = [
        f"# calendar: {table.name}",
        f"# from: {table.first}-01-01",
        f"# until: {table.until}-01-01",
        *(f"# note: {note}" for note in table.notes),
        *(f"# source: {source}" for source in table.sources),
        f"# made: tools/make_calendars.py, holidays {holidays.__version__} (MIT)",
        "date,kind,name",
    ]
    body = [f"{day},{kind},{name}" for day, kind, name in sorted(rows) if day.year in years]
    return "\n".join(head + body) + "\n"


def main() -> None:
    """Write every table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        text = render(table)
        (FOLDER / f"{table.name}.csv").write_text(text, encoding="utf-8", newline="\n")
        print(f"{table.name}: {text.count(',closed,')} closed, {text.count(',open,')} open")


if __name__ == "__main__":
    main()
