"""The exercises' questions, and `check` and `hint` for the notebook.

A question holds what is right, the mistakes that people make, and hints; `check` runs a learner's
function on cases of the question and says which of them it is.
"""

from coursepkg.checks.notebook import check, hint

__all__ = ["check", "hint"]
