"""Borrowers who cannot be anybody.

Names are drawn from common syllables. What would identify a person lies outside what is ever given out:

- the ID number's area code is 999999, which GB/T 2260 assigns to no place; its check digit is right (GB 11643), so that
  whatever validates it is satisfied;
- the phone number begins with 105, and mobile numbers in China begin with 13 to 19;
- the e-mail address is in `example.org`, which RFC 2606 reserves.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from forbear.simulate.text import digits, strings

SURNAMES: Final = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
GIVEN: Final = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文志新宇子欣雨晨浩思佳梓涵博雅")
AREA: Final = 999_999
PHONE_PREFIX: Final = 105
_WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS: Final = np.frombuffer(b"10X98765432", np.uint8)
_EPOCH_1965: Final = -1826
_BIRTHDAYS: Final = 14_000
"""Births from 1965-01-01 over some 38 years."""


def id_numbers(number: np.ndarray) -> pa.Array:
    """A different 18-digit ID number for each of up to 13 million borrowers, with the right check digit.

    Borrower n is born on day n mod 14 000 and has sequence n div 14 000 of that day.
    """
    born = (_EPOCH_1965 + number * 5099 % _BIRTHDAYS).astype("datetime64[D]")
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    sequence = number // _BIRTHDAYS % 999 + 1
    body = np.hstack(
        [
            digits(np.full(len(number), AREA), 6),
            digits(year * 10_000 + month * 100 + day, 8),
            digits(sequence, 3),
        ]
    )
    check = _CHECKS[((body - ord("0")) * _WEIGHTS).sum(axis=1) % 11]
    return strings(np.hstack([body, check[:, None].astype(np.uint8)]))


def phones(number: np.ndarray) -> pa.Array:
    """An 11-digit phone number each, which no subscriber has."""
    return strings(digits(PHONE_PREFIX * 10**8 + number % 10**8, 11))


def emails(number: np.ndarray) -> pa.Array:
    """An address each in a domain that is nobody's."""
    user = digits(number, 9)
    front = np.tile(np.frombuffer(b"borrower", np.uint8), (len(user), 1))
    back = np.tile(np.frombuffer(b"@example.org", np.uint8), (len(user), 1))
    return strings(np.hstack([front, user, back]))


def names(number: np.ndarray) -> pa.Array:
    """A plausible name each; many share one, as people do."""
    scattered = (number + 1) * 2_654_435_761 % 2**32
    surname = np.array(SURNAMES)[scattered % len(SURNAMES)]
    first = np.array(GIVEN)[scattered // 64 % len(GIVEN)]
    second = np.where(scattered // 4096 % 4 == 0, "", np.array(GIVEN)[scattered // 16_384 % len(GIVEN)])
    return pa.array(np.char.add(np.char.add(surname, first), second))
