"""EmailStr: one e-mail address."""

from pydantic import EmailStr

from webapp.authoring.kind import SingleLine
from webapp.authoring.spec import Spec


class Email(SingleLine):
    """An address; the browser offers the right keyboard."""

    input_type = "email"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is EmailStr
