"""Worked tables of the documentation, read so that a test can recompute them."""

import pathlib

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def tables(page: str, heading: str) -> list[list[dict[str, str]]]:
    """The tables below a heading of docs/`page`, up to the next heading; a row is a dictionary by column, code marks removed."""
    text = (DOCS / page).read_text(encoding="utf-8")
    lines = iter(text.splitlines())
    for line in lines:
        if line.lstrip("#").strip() == heading and line.startswith("#"):
            break
    else:
        raise LookupError(f"docs/{page} has no heading {heading!r}")
    found: list[list[dict[str, str]]] = []
    heads: list[str] | None = None
    for line in lines:
        if line.startswith("#"):
            break
        if not line.startswith("|"):
            heads = None
            continue
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if heads is None:
            heads = cells
            found.append([])
        elif set("".join(cells)) - set("-: "):
            found[-1].append(dict(zip(heads, cells, strict=True)))
    if not found:
        raise LookupError(f"docs/{page} has no table below {heading!r}")
    return found


def table(page: str, heading: str) -> list[dict[str, str]]:
    """The one table below a heading."""
    [found] = tables(page, heading)
    return found
