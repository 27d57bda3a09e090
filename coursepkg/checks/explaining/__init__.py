"""Why an answer is wrong: known mistakes, and sentences for all others."""
