"""The pages of the app, one file each; modules that begin with an underscore are parts of pages."""
