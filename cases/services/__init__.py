"""Verbs that change cases. Each takes `by` (whose scope) and `at` (when), and runs in one transaction."""
