"""Readings and recipes in; standard emojis that fit, sticker packs and contact sheets out."""
