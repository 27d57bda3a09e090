"""The sandbox in which submissions run, and what is put into it."""
