"""A recipe in, layers out, and from them an SVG or a PNG that says whose work it is."""
