"""Signing what is sent, as https://www.standardwebhooks.com has it: the receiver can tell that we sent it, and when."""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


def signature_headers(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver that knows the secret tells that the body is ours.

    Args:
        secret: `whsec_` and base64, as many receivers hand it out; anything else is taken as it stands.
        message_id: the same each time this message is sent.
        seconds: the present time, since 1970.
        body: what is sent.
    """
    signed = b".".join((message_id.encode(), str(seconds).encode(), body))
    signature = base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass  # it only looks like one
    return secret.encode()
