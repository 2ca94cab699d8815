"""Bytes in, readings out: a photo, the faces in it, and what the models see in each."""
