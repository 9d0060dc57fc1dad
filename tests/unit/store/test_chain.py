"""The compiled digests and rows are those of the plain definitions."""

import hashlib
import json
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forbear.store import chain
from forbear.store.blake2 import absorb, begin, finish
from forbear.store.journal_wire import DETAILS, NEW_ENTRY, details_text, encode_entries

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=90)


def column(values):
    encoded = [value.encode() for value in values]
    ends = np.concatenate(([0], np.cumsum([len(value) for value in encoded]))).astype(np.int64)
    return ends, np.frombuffer(b"".join(encoded), np.uint8)


def blake2b(*parts):
    state, block = np.zeros(8, np.uint64), np.zeros(16, np.uint64)
    begin(state)
    length = 0
    for part in parts:
        length = absorb(state, block, block.view(np.uint8), length, np.frombuffer(part, np.uint8))
    finish(state, block, block.view(np.uint8), length)
    return state.tobytes()[:16]


@given(st.binary(max_size=700), st.integers(0, 700))
def test_blake2b_is_that_of_hashlib(message, cut):
    assert blake2b(message[:cut], message[cut:]) == hashlib.blake2b(message, digest_size=16).digest()


def test_blake2b_at_the_edges_of_blocks():
    for length in (0, 1, 127, 128, 129, 255, 256, 257, 384):
        message = bytes(range(256)) * 2
        assert blake2b(message[:length]) == hashlib.blake2b(message[:length], digest_size=16).digest()


ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 2),  # loan
        st.integers(1, 28),  # kind
        st.integers(-25_567, 84_005),  # day
        st.integers(0, 3),  # component
        st.integers(0, 10**12),  # amount
        st.integers(0, 2**31 - 1),  # target
        st.tuples(st.integers(0, 84_005), st.integers(0, 10**11), st.integers(0, 1000)),  # until, rate, count
        TEXTS.filter(bool),  # key
        st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
    ),
    max_size=12,
)


@given(ENTRIES, st.integers(1, 2**31 - 1))
def test_rows_and_digests_are_those_of_the_definition(entries, recording):
    rows = np.zeros(len(entries), NEW_ENTRY)
    heads = np.zeros((3, 2), np.uint64)
    last, count, wanted = [chain.NO_DIGEST] * 3, [0] * 3, b""
    for place, (loan, kind, day, component, amount, target, says, key, texts) in enumerate(entries):
        count[loan] += 1
        rows[place] = (loan + 7, loan, count[loan], kind, day, component, amount, target, *says)
        details = details_text(dict(zip(DETAILS, texts, strict=True)))
        last[loan] = chain.entry_digest(
            last[loan],
            loan=loan + 7,
            sequence=count[loan],
            kind=kind,
            component=component,
            effective_on=day,
            amount=amount,
            target=target,
            recording=recording,
            key=key,
            details=details,
            until=says[0],
            rate=says[1],
            count=says[2],
        )
        wanted += row(
            *(loan + 7, count[loan], kind, day, component, amount, target, says),
            *(key, recording, last[loan], details),
        )
    keys = column([entry[7] for entry in entries])
    details_columns = [column([entry[8][i] for entry in entries]) for i in range(4)]
    assert bytes(encode_entries(rows, keys, details_columns, recording=recording, heads=heads)) == wanted
    assert [heads[loan].tobytes() for loan in range(3)] == last


def row(loan, sequence, kind, day, component, amount, target, says, key, recording, digest, details):
    """A row of `journal` in COPY's binary form, field by field."""
    fields = [
        struct.pack(">q", loan),
        struct.pack(">i", sequence),
        struct.pack(">h", kind),
        struct.pack(">i", day - 10957),
        struct.pack(">h", component),
        struct.pack(">q", amount),
        struct.pack(">i", target),
        struct.pack(">i", says[0]),
        struct.pack(">q", says[1]),
        struct.pack(">h", says[2]),
        struct.pack(">q", chain.tie(key)),
        struct.pack(">i", recording),
        digest,
        key.encode(),
    ]
    body = b"".join(struct.pack(">i", len(field)) + field for field in fields)
    last = (
        struct.pack(">i", -1)
        if details is None
        else struct.pack(">i", len(details.encode())) + details.encode()
    )
    return struct.pack(">h", 15) + body + last


@given(TEXTS)
def test_a_tie_is_of_62_bits_and_of_the_key_alone(key):
    assert 0 <= chain.tie(key) < 1 << 62
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    assert chain.tie(key) == int(digest.hex()[:16], 16) // 4


def chained(entries):
    """Whole journals as `chain.check` takes them, with the digests of the definition."""
    entries = sorted(entries, key=lambda entry: entry[0])
    count, last, digests = [0] * 3, [chain.NO_DIGEST] * 3, []
    fields = {name: [] for name in chain.ENTRY_FIELDS}
    for loan, kind, day, component, amount, target, says, key, texts in entries:
        count[loan] += 1
        details = details_text(dict(zip(DETAILS, texts, strict=True)))
        values = (loan, count[loan], kind, component, day, amount, target, *says, 5, chain.tie(key))
        for name, value in zip(chain.ENTRY_FIELDS, values, strict=True):
            fields[name].append(value)
        named = dict(zip(chain.ENTRY_FIELDS[:-1], values, strict=False))
        last[loan] = chain.entry_digest(last[loan], **named, key=key, details=details)
        digests.append(last[loan])
    details = [details_text(dict(zip(DETAILS, entry[8], strict=True))) for entry in entries]
    return (
        {name: np.array(values, np.int64) for name, values in fields.items()},
        column([entry[7] for entry in entries]),
        column([text or "" for text in details]),
        np.array([text is not None for text in details]),
        np.frombuffer(b"".join(digests), "V16"),
    )


@given(ENTRIES.filter(bool))
def test_digests_in_bulk_are_those_of_the_definition(entries):
    assert not chain.check(*chained(entries)).any()


@given(ENTRIES.filter(bool), st.data())
def test_an_altered_entry_is_found_in_its_place(entries, data):
    fields, keys, details, has_details, digests = chained(entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    says = fields["kind"][place] >= 10  # of the others the database holds these three at zero
    names = [name for name in chain.ENTRY_FIELDS if says or name not in ("until", "rate", "count")]
    name = data.draw(st.sampled_from([name for name in names if name not in ("loan", "kind")]))
    fields[name][place] ^= 1
    wrong = chain.check(fields, keys, details, has_details, digests)
    assert np.flatnonzero(wrong).tolist() == [place]
    assert wrong[place] == (chain.WRONG_TIE if name == "tie" else chain.WRONG_DIGEST)


@given(ENTRIES.filter(bool), st.data())
def test_an_altered_digest_is_found_there_and_in_the_next(entries, data):
    fields, keys, details, has_details, digests = chained(entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    altered = digests.view(np.uint8).copy()
    altered[16 * place + data.draw(st.integers(0, 15))] ^= 1
    wrong = chain.check(fields, keys, details, has_details, altered.view("V16"))
    follows = place + 1 < len(entries) and fields["loan"][place + 1] == fields["loan"][place]
    assert np.flatnonzero(wrong).tolist() == [place, place + 1][: 1 + follows]


def test_details_are_compact_json_in_a_fixed_order():
    text = details_text({"reason": "é\n", "channel": "card", "payer": ""})
    assert text == '{"channel":"card","reason":"é\\n"}'
    assert json.loads(text) == {"channel": "card", "reason": "é\n"}
    assert details_text({"channel": ""}) is None
