"""Names of the source made into words for the operator."""

_SHORT = 2


def title_of(name: str) -> str:
    """A title for a name: `list_name` becomes `List name`; a short code in capitals stays as it is."""
    if name.isupper() and len(name) <= _SHORT:
        return name
    return name.strip("_").replace("_", " ").lower().capitalize()
