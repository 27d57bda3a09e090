"""Grading a class: submissions are found, read, run in a sandbox, judged and reported."""
