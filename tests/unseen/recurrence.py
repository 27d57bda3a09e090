"""Wrong answers to exercises 12 that are not in the bank; see test_unseen_mistakes.py."""

POINTING = {}
