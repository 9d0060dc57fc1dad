"""Personal data is sealed for one borrower and one field, and says clearly why it does not open."""

import base64
import multiprocessing
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.store.crypto import KEY_FILE, Vault, VaultError, normalise

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
VAULT = Vault.from_text(OLD, "the test")
ROTATED = Vault.from_text(f"2:{NEW} 1:{OLD}", "the test")


@given(st.integers(0, 2**63 - 1), st.sampled_from(["name", "phone"]), st.none() | st.text())
def test_what_is_sealed_opens(borrower, field, text):
    assert VAULT.open_sealed(borrower, field, VAULT.seal(borrower, field, text)) == text


def test_unknown_and_blank_are_two_things():
    assert VAULT.seal(7, "name", None) is None
    blank = VAULT.seal(7, "name", "")
    assert blank is not None
    assert VAULT.open_sealed(7, "name", blank) == ""
    assert VAULT.open_sealed(7, "name", None) is None


def test_the_same_text_is_never_sealed_alike():
    assert len(set(VAULT.seal_many("name", [(7, "李安娜")] * 100))) == 100


def test_many_keep_their_order():
    rows = [(number, None if number % 3 else f"name {number}") for number in range(1000)]
    sealed = VAULT.seal_many("name", rows)
    assert VAULT.open_many(
        "name", [(number, one) for (number, _), one in zip(rows, sealed, strict=True)]
    ) == [text for _, text in rows]


@pytest.mark.parametrize(("borrower", "field"), [(8, "name"), (7, "phone")])
def test_a_value_brought_to_another_row_or_column_does_not_open(borrower, field):
    with pytest.raises(
        VaultError, match=f"{field} of borrower {borrower} does not open.*brought from another row"
    ):
        VAULT.open_sealed(borrower, field, VAULT.seal(7, "name", "Anna"))


@pytest.mark.parametrize("position", [1, 13, -1])
def test_an_altered_value_does_not_open(position):
    sealed = bytearray(VAULT.seal(7, "name", "Anna") or b"")
    sealed[position] ^= 1
    with pytest.raises(VaultError, match="altered"):
        VAULT.open_sealed(7, "name", bytes(sealed))


def test_a_wrong_key_is_told_from_a_missing_one():
    sealed = ROTATED.seal(7, "name", "Anna")
    with pytest.raises(VaultError, match=r"sealed with key 2, and only 1 is here\. Add 2:KEY"):
        VAULT.open_sealed(7, "name", sealed)
    with pytest.raises(VaultError, match="key 2 here is not the one that sealed it"):
        Vault.from_text(f"2:{OLD}", "the test").open_sealed(7, "name", sealed)


def test_what_was_never_sealed_is_said_to_be_so():
    with pytest.raises(VaultError, match="name of borrower 7 is not a sealed value: 4 bytes"):
        VAULT.open_sealed(7, "name", b"Anna")


def test_errors_show_neither_text_nor_key():
    with pytest.raises(VaultError) as refusal:
        Vault.from_text("1:c2VjcmV0", "FORBEAR_KEY")
    assert "c2VjcmV0" not in str(refusal.value)
    assert OLD not in repr(VAULT)
    assert "b'" not in repr(VAULT)


def test_after_a_rotation_the_old_opens_and_the_new_is_used():
    old = VAULT.seal(7, "phone", "+8613800000000")
    assert ROTATED.open_sealed(7, "phone", old) == "+8613800000000"
    assert ROTATED.needs_sealing_again(old)
    assert not ROTATED.needs_sealing_again(ROTATED.seal(7, "phone", "+8613800000000"))
    assert VAULT.blind_index("+8613800000000", "phone") in ROTATED.blind_indexes("+8613800000000", "phone")
    assert (
        ROTATED.blind_index("+8613800000000", "phone") == ROTATED.blind_indexes("+8613800000000", "phone")[0]
    )
    assert VAULT.fingerprint != ROTATED.fingerprint


def test_spellings_of_one_value_have_one_hash_and_fields_do_not_meet():
    index = VAULT.blind_index("13800000000", "phone")
    assert index is not None
    assert len(index) == 33
    assert index == VAULT.blind_index(" 138-0000 0000", "phone")
    assert index != VAULT.blind_index("13800000000", "id_number")
    assert index != ROTATED.blind_index("13800000000", "phone")


@pytest.mark.parametrize("nobody", [None, "", "  ", "\u3000"])
def test_a_blank_identifies_nobody(nobody):
    assert VAULT.blind_index(nobody, "phone") is None
    assert VAULT.blind_indexes(nobody, "phone") == []


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        ("１３８００００００００", "13800000000"),
        ("+86 (138) 0000-0000", "+8613800000000"),
        ("11010519491231002X", "11010519491231002x"),
        ("Anna  LI", "annali"),
        ("o'hara-smith@example.com", "o'hara-smith@example.com"),
        ("阿里·木", "阿里·木"),
    ],
)
def test_normal_forms(spelling, same):
    assert normalise(spelling) == same


@given(st.text())
def test_a_normal_form_is_its_own(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "text", ["x", f"0:{OLD}", f"256:{OLD}", f"a:{OLD}", f"1:{OLD} 1:{NEW}", f"{OLD} {NEW}", "1:"]
)
def test_a_malformed_key_is_refused_with_the_mend(text):
    with pytest.raises(VaultError, match=r"Key \d in FORBEAR_KEY is not of the form.*openssl rand"):
        Vault.from_text(text, "FORBEAR_KEY")


def test_the_key_file_is_made_once_and_private(tmp_path):
    sealed = Vault.open(tmp_path, {}).seal(7, "name", "Anna")
    assert Vault.open(tmp_path, {}).open_sealed(7, "name", sealed) == "Anna"
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_processes_that_make_the_key_file_at_once_agree(tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(fingerprint, [tmp_path] * 12, chunksize=1))) == 1


def fingerprint(home):
    return Vault.open(home, {}).fingerprint


def test_a_key_file_open_to_others_is_refused(tmp_path):
    Vault.open(tmp_path, {})
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        Vault.open(tmp_path, {})


def test_an_emptied_key_file_is_not_filled_with_a_new_key(tmp_path):
    Vault.open(tmp_path, {})
    (tmp_path / KEY_FILE).write_text("")
    with pytest.raises(VaultError, match="Put back the key"):
        Vault.open(tmp_path, {})


def test_forbear_key_comes_before_the_file(tmp_path):
    assert Vault.open(tmp_path, {"FORBEAR_KEY": OLD}).fingerprint == VAULT.fingerprint
    assert not list(tmp_path.iterdir())
