"""Personal data: what is found by names and by contents, what is not, and what is left of it."""

import pytest

from webapp.services.personal.columns import BY_BOTH, BY_CONTENTS, BY_NAME, INSIDE, Look
from webapp.services.personal.kinds import Kind
from webapp.services.personal.masks import mask
from webapp.services.personal.names import kind_of_name
from webapp.services.personal.pseudonyms import Pseudonyms, plain
from webapp.services.personal.search import Searcher
from webapp.services.personal.treat import Treatments, make_plan

NAMES = {
    Kind.EMAIL: ("email", "E-Mail-Adresse", "courriel", "correo electrónico", "customer_email", "Email 2", "workEmail"),
    Kind.PHONE: ("Tel.", "Telefonnummer", "Handy", "téléphone portable", "mobile phone", "Phone (home)", "fax no"),
    Kind.IBAN: ("IBAN", "Kontonummer", "bank account number", "compte bancaire"),
    Kind.CARD: ("Kreditkartennummer", "credit_card", "cardNumber"),
    Kind.NATIONAL_ID: (
        "SSN",
        "Steuer-ID",
        "numéro de sécurité sociale",
        "codice fiscale",
        "BSN",
        "PESEL",
        "passport no",
    ),
    Kind.BIRTH_DATE: ("date of birth", "DOB", "Geburtsdatum", "geb. am", "fecha de nacimiento", "date de naissance"),
    Kind.NAME: ("first name", "Nachname", "prénom", "apellidos", "customer name", "Ansprechpartner", "name"),
    Kind.ADDRESS: ("Straße", "street", "Hausnummer", "Adresse", "billing address"),
    Kind.IP: ("ip", "IP-Adresse", "client_ip"),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_columns_are_known_by_their_names_in_several_languages(kind: Kind, name: str) -> None:
    found = kind_of_name(name)
    assert found is not None, name
    assert found[0] is kind


@pytest.mark.parametrize(
    "name",
    [
        "email opt in",
        "phone type",
        "company name",
        "product name",
        "file name",
        "order date",
        "amount",
        "IP owner x",
        "id",
    ],
)
def test_columns_about_something_else_are_not(name: str) -> None:
    assert kind_of_name(name) is None


ARE = {
    Kind.EMAIL: ("ada@example.com", "zoë.o'neil+x@mail.example.co.uk", "A@B.DE"),
    Kind.IBAN: (
        "DE89370400440532013000",
        "GB82 WEST 1234 5698 7654 32",
        "NL91ABNA0417164300",
        "FR14 2004 1010 0505 0001 3M02 606",
    ),
    Kind.CARD: ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117"),
    Kind.NATIONAL_ID: (
        *("536-90-4399", "AB 12 34 56 C", "RCCMNL83S18D969H", "54362315K", "X-2482300W", "390.533.447-05"),
        *("2 95 10 99 126 111 93", "880320-0016", "131052-308T", "85.07.30-033.28", "756.9217.0769.85", "710319/2745"),
        *("44051401359", "1630615123457", "6433435F"),
    ),
    Kind.PHONE: ("+49 30 901820", "0049 30 901820", "+44 (0)20 7946 0958", "+1 202-456-1111"),
    Kind.IP: ("192.168.1.20", "8.8.8.8", "2001:db8::1"),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ARE.items() for text in texts])
def test_it_is_known_by_its_contents_and_within_a_sentence(kind: Kind, text: str) -> None:
    searcher = Searcher()
    assert searcher.whole(f" {text} ") is kind
    if ":" not in text:
        assert [
            (hit.kind, f"See {text}, thanks."[hit.start : hit.end]) for hit in searcher.search(f"See {text}, thanks.")
        ] == [(kind, text)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "Ada", "@", "a@b", "@@@@@@", "DE89370400440532013001", "4111 1111 1111 1112", "1234567890123456"),
        *(
            "536-90-439",
            "000-12-3456",
            "2026-01-31",
            "31.01.2026",
            "12:30:15",
            "1,234,567.89",
            "1.234.567,89",
            "10 000 000",
        ),
        *(
            "999.1.1.1",
            "1.2.3.4.5",
            "030 901820",
            "+49 1",
            "invoice 2026/0001234",
            "A" * 5_000,
            "1" * 5_000,
            "- " * 5_000,
        ),
        *("a" * 300_000, "1-" * 100_000, "@" * 100_000, "AB12 " * 50_000),
    ],
    ids=lambda text: text[:30] or "blank",
)
def test_what_only_looks_alike_is_not_and_nothing_takes_long(text: str) -> None:
    assert Searcher().search(text) == []


def test_numbers_without_a_country_are_phone_numbers_of_the_one_that_is_set() -> None:
    assert Searcher("DE").whole("030 901820") is Kind.PHONE
    assert Searcher().whole("030 901820") is None
    assert Searcher("DE").search("am 01.02.2026 und 2026-01-31") == []


def look(name: str, cells: list[str], threshold: float = 0.5) -> list[tuple[Kind, str, bool]]:
    through = Look([name], Searcher())
    through.add([[cell] for cell in cells])
    return [(finding.kind, finding.found_by, finding.whole) for finding in through.findings(threshold)]


def test_a_column_is_judged_by_the_share_of_its_cells() -> None:
    addresses = ["a@example.com", "b@example.com", "none", ""]
    assert look("x", addresses) == [(Kind.EMAIL, BY_CONTENTS, True)]
    assert look("x", addresses, 0.7) == [(Kind.EMAIL, INSIDE, False)]
    assert look("email", addresses) == [(Kind.EMAIL, BY_BOTH, True)]
    assert look("first name", ["Ada"]) == [(Kind.NAME, BY_NAME, True)]
    assert look("name", ["Ada"], 0.7) == [], "things have names too"
    assert look("first name", ["", " "]) == [], "nothing is in it"


def test_words_among_numbers_are_looked_into() -> None:
    cells = [f"{number}" for number in range(1000, 1095)] + ["john.smith@example.com"] * 5
    assert look("ref", cells) == [(Kind.EMAIL, INSIDE, False)]
    phones = ["01701234567"] * 95 + ["a"] * 5
    assert look("ref", phones) == []


def test_national_ids_are_told_from_numbers_out_of_the_blue_by_the_whole_column() -> None:
    valid = [f"{number:08}{check}" for number in range(12345600, 12345900) if (check := bsn_digit(number)) is not None]
    assert look("number", valid) == [(Kind.NATIONAL_ID, BY_CONTENTS, True)]
    assert look("number", [str(number) for number in range(123456000, 123456300)]) == []
    assert look("number", valid[:5]) == [], "a few may be so by chance"


def bsn_digit(number: int) -> int | None:
    """The last digit of a Dutch number of citizens."""
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(f"{number:08}")) % 11
    return total if total < 10 else None


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        (Kind.EMAIL, "john@example.com", "j***@e***.com"),
        (Kind.EMAIL, "not an address", "n*** a*** a***"),
        (Kind.PHONE, "+49 30 901820", "*** ** ***820"),
        (Kind.PHONE, "+49 171 2345678", "*** *** ***5678"),
        (Kind.PHONE, "+49 89 1234", "*** ** **34"),
        (Kind.PHONE, "12345", "*****"),
        (Kind.PHONE, "ask Ada", "a*** A***"),
        (Kind.IBAN, "DE89 3704 0044 0532 0130 00", "DE** **** **** **** **30 00"),
        (Kind.CARD, "4111-1111-1111-1234", "****-****-****-1234"),
        (Kind.NATIONAL_ID, "536-90-4399", "***-**-**99"),
        (Kind.BIRTH_DATE, "31.12.1990", "**.**.1990"),
        (Kind.BIRTH_DATE, "3 Jan 90", "* *** **"),
        (Kind.NAME, "Ada Lovelace-King", "A*** L***-K***"),
        (Kind.ADDRESS, "Hauptstr. 12a", "H***. ***"),
        (Kind.IP, "192.168.1.20", "192.168.*.*"),
        (Kind.OTHER, "K-2041", "K***-***"),
        (Kind.EMAIL, "  ", "  "),
    ],
)
def test_a_mask_keeps_the_shape_and_little_else(kind: Kind, text: str, masked: str) -> None:
    assert mask(text, kind) == masked


def test_a_hash_is_that_of_the_key_and_of_what_the_text_means() -> None:
    first, again, other = Pseudonyms("a key of ours"), Pseudonyms("a key of ours"), Pseudonyms("another key")
    assert first.of("Ada@Example.com ", Kind.EMAIL) == again.of("ada@example.com", Kind.EMAIL) == "axjrj5325ri77ynh"
    assert first.of("ada@example.com", Kind.EMAIL) != other.of("ada@example.com", Kind.EMAIL)
    assert first.of(" ", Kind.EMAIL) == " "
    assert plain("0049 (0)30 901820", Kind.PHONE) == plain("+49 30 901820", Kind.PHONE) == "+4930901820"
    assert plain("030 901820", Kind.PHONE, "DE") == "+4930901820"
    assert plain("de89 3704", Kind.IBAN) == plain("DE893704", Kind.IBAN)


@pytest.mark.parametrize("cell", ["8009.75", "123456", "12,5", "7", "007"])
def test_a_short_number_is_nothing_that_is_looked_for(cell: str) -> None:
    assert Searcher("DE").search(cell) == []


def test_a_column_that_holds_nothing_is_not_searched_again_but_in_rows_that_nobody_saw() -> None:
    note = "call +49 30 901820"
    plan = make_plan(
        ["note"], [], Treatments(dict.fromkeys(Kind, "mask"), {}, inside=True), Searcher(), frozenset({"note"})
    )
    assert plan.row([note]) != [note]
    plan.leave_alone(frozenset({"note"}))
    assert plan.row([note]) == [note]
    assert plan.row([note], seen=False) != [note]
