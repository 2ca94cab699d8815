"""The pages of the app, one file each, and in parts/ what they share."""
