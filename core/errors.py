"""What a person can do wrong has a message fit to show; anything else that is raised is a bug of ours."""


class SelfmojiError(Exception):
    """The base of every error of ours whose message says, in a sentence fit to show, what to do about it."""


def shortened(value: object, most: int = 60) -> str:
    """The repr of something foreign, such as a file's content, cut to so many characters: fit for a message."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a whole number of thousands of digits has no text
        text = f"a {type(value).__name__}"
    return text if len(text) <= most else text[: most - 1] + "…"
