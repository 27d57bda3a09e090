"""Wrong answers to exercises 11 that are not in the bank; see test_unseen_mistakes.py."""

POINTING = {}
