"""A class of 1,000 graded by `coursepkg grade`: time, memory, every point; then killed and resumed.

The submissions contain known mistakes (`class_of_students.py`), so every line of the table is
compared with the expected one. The same class is then graded into another folder, in a run that is
killed and resumed several times: the final tables must be the same, and nothing may be graded
twice. Finally nbgrader's autograder and ours grade the same submissions, see
`grading_beside_nbgrader.py`.
"""

import argparse
import contextlib
import sys
import time

import psutil
from class_of_students import make
from grading_beside_nbgrader import beside
from grading_runs import (
    JOBS,
    NAME,
    SEED,
    Run,
    different,
    interrupted,
    unequal,
    workers_of,
    workspace,
)

LIMIT = 0.3  # seconds per submission on one core
FLAT = 10  # MB that the command may grow after the first tenth
KILLS = ((0.2, "command"), (0.35, "worker"), (0.5, "command"), (0.8, "command"))


def megabytes(process):
    """The memory of a process; 0 once it has ended."""
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss / 1e6
    return 0.0


def measure(submissions, results, count):
    """(seconds, {number of records: MB of the command then}, peak MB of a worker)."""
    run, memory, workers = Run(submissions, results), {}, 0.0
    for done in run.until(count, seconds=0.5):  # rarely, because looking costs time too
        memory[done] = megabytes(run.process)
        workers = max([workers, *map(megabytes, workers_of(run.process))])
    while run.process.poll() is None:  # it writes the tables and the pages
        memory[count] = max(memory.get(count, 0), megabytes(run.process))
        time.sleep(0.02)
    return run.finish(), memory, workers


def tell_time(count, seconds, memory, workers):
    each = seconds * JOBS / count
    print(f"{count} submissions, --jobs {JOBS}: {seconds:.1f} s in all, {each:.3f} s each per core")
    written = memory.pop(count, 0)
    moments = {min(memory, key=lambda done: abs(done - share * count)) for share in (0.1, 0.5, 1)}
    for done in sorted(moments):
        print(f"  memory of the command after {done}: {memory[done]:.0f} MB")
    print(f"  while it writes the tables and pages: {written:.0f} MB at most")
    print(f"  a worker: {workers:.0f} MB at most")
    growth = memory[max(moments)] - memory[min(moments)]
    return each <= LIMIT and growth <= FLAT


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--beside", type=int, default=20, help="submissions for nbgrader as well")
    options = parser.parse_args()
    count = options.students
    with workspace() as folder:
        submissions, once, again = (folder / name for name in ("submitted", "once", "again"))
        due = make(submissions, count, 1, NAME, SEED)
        good = tell_time(count, *measure(submissions, once, count))
        wrong = different(once, due)
        lines = sum(map(len, due.values()))
        print(f"  {lines - len(wrong)} of {lines} answers: the points and the mistake that are due")
        print("".join(f"  {line}\n" for line in wrong[:5]), flush=True, end="")
        seen, lost = interrupted(submissions, again, count, KILLS)
        print("The same class again, killed in the middle:")
        print("".join(f"  {line}\n" for line in seen), end="")
        print(f"  graded twice or lost: {len(lost)} records")
        changed = unequal(once, again)
        print(f"  tables that differ from the first run's: {', '.join(changed) or 'none'}")
        good = good and not (wrong or lost or changed)
        if options.beside:
            good &= beside(options.beside, folder)
    sys.exit(not good)


if __name__ == "__main__":
    main()
