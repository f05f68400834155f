"""In private, and with whom was called: a certificate is believed only if it shows that."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.receiver import Receiver, Reply
from webapp.services.outgoing.client import Client
from webapp.services.outgoing.errors import BadCertificate, NotReached

HOST = "desk.example"
NOW = datetime.now(UTC)


class Authority:
    """Issues certificates, and is trusted by whoever reads its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our own")]), self._key)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str = HOST, days: int = 1) -> ssl.SSLContext:
        """A server's side with a certificate for this host that is good for so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(x509.Name([]), key, host, days)
        file = self._folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, host: str | None = None, days: int = 1
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if host is None else self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=9))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


def ask(server: ssl.SSLContext) -> bytes:
    with Receiver(lambda _: Reply(body=b"in private"), server) as receiver:
        place = f"{HOST}:{receiver.port}"
        with (
            Client([place], lambda _host, _port: ["127.0.0.1"]) as client,
            client.send("GET", f"https://{place}/", seconds=5) as answer,
        ):
            return answer.body(100)


@pytest.mark.usefixtures("trusted")
def test_the_name_is_checked_though_a_number_is_connected_to(authority: Authority) -> None:
    assert ask(authority.server()) == b"in private"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("host", "days", "words"), [("other.example", 1, "Hostname mismatch"), (HOST, -1, "certificate has expired")]
)
def test_a_certificate_of_somebody_else_or_of_yesterday_is_refused(
    authority: Authority, host: str, days: int, words: str
) -> None:
    with pytest.raises(BadCertificate, match=words):
        ask(authority.server(host, days))


def test_a_certificate_that_nobody_trusts_is_refused(authority: Authority) -> None:
    with pytest.raises(BadCertificate, match=r"desk\.example cannot show to be desk\.example"):
        ask(authority.server())


@pytest.mark.usefixtures("trusted")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_private_as_it_was_understood_long_ago_is_refused(authority: Authority) -> None:
    old = authority.server()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(NotReached):
        ask(old)


def test_nothing_in_the_code_believes_without_looking() -> None:
    code = Path(__file__).resolve().parents[2] / "webapp"
    words = ("CERT_NONE", "verify=False", "_create_unverified", "check_hostname = False")
    assert [str(path) for path in code.rglob("*.py") if any(word in path.read_text("utf-8") for word in words)] == []
