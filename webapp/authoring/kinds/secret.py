"""SecretStr: a password or a key, which no page ever shows again."""

from collections.abc import Sequence

from pydantic import SecretStr

from webapp.authoring.kind import Form, SingleLine, last_text
from webapp.authoring.spec import Spec


class Secret(SingleLine):
    """Kept apart from the other parameters; has to be typed again each time."""

    widget = "password"
    input_type = "password"
    note = "Not shown again once it is sent."

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is SecretStr

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        return last_text(form, self.spec.form_name) or None

    def secret_paths(self) -> tuple[str, ...]:
        return (self.spec.path,)

    def is_default(self, raw: object) -> bool:
        return raw is None

    def show(self, value: object) -> str:
        del value  # whatever it is, it does not leave the server
        return ""
