"""Why an answer is wrong: sentences for what no known mistake explains."""
