"""How an answer is run. Nothing here knows what is right, and nothing but NumPy is needed.

For a grade this whole folder enters the sandbox, with the learner's code beside it.
"""
