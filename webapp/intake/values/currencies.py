"""How money is marked, before or after the number."""

import re
from typing import Final

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RMB "
    "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"
)
_WORDS = (
    *("R$", "US$", "CA$", "C$", "AU$", "A$", "NZ$", "HK$", "S$", "NT$", "MX$"),
    *("SFr.", "SFr", "Fr.", "Kr.", "kr.", "Kr", "kr", "zł", "Kč", "Ft", "lei", "lv."),
    *("Rs.", "Rs", "RM", "Rp", "TL", "DM", "FCFA", "CFA"),
    *("руб.", "руб", "лв."),  # noqa: RUF001 - Cyrillic, as it is written
)
_SIGNS = "$¢£¤¥฿៛﷼﹩\uff04\uffe0\uffe1\uffe5\uffe6₠-\u20c0"
_UNIT = "|".join([*map(re.escape, _WORDS), *_CODES.split(), f"[{_SIGNS}]"])
_NUMBER = r"[-+\u2212\u2013(]*\s?[0-9.,][0-9.,'\u2019\s]*"
_MARKED: Final = re.compile(
    rf"[-+\u2212\u2013(]*\s?(?:(?P<before>{_UNIT})\s?{_NUMBER}|{_NUMBER}[-\u2013\u2014]{{0,2}}\s?(?P<after>{_UNIT}))[-)\u2212\s]*\Z"
)
_LONGEST = 60


def currency_of(text: str) -> str:
    """The mark of a currency beside a number, or nothing."""
    found = _MARKED.match(text) if len(text) <= _LONGEST else None
    return (found["before"] or found["after"]) if found else ""
