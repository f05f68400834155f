"""What operators enter about a call, checked beside its field: as soon as there is a file, against its columns too."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from webapp.services.placeholders import PlaceholderError, Template
from webapp.services.webhooks.template import (
    read_body,
    read_headers,
    read_url,
    require_headers,
    require_url,
    templates_in,
)


def checked(templates: Callable[[Any], Iterable[Template]]) -> AfterValidator:
    """Refuse what cannot be read, and what names a column that the file does not have."""

    def check(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 (whatever is checked)
        columns = (info.context or {}).get("columns")
        try:
            for template in templates(value):
                if columns is not None:
                    template.require(columns)
        except PlaceholderError as error:
            raise PydanticCustomError("placeholders", "{reason}", {"reason": str(error)}) from None
        return value

    return AfterValidator(check)


CallUrl = Annotated[str, checked(lambda url: (read_url(url),))]
FixedUrl = Annotated[str, checked(lambda url: require_url(url) or ())]
FixedHeaders = Annotated[dict[str, str], checked(lambda headers: require_headers(headers) or ())]
CallHeaders = Annotated[dict[str, str], checked(lambda headers: read_headers(headers).values())]
CallBody = Annotated[str, Field(max_length=100_000), checked(lambda body: templates_in(read_body(body)))]
