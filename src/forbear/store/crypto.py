"""Personal data at rest: AES-256-GCM under a key that is not in the database, and keyed hashes to look it up by.

A sealed value is `key id (1 byte) | nonce (12) | ciphertext | tag (16)`: 29 bytes more than the text, whose length it
shows. It is bound to its borrower and its field, so a value copied to another row or column does not open there.

There is no key per borrower. Wrapped in the same database it would lie in every backup beside the text it opens, and
destroying it would erase nothing that deleting the row does not. Erasing is deleting the row; it is complete when the
last backup that holds the row has been destroyed. docs/explanation/personal-data.md says more.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12  # random: good for 2**32 values under one key, some hundred million borrowers
TAG_BYTES = 16
KEY_FILE = "personal-data.key"


class VaultError(RuntimeError):
    """A key is missing, malformed or open to others, or a value does not open; the message says how to mend it."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens personal data. New values are sealed with the first key; the others still open theirs.

    Attributes:
        ids: the key ids, 1 to 255, the current one first.
    """

    ids: tuple[int, ...]
    _ciphers: Mapping[int, AESGCM] = field(repr=False)
    _index_keys: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def open(cls, home: Path, environ: Mapping[str, str] = os.environ) -> Self:
        """The vault of FORBEAR_KEY if set, else of the key file in `home`, which is made at first use.

        Raises:
            VaultError: the key is malformed, or the file can be read by others.
        """
        if text := environ.get("FORBEAR_KEY", "").strip():
            return cls.from_text(text, "FORBEAR_KEY")
        path = home / KEY_FILE
        return cls.from_text(_read_or_make(path), str(path))

    @classmethod
    def from_text(cls, text: str, source: str) -> Self:
        """The vault of `KEY` or, after a rotation, `ID:KEY ID:KEY ...`, the current one first; a lone KEY has id 1.

        Args:
            text: base64 of 32 random bytes for each KEY.
            source: where the text is from, for the error message. The text itself is never shown.

        Raises:
            VaultError: the text is not of that form.
        """
        keys: dict[int, bytes] = {}
        for number, word in enumerate(text.split(), start=1):
            name, separator, encoded = word.rpartition(":")
            key_id = int(name) if name.isdecimal() else 0 if separator else 1
            key = _decode(encoded)
            if not 1 <= key_id <= 255 or key_id in keys or len(key) != KEY_BYTES:
                raise VaultError(
                    f"Key {number} in {source} is not of the form ID:KEY, with an ID of its own from 1 to 255 and "
                    f"base64 of {KEY_BYTES} bytes. Make one with: openssl rand -base64 {KEY_BYTES}"
                )
            keys[key_id] = key
        if not keys:
            raise VaultError(f"There is no key in {source}. Put back the key from your safe copy.")
        ciphers = {key_id: AESGCM(_derived(key, b"seal")) for key_id, key in keys.items()}
        return cls(tuple(keys), ciphers, {key_id: _derived(key, b"index") for key_id, key in keys.items()})

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that tell the current key from any other and reveal nothing of it.

        Keep it in the database: a wrong key is then refused when Forbear starts, before anything is sealed with it.
        """
        return hmac.digest(self._index_keys[self.ids[0]], b"fingerprint", "sha256")[:6].hex()

    def seal(self, borrower: int, field: str, text: str | None) -> bytes | None:
        """Encrypt one value. None stays None, the empty string does not: unknown and blank are two things."""
        return self.seal_many(field, [(borrower, text)])[0]

    def open_sealed(self, borrower: int, field: str, sealed: bytes | None) -> str | None:
        """Decrypt one value that `seal` gave for the same borrower and field.

        Raises:
            VaultError: it was sealed with another key, for another borrower or field, or has been altered.
        """
        return self.open_many(field, [(borrower, sealed)])[0]

    def seal_many(self, field: str, values: Iterable[tuple[int, str | None]]) -> list[bytes | None]:
        """Encrypt one field of many borrowers: `(borrower, text)` in, sealed values out, in the same order."""
        key_id = self.ids[0]
        head, encrypt, where = bytes([key_id]), self._ciphers[key_id].encrypt, field.encode()
        rows = list(values)
        noise = os.urandom(NONCE_BYTES * len(rows))  # one system call for all of them
        nonces = (noise[at : at + NONCE_BYTES] for at in range(0, len(noise), NONCE_BYTES))
        return [
            None if text is None else head + nonce + encrypt(nonce, text.encode(), _bound(borrower, where))
            for (borrower, text), nonce in zip(rows, nonces, strict=True)
        ]

    def open_many(self, field: str, values: Iterable[tuple[int, bytes | None]]) -> list[str | None]:
        """Decrypt one field of many borrowers: `(borrower, sealed)` in, texts out, in the same order.

        Raises:
            VaultError: one of them does not open; the message names its borrower.
        """
        where = field.encode()
        return [
            None if sealed is None else self._opened(borrower, field, where, bytes(sealed))
            for borrower, sealed in values
        ]

    def needs_sealing_again(self, sealed: bytes | None) -> bool:
        """Whether a value is still under an older key: after a rotation, open and seal these again."""
        return sealed is not None and sealed[:1] != bytes([self.ids[0]])

    def blind_index(self, value: str | None, field: str) -> bytes | None:
        """A keyed hash of the normalised value: equal values of a field have equal hashes, and nobody else can tell.

        None for None and for a blank, which identify nobody: an index over them must not join strangers.

        Returns:
            33 bytes: the key id, then HMAC-SHA256.
        """
        return _index(self.ids[0], self._index_keys[self.ids[0]], value, field)

    def blind_indexes(self, value: str | None, field: str) -> list[bytes]:
        """The hash under every key: look these up, and a row that a rotation has not reached yet is found too."""
        hashes = (_index(key_id, self._index_keys[key_id], value, field) for key_id in self.ids)
        return [one for one in hashes if one is not None]

    def _opened(self, borrower: int, field: str, where: bytes, sealed: bytes) -> str:
        what = f"{field} of borrower {borrower}"
        if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES:
            raise VaultError(
                f"{what} is not a sealed value: {len(sealed)} bytes are too few. Restore the row."
            )
        if sealed[0] not in self._ciphers:
            known = ", ".join(map(str, self.ids))
            raise VaultError(
                f"{what} was sealed with key {sealed[0]}, and only {known} is here. Add {sealed[0]}:KEY to FORBEAR_KEY "
                f"or to {KEY_FILE}."
            )
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._ciphers[sealed[0]].decrypt(nonce, rest, _bound(borrower, where)).decode()
        except InvalidTag:
            raise VaultError(
                f"{what} does not open: key {sealed[0]} here is not the one that sealed it, or the value was altered or "
                "brought from another row. If no value opens, put back the right key; if only this one, the row."
            ) from None


def normalise(value: str) -> str:
    """The form in which two spellings of one value are equal, for look-up only.

    Width and case are levelled and spaces dropped; in numbers (telephone, identity, card) also the marks people put
    between digits. A telephone number is told from another country's only if its caller hands it with country code.

    >>> normalise(" Ａnna  Li "), normalise("+86 (138) 0000-0000"), normalise("11010519491231002X")
    ('annali', '+8613800000000', '11010519491231002x')
    """
    text = unicodedata.normalize("NFKC", "".join(unicodedata.normalize("NFKC", value).casefold().split()))
    number = text.translate({ord(mark): None for mark in "-‐‑–()./"})
    return number if number.removeprefix("+").removesuffix("x").isdecimal() else text


def _index(key_id: int, key: bytes, value: str | None, field: str) -> bytes | None:
    text = normalise(value) if value else ""
    if not text:
        return None
    return bytes([key_id]) + hmac.digest(key, f"{len(field)}:{field}:{text}".encode(), "sha256")


def _bound(borrower: int, field: bytes) -> bytes:
    """What a sealed value belongs to. An integer has no colon, so no two pairs read alike."""
    return b"%d:%s" % (borrower, field)


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose: what a hash might give away of its key says nothing of the other."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"forbear personal data: " + purpose).derive(key)


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        return b""


def _read_or_make(path: Path) -> str:
    """The key file's text. It is linked into place whole, so of two processes that make it, both read the first."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"1:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    if path.stat().st_mode & 0o077:
        raise VaultError(f"{path} can be read by others than you. Close it with: chmod 600 {path}")
    return path.read_text()
