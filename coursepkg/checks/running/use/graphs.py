"""Answers that are given a graph: nodes, numbered from 0, and arrows (parent, node, ...)."""

import itertools

from coursepkg.checks.running.use.calls import NotAsAsked

MOST_NODES = 10_000  # of a list that never ends
NO_LIST = "It must return a list of the nodes, which are numbered from 0 to {}."


def order_of_nodes(answer, arguments):
    """The nodes as they are listed, the first `MOST_NODES` of them. arguments: nodes, arrows."""
    returned = answer(*arguments.values())
    if returned is None:
        return None
    try:
        return list(itertools.islice(returned, MOST_NODES))
    except TypeError:
        raise NotAsAsked(NO_LIST.format(arguments["nodes"] - 1)) from None
