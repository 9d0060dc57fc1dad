"""Compile what an import needs, by importing a book of a thousand loans: `python -m forbear.operations.warm`.

`make setup` runs it beside `forbear.simulate.warm`, which compiles the engine; so nothing here may fold a loan. The machine
code is kept beside the sources, and no user's first import, day-end or question waits for the compiler. The book lives in a
folder that is gone afterwards; no database of the user's is touched.
"""

import datetime as dt
import gc
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import pyarrow.csv
import pyarrow.parquet

from forbear.law.warm import warm as warm_law
from forbear.operations.database import anew
from forbear.operations.import_book import ImportRefusal, import_book
from forbear.operations.verify import verify
from forbear.store.postgres import EmbeddedServer

LOANS: Final = 1_000
"""More than any table of references begins with, so that one grows."""
RECORDED_AT: Final = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)


def warm() -> None:
    """Judge an act; import a book from CSV, the same and a little more from Parquet, and recompute its chains."""
    warm_law()
    with tempfile.TemporaryDirectory(prefix="forbear-warm-") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103  # run as root, the server runs as another user, who must get through
        os.environ["FORBEAR_HOME"] = folder
        with EmbeddedServer.at(Path(folder) / "postgres") as server:
            url = anew(server.url, "warm")
            for path in (_csv(Path(folder) / "csv", LOANS), _parquet(Path(folder) / "parquet", LOANS + 1)):
                done = import_book(url, [path], actor="warm", reason="warm", recorded_at=RECORDED_AT)
                assert not isinstance(done, ImportRefusal), done
            report = verify(url)
            assert report.entries == 4 * (LOANS + 1), report


def _csv(folder: Path, loans: int) -> Path:
    """A book of so many loans, each paid, unpaid and paid again."""
    folder.mkdir()
    files = {
        "products": ["code,currency,amortisation,penalty_multiple", "P,CNY,equal_instalment,1.5"],
        "borrowers": ["borrower,name,phone", *(f"B{number},Nobody,+8610000" for number in range(loans))],
        "loans": [
            "loan,borrower,product,principal,rate,penalty_rate,first_due_on,count,interest_free_until",
            *(f"L{number},B{number},P,1200.00,14.49%,,2026-01-15,12," for number in range(loans)),
        ],
        "journal": ["key,loan,kind,effective_on,amount,target,channel,payer,external_reference,reason"],
    }
    for number in range(loans):
        files["journal"] += [
            f"L{number}-1,L{number},disbursed,2025-12-15,1200.00,,,,,",
            f"L{number}-2,L{number},paid,2026-01-15,10.00,,card,Nobody,1,",
            f"L{number}-3,L{number},reversed,2026-01-16,,L{number}-2,,,,no cover",
            f"L{number}-4,L{number},paid,2026-01-17,10.00,,card,Nobody,2,",
        ]
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _parquet(folder: Path, loans: int) -> Path:
    """The same with loans and journal as Parquet, where an amount is a number and not a text."""
    _csv(folder, loans)
    for name, amount in (("loans", "principal"), ("journal", "amount")):
        path = folder / f"{name}.csv"
        texts = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(
                path.read_text(encoding="utf-8").partition("\n")[0].split(","), pyarrow.string()
            )
            | {amount: pyarrow.decimal128(20, 2)}
        )
        pyarrow.parquet.write_table(
            pyarrow.csv.read_csv(path, convert_options=texts), path.with_suffix(".parquet")
        )
        path.unlink()
    return folder


if __name__ == "__main__":
    gc.disable()  # the compiler makes millions of small objects and keeps most: a tenth of its time goes into looking
    warm()
    sys.stdout.write("The import is compiled.\n")
