"""What a person can do wrong has a message fit to show; anything else that is raised is a bug of ours."""


class SelfmojiError(Exception):
    """The base of every error of ours whose message says, in a sentence fit to show, what to do about it."""
