"""Names of columns whose digits are no quantity."""

import re
from typing import Final

_FIXED: Final = frozenset(
    {
        *("zip", "zipcode", "postcode", "postal", "plz", "postleitzahl", "cap", "cep"),
        *("ean", "gtin", "upc", "isbn", "issn", "barcode", "siren", "siret", "ssn", "bsn", "imei", "blz"),
    },
)
_VARIED: Final = frozenset(
    {
        *("phone", "telephone", "tel", "telefon", "telefono", "téléphone", "telefone", "mobile", "handy", "fax"),
        *("iban", "bic", "account", "konto", "kontonummer", "vat", "sku", "asin", "iccid"),
    },
)
_QUANTITIES: Final = frozenset({"count", "total", "amount", "sum", "balance", "age"})
_WORD = re.compile(r"[^\W\d_]+")


def is_code_name(name: str) -> bool:
    """Whether a column of this name holds postcodes, telephone numbers, article or account numbers."""
    words = _words(name)
    return bool(words & (_FIXED | _VARIED)) and not words & _QUANTITIES


def has_one_length(name: str) -> bool:
    """Whether a column of this name holds codes that are all as long as each other, such as postcodes."""
    words = _words(name)
    return bool(words & _FIXED) and not words & _QUANTITIES


def _words(name: str) -> set[str]:
    return set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
