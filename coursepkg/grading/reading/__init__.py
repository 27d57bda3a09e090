"""How a notebook is read: runs in a process of its own, started by `coursepkg.grading.preflight`.

Nothing but the standard library is imported, which keeps the start quick; IPython only for a
notebook with magics in it.
"""
