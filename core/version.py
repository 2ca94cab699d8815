"""The version of Selfmoji, in one place; it rises with every change to what an emoji looks like or a network says."""

__version__ = "0.4.0"
