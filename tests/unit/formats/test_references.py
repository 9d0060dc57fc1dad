"""The table of references is a dictionary from texts to places, however many there are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forbear.formats.references import References, Text, empty_text


def column(values: list[str]) -> Text:
    encoded = [value.encode() for value in values]
    ends = np.concatenate(([0], np.cumsum([len(value) for value in encoded]))).astype(np.int64)
    return Text(ends, np.frombuffer(b"".join(encoded), np.uint8))


@given(
    st.lists(st.lists(st.text(max_size=6), max_size=40), max_size=5),
    st.lists(st.text(max_size=6), max_size=20),
)
def test_it_is_a_dictionary(batches, asked):
    references, wanted = References(), {}
    for batch in batches:
        found = references.add(column(batch)).tolist()
        assert found == [wanted.setdefault(text, len(wanted)) for text in batch]
    assert len(references) == len(wanted)
    assert references.find(column(asked)).tolist() == [wanted.get(text, -1) for text in asked]
    assert references.texts().strings() == list(wanted)


def test_it_grows_past_its_first_size():
    references = References()
    names = [f"loan-{number:09}" for number in range(50_000)]
    for first in range(0, len(names), 7_000):
        references.add(column(names[first : first + 7_000]))
    assert references.find(column(names)).tolist() == list(range(50_000))
    assert references.find(column(["loan-x", names[49_999], ""])).tolist() == [-1, 49_999, -1]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=30), st.data())
def test_texts_can_be_taken(values, data):
    places = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=20))
    text = column(values)
    assert text.take(np.array(places, np.int64)).strings() == [values[place] for place in places]
    assert [text.at(place) for place in range(len(values))] == values


def test_hashes_are_equal_for_equal_texts_only():
    names = [f"E{number}" for number in range(100_000)]
    assert len(np.unique(column(names).hashes())) == len(names)
    first, other, again = column(["a", "b", "a"]).hashes().tolist()
    assert first == again != other


def test_an_empty_column_has_its_rows():
    assert empty_text(3).strings() == ["", "", ""]
