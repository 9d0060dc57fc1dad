"""The law book is what the packs say."""

from tests.tidy.tree import name
from tools import lawbook


def test_the_law_book_is_current():
    told = [
        name(path)
        for path, content in lawbook.written().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]
    told += [f"{name(path)} (its rule is gone)" for path in lawbook.stale()]
    assert not told, f"Out of date: run `make docs`: {told[:10]}"
