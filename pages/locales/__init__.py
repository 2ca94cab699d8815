"""The catalogues: every text of the pages in every language. `python -m pages.locales.update` keeps them whole."""
