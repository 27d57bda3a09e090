"""How a notebook is read: in a process of its own, started by `preflight.py`.

Nothing but the standard library is imported, which keeps the start quick; IPython only for a
notebook with magics in it.
"""
