"""A reading in, a recipe out: every choice there is, and the rules that make the first ones."""
