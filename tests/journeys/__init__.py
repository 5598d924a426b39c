"""Whole stories through the real pages, in a real browser, by people who sign in with their passwords."""
