"""One file a room; tests/browser/ drives the app in a real Chromium."""
