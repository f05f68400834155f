"""What the words of a column's name mean: the same few words for what many languages and habits write otherwise."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from webapp.intake.match import NUMBER_SIGN

Meaning = tuple[str, ...]
"""The words of a name, each in the spelling that this module knows it by."""

MEANINGS: Final = {
    "email": "e-mail, mail, e-mail address, mail address, e-mail-adresse, mailadresse, courriel, mél, adresse e-mail, "
    "adresse mail, correo, correo electrónico, posta elettronica, indirizzo e-mail, e-mailadres, e-post, emails",
    "phone": "tel, tel no, telephone, telephone number, phone number, phone no, telefon, telefonnummer, telefonnr, "
    "fon, téléphone, numéro de téléphone, teléfono, telefono, telefone, telefoon, telefoonnummer, rufnummer",
    "mobile": "mobile phone, mobile number, mobile phone number, mobil, mobilnummer, mobiltelefon, handy, handynummer, "
    "cell phone, cellphone, móvil, celular, cellulare, téléphone portable, mobiel",
    "fax": "telefax, fax number, fax no, faxnummer, télécopie",
    "first name": "given name, forename, vorname, vornamen, prénom, prenom, nombre de pila, voornaam, förnamn, fname",
    "last name": "surname, family name, nachname, familienname, zuname, nom de famille, apellido, apellidos, cognome, "
    "achternaam, efternamn, lname",
    "name": "full name, vollständiger name, nom complet, nombre completo, nome completo",
    "user name": "username, benutzername, login, login name, nom d utilisateur, nombre de usuario",
    "company": "company name, firma, firmenname, unternehmen, société, entreprise, empresa, azienda, bedrijf",
    "salutation": "anrede, civilité, tratamiento",
    "street": "straße, strasse, rue, calle, straat",
    "house number": "hausnummer, hausnr, house no, huisnummer",
    "address": "adresse, anschrift, dirección, indirizzo, adres, addr, adr",
    "postcode": "post code, postal code, zip, zip code, plz, postleitzahl, code postal, código postal, postnummer",
    "city": "town, ort, stadt, wohnort, ville, ciudad, città, plaats",
    "country": "land, pays, país, paese, country name",
    "quantity": "qty, menge, anzahl, quantité, qté, cantidad, quantità, quantidade, aantal, stückzahl",
    "amount": "amt, betrag, montant, importe, importo, bedrag, valor monetario",
    "total": "sum, summe, gesamt, gesamtbetrag, total amount, gesamtsumme, totale",
    "price": "preis, prix, precio, prezzo, preço, prijs",
    "unit price": "einzelpreis, stückpreis, prix unitaire, precio unitario",
    "currency": "währung, devise, moneda, ccy",
    "discount": "rabatt, remise, descuento, sconto, korting",
    "net": "netto",
    "gross": "brutto",
    "tax": "steuer, impuesto, imposta",
    "vat": "mwst, mehrwertsteuer, tva, iva, btw, ust, umsatzsteuer",
    "vat number": "vat id, vat no, ust-id, ust-idnr, ustid, umsatzsteuer-id, numéro de tva",
    "date": "datum, fecha",
    "birth date": "date of birth, dob, birthday, geburtsdatum, geburtstag, date de naissance, fecha de nacimiento",
    "time": "uhrzeit, heure, hora",
    "year": "jahr, année, año, anno",
    "month": "monat, mois, mes",
    "id": "identifier, kennung, identifiant, identificador",
    "number": "no, nr, num, nbr, nummer, numéro, número, numero, nro",
    "customer number": "kdnr, kd nr",
    "order number": "ord no, best nr, auftragsnr",
    "invoice number": "inv no, rechn nr, rg nr",
    "article number": "art no, art nr",
    "customer": "kunde, kunden, client, cliente, klant",
    "order": "bestellung, bestell, auftrag, auftrags, commande, pedido",
    "invoice": "rechnung, rechnungs, facture, factura, fattura",
    "product": "produkt, produit, producto, prodotto",
    "article": "artikel, artículo, articolo",
    "supplier": "vendor, lieferant, lieferanten, fournisseur, proveedor, fornitore",
    "delivery": "liefer, lieferung, livraison, entrega",
    "description": "beschreibung, descripción, descrizione, desc, descr",
    "note": "notiz, bemerkung, kommentar, comment, remark, commentaire, observación, notes, bemerkungen, comments",
    "category": "kategorie, catégorie, categoría, categoria",
    "language": "sprache, langue, idioma, lingua, taal",
    "gender": "sex, geschlecht, sexe, sexo",
    "department": "dept, abteilung, département, departamento",
    "account": "acct, konto, compte, cuenta, conto",
    "reference": "ref, referenz, référence, referencia",
    "weight": "gewicht, poids, peso",
    "colour": "color, farbe, couleur",
    "centre": "center, zentrum",
    "website": "web site, homepage, webseite, web page, site web",
    "url": "link, web address",
    "count": "cnt",
    "manager": "mgr",
}
"""The spellings of what nearly every table has. A word that means something else in another language is left out, such
as "nom", a name here and a surname there, or "valuta", a currency in one language and a date in another."""

# Words of their own: none of them is another one misspelt or cut short.
_WORDS: Final = """
account action active age agent amount annual area balance bank base batch bill billing birth block board book booking
box branch brand budget building buyer campaign card care career carrier case cash cell centre channel charge child city
class client clock close code colour company complaint contact content contract cost count country county course cover
credit current custom customs daily data date day days dead deal dealer debit debtor decline degree delivery demand
deposit depth device direct district document dose due duration edge employee employer end entry error estimate event
exchange expense export factor factory family fare farm fee field file final first floor form formal format former
freight from function fund grade grant grid group growth guest head health height hold holiday home host hour house
image import income index interest internal internet inventory issue item job joint journal judge keep key label labour
last late lead leader lease leave ledger left length lender level licence limit line list live load loan local location
log long loss lot lower machine mail main male manager manual margin market master material matter maximum meal mean
media member message meter metre method minimum minor minute mode model money mother motion motor move name nation
native need network night node normal notice object office open option order origin other outlet owner pack package
packet page paid pallet parent part partner party patent patient pay payee payer payment period permit person phase
place plan plane planet plant plate platform point policy position post premium present price print prior prize process
producer product profile profit program project promotion property provider province public purchase purpose quality
quantity quarter quota quote range rank rate ratio reader real reason receipt receiver record region register release
rent report request reserve resource response result return revenue review reward risk road role room rounding route row
rule salary sale sales sample scale schedule school score seat second section sector security sell seller sender series
serial service session set shape share ship shipping shop shopping side sign site size skill source space special speed
staff stage standard start state statement station status step stock stop storage store subject subscriber survey system
table target tariff team tenant tender term test text ticket title trade trail train training transaction transfer
transit transport travel treatment trial trip turn type unit update upper usage user value variant vehicle version
vessel view visit voucher wage warehouse warranty week weekly width word work worker yield zone
"""

_FILLERS: Final = frozenset({"of", "the", "de", "der", "die", "das", "des", "du", "la", "le", "del", "dei", "el"})
_UNITS: Final = frozenset(
    {
        *("eur", "euro", "usd", "gbp", "chf", "kg", "g", "mg", "cm", "mm", "m", "km", "l", "ml", "pcs", "stk"),
        *("yyyy", "yy", "mm", "dd", "jjjj", "tt", "hh", "required", "optional", "mandatory", "pflichtfeld"),
    },
)
_LONGEST_PHRASE = 4
_SHORTEST_HEAD = 3
_TAILS: Final = ("nummer", "number", "datum", "betrag", "preis", "name", "nr")
_ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DEGREE_SIGN = re.compile(r"\bn°", re.IGNORECASE)
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_BREAKS = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def meaning_of(name: str) -> Meaning:
    """The words of a name, in the spelling that all of their kind have in common: "Kunden-Nr." is customer number."""
    words = _words(name)
    found: list[str] = []
    place = 0
    while place < len(words):
        length, meaning = _longest_known(words, place)
        filler = words[place] in _FILLERS and 0 < place < len(words) - 1
        if not (filler and length == 1):
            found += meaning
        place += length
    return tuple(found)


def without_unit(name: str) -> str:
    """The name without what it says in brackets, if that is a unit or the like: "Amount (EUR)" is an amount."""
    return _ASIDE.sub(lambda aside: " " if _UNITS.issuperset(_words(aside[1])) else aside[0], name).strip(" *")


def is_word(word: str) -> bool:
    """Whether this is a word of its own, not one misspelt or cut short."""
    return word in _KNOWN


def _words(name: str) -> list[str]:
    plain = NUMBER_SIGN.sub(" number ", _DEGREE_SIGN.sub("no ", name))
    letters = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return [word for word in _BREAKS.split(_HUMPS.sub(" ", bare).casefold()) if word]


def _longest_known(words: list[str], place: int) -> tuple[int, Meaning]:
    """How many words from here on mean what."""
    for length in range(min(_LONGEST_PHRASE, len(words) - place), 0, -1):
        meaning = _SPELLINGS.get("".join(words[place : place + length]))
        if meaning:
            return length, meaning
    return 1, _taken_apart(words[place])


def _taken_apart(word: str) -> Meaning:
    """A compound by its last part: "vorgangsnummer" is a number of "vorgangs"."""
    for tail in _TAILS:
        head = word.removesuffix(tail)
        if head != word and len(head) >= _SHORTEST_HEAD:
            return (*_SPELLINGS.get(head, (head,)), *_SPELLINGS.get(tail, (tail,)))
    return (word,)


def _spellings() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for meaning, spellings in MEANINGS.items():
        for spelling in (meaning, *spellings.split(", ")):
            found["".join(_words(spelling))] = tuple(meaning.split())
    return found


_SPELLINGS: Final = _spellings()
_KNOWN: Final = frozenset({*_WORDS.split(), *_SPELLINGS, *(word for phrase in MEANINGS for word in phrase.split())})
