"""Personal data told by the name of its column, in the languages that `intake.synonyms` knows and some more."""

from functools import lru_cache
from typing import Final

from webapp.intake.synonyms import Meaning, meaning_of, without_unit
from webapp.services.personal.kinds import Kind

SURE, LIKELY = 0.95, 0.6

_SPELLINGS: Final[dict[Kind, str]] = {
    Kind.EMAIL: "email",
    Kind.PHONE: "phone, mobile, fax, whatsapp, handynr, phone home, phone work, numer telefonu, puhelin, telefonszám",
    Kind.IBAN: "iban, iban number, bank account, bank account number, bankkonto, kontonummer, bankverbindung, "
    "account number, compte bancaire, cuenta bancaria, conto bancario, rib, rekeningnummer, numer konta",
    Kind.CARD: "card number, credit card, credit card number, debit card, kreditkarte, kreditkartennummer, "
    "carte bancaire, carte de crédit, tarjeta de crédito, carta di credito, creditcard, pan, cc number",
    Kind.NATIONAL_ID: "ssn, social security number, social security no, national id, national insurance number, nino, "
    "nhs number, passport, passport number, id card number, identity card, tax id, tax number, tin, itin, "
    "sozialversicherungsnummer, svnr, versicherungsnummer, steuer id, steuer idnr, steuernummer, "
    "steueridentifikationsnummer, personalausweis, ausweisnummer, reisepass, reisepassnummer, führerschein, "
    "ahv nummer, ahv, numéro de sécurité sociale, nir, insee, numéro de passeport, passeport, carte d identité, "
    "dni, nie, nif, pasaporte, codice fiscale, carta d identità, bsn, burgerservicenummer, personnummer, "
    "fødselsnummer, fodselsnummer, cpr, cpr nummer, hetu, henkilötunnus, isikukood, pesel, rodné číslo, cnp, oib, "
    "emso, amka, egn, rijksregisternummer, nn, pps, pps number, cpf, curp, aadhaar, sin, tfn, kennitala, "
    "driving licence, driving license number, driver license, drivers licence number",
    Kind.BIRTH_DATE: "birth date, birthdate, born, born on, geb datum, geb, gebdat, geboren, geboren am, geb am, "
    "naissance, né le, né e le, data di nascita, nascita, data de nascimento, geboortedatum, födelsedatum, "
    "fødselsdato, data urodzenia, syntymäaika, nacimiento",
    Kind.NAME: "first name, last name, middle name, maiden name, birth name, geburtsname, mädchenname, nickname, "
    "user name, name of person, contact name, customer name, client name, employee name, patient name, student name, "
    "teacher name, parent name, guest name, recipient name, sender name, cardholder, account holder, kontoinhaber, "
    "ansprechpartner, ansprechpartnerin, contact person, person, nome e cognome, nom et prénom, nombre y apellidos, "
    "imię, nazwisko, etunimi, sukunimi, jméno, příjmení",
    Kind.ADDRESS: "street, street name, house number, address, street address, home address, postal address, "
    "address line, mailing address, shipping address, billing address, delivery address, adresszeile, "
    "straße und hausnummer, domicile, domicilio, indirizzo, ulica, katuosoite",
    Kind.IP: "ip, ip address, ip adresse, adresse ip, dirección ip, indirizzo ip, client ip, remote addr",
}
_MAYBE: Final = {("name",): Kind.NAME, ("nom",): Kind.NAME, ("nombre",): Kind.NAME, ("nome",): Kind.NAME}
"""Names that things have as well as people."""

_AROUND: Final = frozenset(
    """customer client contact employee patient student guest user member person owner parent mother father child
    partner home work private personal business office main primary secondary first second third billing delivery
    shipping pro fixe privat geschäftlich geschaftlich dienstlich privato cliente kunde of de du der des del number no
    nr the emergency alternative other line 1 2 3 4""".split()  # noqa: SIM905 (a list of words is read as one)
)
"""What may stand beside the words: with any other the column is about something else, such as phone type."""


@lru_cache(maxsize=8192)
def kind_of_name(name: str) -> tuple[Kind, float] | None:
    """What a column of this name holds about people, and how sure that is; None if the name says nothing of it."""
    words = tuple(word for word in meaning_of(without_unit(name)) if not word.isdecimal())
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            kind = _PHRASES.get(words[start : start + length])
            if kind and _AROUND.issuperset((*words[:start], *words[start + length :])):
                return kind, SURE
    return (_MAYBE[words], LIKELY) if words in _MAYBE else None


def _phrases() -> dict[Meaning, Kind]:
    return {meaning_of(spelling): kind for kind, spellings in _SPELLINGS.items() for spelling in spellings.split(", ")}


_PHRASES: Final = _phrases()
