"""Columns find their fields: by name, by meaning, by likeness; and never one that is another's."""

import time
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, EmailStr, Field, create_model

from webapp.intake import Match, MatchError, kept_match, match_columns, settle_match
from webapp.intake.match import How
from webapp.intake.settle import Remembered
from webapp.intake.similar import LEAST, similarity
from webapp.intake.synonyms import MEANINGS, meaning_of


def model(*required: str, **more: Any) -> type[BaseModel]:
    """A row model with these required text fields, and others by their types."""
    fields: dict[str, Any] = dict.fromkeys(required, (str, ...)) | {name: (kind, ...) for name, kind in more.items()}
    return create_model("Line", **fields)


class Order(BaseModel):
    customer_number: str
    email: EmailStr
    quantity: int
    price: Annotated[Decimal | None, Field(json_schema_extra={"synonyms": ["Cost each", "Wert"]})] = None
    note: str | None = None


GERMAN = ["Kunden-Nr.", "E-Mail-Adresse", "Menge", "Wert", "Bemerkung"]


def fed(columns: list[str], wanted: type[BaseModel], **types: str) -> dict[str, str | None]:
    return settle_match(columns, types, wanted).pairs


def test_each_field_tells_how_its_column_was_found() -> None:
    class Person(BaseModel):
        name: str
        first_name: str
        mail: str
        town: Annotated[str, Field(json_schema_extra={"synonyms": ["Place of residence"]})]
        customer_number: str

    match = settle_match(["name", "First Name", "Courriel", "place of residence", "Cust. No"], {}, Person)
    assert match.how == {
        "name": How.EXACT,
        "first_name": How.NORMALISED,
        "mail": How.SYNONYM,
        "town": How.SYNONYM,
        "customer_number": How.SIMILAR,
    }
    assert [match.score[name] for name in ("name", "first_name", "mail", "town")] == [1.0] * 4
    assert 0.84 <= match.score["customer_number"] < 1
    assert match.doubtful == ("customer_number",)
    assert (match.missing, match.unused) == ((), ())


def test_other_languages_feed_the_same_fields() -> None:
    assert fed(GERMAN, Order) == dict(zip(Order.model_fields, GERMAN, strict=True))
    french = ["N° client", "Adresse e-mail", "Quantité", "Prix", "Commentaire"]
    assert fed(french, Order) == dict(zip(Order.model_fields, french, strict=True))


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("username", "name"),
        ("name", "username"),
        ("end_date", "start date"),
        ("shipping_country", "billing country"),
        ("country", "Billing country"),
        ("id", "paid"),
        ("paid", "id"),
        ("id", "No."),
        ("number", "ID"),
        ("email", "E-mail sent"),
        ("country", "county"),
        ("contact", "contract"),
        ("quantity", "quality"),
        ("payer", "payee"),
        ("employer", "employee"),
        ("address_1", "address 2"),
        ("name", "Name DE"),
        ("net_amount", "gross amount"),
        ("first_name", "last name"),
        ("first_name", "name"),
        ("phone", "fax"),
        ("date", "date of birth"),
        ("delivery_date", "order date"),
        ("price", "prize"),
        ("amount", "account"),
        ("customer_number", "customer name"),
        ("number_of_items", "item number"),
        ("total", "total tax"),
        ("zip_code", "country code"),
        ("company", "complaint"),
        ("state", "statement"),
        ("note", "node"),
        ("received", "receiver"),
        ("shipping_address_country", "shipping address country code"),
    ],
)
def test_a_column_of_something_else_feeds_nothing(field: str, column: str) -> None:
    match = settle_match([column], {}, model(field))
    assert match.pairs == {field: None}
    assert (match.missing, match.unused) == ((field,), (column,))


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("email", "E-Mial"),
        ("customer_number", "Cust. No"),
        ("customer_number", "No. of customer"),
        ("first_name", "Name, First"),
        ("address", "Adress"),
        ("amount", "Amount (EUR)"),
        ("shipment_date", "Shpmt Date"),
        ("sku", "SKUs"),
        ("quantity", "Quanttiy"),
        ("order_id", "Order No."),
        ("warehouse_manager", "Wareh. manager"),
    ],
)
def test_what_is_only_similar_is_taken_and_said_to_be(field: str, column: str) -> None:
    match = settle_match([column], {}, model(field))
    assert match.pairs == {field: column}
    assert match.how == {field: How.SIMILAR}
    assert match.doubtful == (field,)


def test_names_alone_guess_nothing() -> None:
    match = match_columns(GERMAN, Order)
    assert set(match.pairs.values()) == {None}
    assert match.missing == ("customer_number", "email", "quantity")


def test_two_columns_that_would_do_feed_nothing() -> None:
    match = settle_match(["Amount (EUR)", "Amount (USD)"], {}, model("amount"))
    assert match.missing == ("amount",)
    assert settle_match(["Mail"], {}, model("email", "e_mail_address")).missing == ("email", "e_mail_address")


def test_a_better_name_for_one_field_leaves_the_other_column_to_the_other_field() -> None:
    wanted = model("phone", "mobile")
    assert fed(["Handy", "Tel."], wanted) == {"phone": "Tel.", "mobile": "Handy"}
    assert fed(["Handy"], wanted) == {"phone": None, "mobile": "Handy"}


def test_the_kind_of_a_column_speaks_against_a_guess() -> None:
    assert fed(["Anzahl"], model(quantity=int), Anzahl="integer") == {"quantity": "Anzahl"}
    assert fed(["Anzahl"], model(quantity=int), Anzahl="text") == {"quantity": "Anzahl"}, "some misfits make it text"
    assert fed(["Anzahl"], model(quantity=int), Anzahl="email") == {"quantity": None}
    assert fed(["Datum"], model(date=date), Datum="integer") == {"date": None}
    assert fed(["Mail"], model(email=EmailStr), Mail="boolean") == {"email": None}
    assert fed(["Mail"], model("email"), Mail="date") == {"email": None}, "a text field by the name of email"
    assert fed(["Datum"], model(date=date | None), Datum="date") == {"date": "Datum"}
    assert fed(["Wert"], model(betrag=int | str), Wert="email") == {"betrag": None}


def test_the_kind_of_a_column_decides_between_two_that_would_do() -> None:
    assert fed(["Mail", "Correo"], model("email"), Mail="text", Correo="email") == {"email": "Correo"}


def test_a_name_that_is_right_counts_whatever_the_column_holds() -> None:
    assert fed(["quantity"], model(quantity=int), quantity="email") == {"quantity": "quantity"}


def test_it_is_the_same_whatever_the_order_of_the_columns() -> None:
    for columns in (GERMAN, GERMAN[::-1], GERMAN[2:] + GERMAN[:2]):
        assert fed(columns, Order) == dict(zip(Order.model_fields, GERMAN, strict=True))


def test_a_number_sign_behind_a_word_is_a_number() -> None:
    assert fed(["Order #"], model("order_number")) == {"order_number": "Order #"}
    assert fed(["Order #"], model("order")) == {"order": None}
    assert fed(["#id"], model("id")) == {"id": "#id"}


def test_a_choice_goes_before_all_else_and_takes_its_column_from_others() -> None:
    chosen = {"customer_number": "E-Mail-Adresse", "note": None}
    match = settle_match([*GERMAN, "Mail"], {}, Order, chosen=chosen)
    assert match.pairs == {
        "customer_number": "E-Mail-Adresse",
        "email": "Mail",
        "quantity": "Menge",
        "price": "Wert",
        "note": None,
    }
    assert (match.how["customer_number"], match.how["note"]) == (How.CHOSEN, How.CHOSEN)
    assert match.unused == ("Kunden-Nr.", "Bemerkung")


def test_a_choice_of_what_was_found_leaves_how_it_was_found() -> None:
    found = settle_match(GERMAN, {}, Order)
    assert settle_match(GERMAN, {}, Order, chosen=found.pairs) == found
    chosen: dict[str, str | None] = {**found.pairs, "note": None}
    assert settle_match(GERMAN, {}, Order, chosen=chosen).how == {**found.how, "note": How.CHOSEN}


def test_choices_that_cannot_be_are_refused_by_name() -> None:
    chosen = {"colour": "Menge", "email": "Mail", "quantity": None, "price": "Wert", "note": "Wert"}
    with pytest.raises(MatchError) as refused:
        settle_match(GERMAN, {}, Order, chosen=chosen)
    problems = refused.value.problems
    assert list(problems) == ["colour", "email", "quantity", "price", "note"]
    assert "no field “colour”" in problems["colour"]
    assert "no column “Mail”" in problems["email"]
    assert "“quantity” is needed" in problems["quantity"]
    assert "one field only" in problems["price"] + problems["note"]


def test_what_is_remembered_goes_before_names_and_is_passed_over_where_it_cannot_be() -> None:
    pairs = {"customer_number": "Menge", "email": "gone", "quantity": None, "note": None, "colour": "Wert"}
    match = settle_match(GERMAN, {}, Order, Remembered(pairs, {}))
    assert match.pairs == {
        "customer_number": "Menge",
        "email": "E-Mail-Adresse",
        "quantity": None,
        "price": "Wert",
        "note": None,
    }
    assert match.how["customer_number"] is match.how["note"] is How.REMEMBERED
    assert match.missing == ("quantity",)


def test_what_is_remembered_of_a_renamed_column_is_doubtful() -> None:
    remembered = Remembered({"customer_number": "Menge", "email": "Wert"}, {"email": 0.9})
    match = settle_match(GERMAN, {}, Order, remembered)
    assert match.doubtful == ("email",)
    assert match.how["email"] is How.REMEMBERED


def test_what_is_remembered_and_goes_by_its_name_is_as_good_as_that() -> None:
    match = settle_match(["note", "Wert"], {}, Order, Remembered({"note": "note", "price": "Wert"}, {"note": 0.9}))
    assert (match.how["note"], match.how["price"]) == (How.EXACT, How.SYNONYM)
    assert match.doubtful == ()


def test_a_match_is_stored_and_comes_back() -> None:
    match = settle_match([*GERMAN, "x"], {}, Order, chosen={"note": None})
    assert Match.from_json(match.to_json()) == match


def test_a_settled_match_stays_as_it_is_when_the_model_changes() -> None:
    class Changed(BaseModel):
        email: EmailStr
        note: str
        wert: str
        bemerkung: str | None = None

    settled = settle_match(GERMAN, {}, Order, chosen={"note": None})
    kept = kept_match(settled, GERMAN, Changed)
    assert kept.pairs == {"email": "E-Mail-Adresse", "note": None, "wert": None, "bemerkung": None}
    assert (kept.missing, kept.how["email"]) == (("note", "wert"), How.SYNONYM)
    assert kept.unused == ("Kunden-Nr.", "Menge", "Wert", "Bemerkung")
    assert kept_match(settled, GERMAN, Order) == settled
    assert kept_match(settled, GERMAN[1:], Order).missing == ("customer_number",)


def test_every_spelling_has_one_meaning() -> None:
    spellings = [(spelling, meaning) for meaning, each in MEANINGS.items() for spelling in (meaning, *each.split(", "))]
    assert len(spellings) > 300
    wrong = {
        spelling: meaning_of(spelling)
        for spelling, meaning in spellings
        if meaning_of(spelling) != tuple(meaning.split())
    }
    assert wrong == {}


def test_a_name_as_long_as_a_letter_is_compared_with_nothing() -> None:
    assert similarity("e-mail " * 40, "E-Mail " * 40) == 0


def test_a_wide_table_is_not_guessed_at() -> None:
    columns = [f"column {place}" for place in range(30_000)]
    match = settle_match([*columns, "Menge", "E-MAIL"], {}, Order)
    assert match.pairs["email"] == "E-MAIL", "names count"
    assert match.pairs["quantity"] is None


def test_many_columns_that_are_alike_take_no_time() -> None:
    fields: dict[str, Any] = {f"f{place}": (Annotated[str, Field(title="E-Mail")], ...) for place in range(100)}
    columns = [f"Courriel{'!' * place}" for place in range(500)]
    begun = time.perf_counter()
    assert set(settle_match(columns, {}, create_model("Line", **fields)).pairs.values()) == {None}
    assert time.perf_counter() - begun < 3


WORDS = [
    "e-mail",
    "mail",
    "Datum",
    "order",
    "No.",
    "customer",
    "Kunden",
    "name",
    "first",
    "2",
    "(EUR)",
    "#",
    "",
    "ß",
    "\udcff",
]
any_name = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=4).map(" ".join)


@given(st.lists(any_name, max_size=8, unique=True), st.lists(any_name.filter(str.strip), max_size=5, unique=True))
def test_whatever_columns_are_called_each_feeds_one_field_at_most(columns: list[str], titles: list[str]) -> None:
    fields: dict[str, Any] = {
        f"f{place}": (Annotated[str, Field(title=title)], ... if place % 2 else "")
        for place, title in enumerate(titles)
    }
    wanted = create_model("Line", **fields)
    match = settle_match(columns, {}, wanted)
    used = [column for column in match.pairs.values() if column is not None]
    assert len(used) == len(set(used))
    assert sorted([*used, *match.unused]) == sorted(columns)
    assert set(match.missing) == {name for name in wanted.model_fields if name[1:] in "13" and not match.how.get(name)}
    assert all(LEAST <= score <= 1 for score in match.score.values())
    chosen = {name: column for name, column in match.pairs.items() if column is not None}
    assert settle_match(columns, {}, wanted, chosen=chosen).pairs == match.pairs


@given(any_name, any_name)
def test_likeness_goes_both_ways(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
