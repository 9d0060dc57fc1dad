"""Currencies and their minor units, as in ISO 4217.

Source: ISO 4217 List One (current currency and funds codes), the table published by the maintenance agency,
SIX Group, on 2026-01-01. Left out are the thirteen codes whose minor unit is "N.A." (precious metals,
bond-market units, special drawing rights, test and no-currency codes): nothing is lent in them.
`docs/algorithms/rounding.md` says how to bring it up to date.
"""

from types import MappingProxyType
from typing import Final

PUBLISHED: Final = "2026-01-01"

_CODES_BY_DECIMALS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
        HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
        RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
        USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

MINOR_UNITS: Final = MappingProxyType(
    {code: decimals for decimals, codes in _CODES_BY_DECIMALS.items() for code in codes.split()}
)
"""Currency code to its number of decimals: MINOR_UNITS["CNY"] is 2."""


def decimals_of(currency: str) -> int:
    """The number of decimals of a currency: 2 for CNY, 0 for JPY, 3 for KWD.

    Raises ValueError for a code that is not a current ISO 4217 currency with a minor unit.
    """
    try:
        return MINOR_UNITS[currency]
    except (KeyError, TypeError):
        raise ValueError(
            f"{currency!r} is not a current ISO 4217 currency (list of {PUBLISHED}); "
            'write the three capital letters, as in "CNY"'
        ) from None
