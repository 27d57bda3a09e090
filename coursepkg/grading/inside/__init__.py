"""What runs inside the sandbox, beside the submission: nothing here knows a right answer.

`launcher.py` is the first process; `answer.py` runs one question in a process of its own, and
`needed.py` finds the statements that it needs. The rest comes from `coursepkg.checks`.
"""
