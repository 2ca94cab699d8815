"""The models as all pages and visitors share them: loaded once a process, behind the first page that will need them;
and the queue of photos before them."""

from __future__ import annotations

import gc
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.queue import Queue

if TYPE_CHECKING:
    from core import Reader


def reader() -> Reader:
    """The models once they are loaded; those that failed are tried again, since weights may have been restored.

    Raises WeightsError.
    """
    loading = start_loading()
    if loading.done() and loading.exception():
        start_loading.clear()
        loading = start_loading()
    return loading.result()


@st.cache_resource(show_spinner=False)
def photos() -> Queue:
    """Where all visitors' photos wait for the models."""
    return Queue()


@st.cache_resource(show_spinner=False)
def start_loading() -> Future[Reader]:
    """Begins to load the models, so that a page need not wait for torch before they are wanted."""
    return ThreadPoolExecutor(1, "models").submit(_load)


def _load() -> Reader:
    from core import Reader

    loaded = Reader()
    # What is here by now is here to stay. Left out of the garbage collector's rounds, it makes them short, where a look
    # through all of torch would stop the mirrors' video for a sixth of a second, and frequent, so that what visitors
    # leave behind goes soon.
    gc.collect()
    gc.freeze()
    return loaded
