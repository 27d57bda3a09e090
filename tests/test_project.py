"""What the files promise to those who read them: README, lock, licences, the map of chapters."""

import re
import subprocess
import tomllib

import nbformat
from conftest import ROOT

from coursepkg.chapters import CHAPTERS

README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked_files():
    command = ["git", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_the_table_of_chapters_in_the_readme_is_that_of_the_course():
    rows = re.findall(r"^\| (\d\d) \| (?:\[(.+?)\]\((.+?)\)|(.+?)) \|", README, flags=re.M)
    assert [int(row[0]) for row in rows] == [chapter.number for chapter in CHAPTERS]
    for (_, linked, path, plain), chapter in zip(rows, CHAPTERS, strict=True):
        assert (linked or plain) == chapter.title
        assert bool(linked) == bool(chapter.file)
        assert not linked or (ROOT / path).is_file()


def test_the_readme_and_the_chapters_agree_on_question_and_minutes():
    rows = re.findall(r"^\| \d\d \| \[.+?\]\((.+?)\) \| (.+?) \| (\d+) \|", README, flags=re.M)
    assert len(rows) == sum(bool(chapter.file) for chapter in CHAPTERS)
    for path, question, minutes in rows:
        title = nbformat.read(ROOT / path, as_version=4).cells[0].source
        assert f"*{minutes} minutes" in title, path
        assert path.startswith("notebooks/00") or question in title, path


def test_links_in_the_documents_lead_somewhere():
    for document in ROOT.glob("*.md"):
        for target in re.findall(
            r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")
        ):
            assert (ROOT / target).exists(), f"{document.name} links to {target}"


def test_the_documents_name_make_targets_that_exist():
    targets = set(re.findall(r"^(\w+):", MAKEFILE, flags=re.M))
    for document in ROOT.glob("*.md"):
        named = re.findall(r"`make (\w+)", document.read_text(encoding="utf-8"))
        assert set(named) <= targets, document.name


def test_the_lock_holds_names_exact_versions_and_markers_only():
    for line in LOCK.splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*( ; [^;@]+)?", line), line


def test_the_lock_holds_every_direct_dependency():
    locked = {line.split("==")[0] for line in LOCK.splitlines()}
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    wanted.remove("coursepkg[grading]")  # the tests need what grading needs
    assert {re.match(r"[\w-]+", requirement)[0] for requirement in wanted} <= locked


def test_no_file_names_a_folder_of_one_machine_or_a_package_index():
    forbidden = re.compile(r"/(home|root|work|Users)/|index-url|find-links=|/simple/")
    for path in tracked_files():
        if path.suffix == ".ipynb":
            sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        elif path.is_relative_to(ROOT / "tests") or path.suffix in (".png", ".ttf", ".webp"):
            continue  # some tests hold such a path, to look for it
        else:
            sources = [path.read_text(encoding="utf-8")]
        assert not any(forbidden.search(source) for source in sources), path.name
