"""What a person can do wrong has a message fit to show; anything else that is raised is a bug of ours."""

LONGEST = 60
"""Characters that a message quotes of a value it was given."""


class SelfmojiError(Exception):
    """The base of every error of ours whose message says, in a sentence fit to show, what to do about it.

    template: the message as catalogues of other languages have it; values: what stands in its {braces}.
    """

    def __init__(self, template: str = "", **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values


class UsageError(SelfmojiError):
    """A command that makes no sense as it stands: nothing was begun, and the same again would do no better."""


def shortened(value: object) -> str:
    """A value as Python writes it, for a message: one line of at most `LONGEST` characters, however large it is."""
    if isinstance(value, str):
        value = value[: LONGEST + 1]
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # numbers of thousands of digits, and lists in lists in lists ...
        text = f"a {type(value).__name__} that is too large to show"
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
