"""Names of columns whose digits are no quantity."""

import re
from typing import Final

_WORDS: Final = frozenset(
    {
        *("zip", "zipcode", "postcode", "postal", "plz", "postleitzahl", "cap", "cep"),
        *("phone", "telephone", "tel", "telefon", "telefono", "téléphone", "telefone", "mobile", "handy", "fax"),
        *("ean", "gtin", "upc", "isbn", "issn", "asin", "sku", "barcode"),
        *(
            "iban",
            "bic",
            "blz",
            "account",
            "konto",
            "kontonummer",
            "siren",
            "siret",
            "vat",
            "ssn",
            "bsn",
            "imei",
            "iccid",
        ),
    },
)
_COUNTED: Final = frozenset({"count", "total", "amount", "sum", "balance", "age"})
_WORD = re.compile(r"[^\W\d_]+")


def is_code_name(name: str) -> bool:
    """Whether a column of this name holds postcodes, telephone numbers, article or account numbers."""
    words = set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    return bool(words & _WORDS) and not words & _COUNTED
