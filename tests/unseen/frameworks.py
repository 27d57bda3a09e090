"""Wrong answers to exercises 10 that are not in the bank; see test_unseen_mistakes.py."""

POINTING = {}
