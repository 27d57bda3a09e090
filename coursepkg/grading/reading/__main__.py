"""A notebook on stdin, what to look for as JSON in the argument, what was found on stdout."""

import gc
import json
import os
import resource
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # python -I knows no such folder

from cells import Refused, load, parsed, text_in
from sheet import contents

LIMITS = {
    resource.RLIMIT_AS: 2_000_000_000,
    resource.RLIMIT_CPU: 20,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 32_000_000,
}


def limit(kind, most):
    """Set a limit of this process, or a lower one that it has already."""
    hard = resource.getrlimit(kind)[1]
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (soft, hard))


def reply(asked):
    """What is sent back: the contents of a sheet, or why there are none."""
    try:
        text, repairs = text_in(sys.stdin.buffer.read())
        notebook, more = parsed(text)
        del text
        cells, others = load(notebook)
        return contents(cells, repairs + more + others, **asked)
    except Refused as refused:
        return {"why": str(refused)}
    except MemoryError:
        return {"why": "It holds more than fits into 2 GB of memory. Clear its outputs."}
    except RecursionError:
        return {"why": "Its JSON is nested too deep for a notebook."}


if __name__ == "__main__":
    for kind, most in LIMITS.items():
        limit(kind, most)
    gc.disable()  # millions of lists are looked through again and again otherwise
    output = json.dumps(reply(json.loads(sys.argv[1])), ensure_ascii=False)
    sys.stdout.buffer.write(output.encode("utf-8"))
    sys.stdout.buffer.flush()
    os._exit(0)  # to free millions of lists one by one takes seconds
