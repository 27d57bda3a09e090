"""Which notebooks are found in a folder of submissions, and what is said of the others."""

import os
import subprocess
import sys

import pytest

from coursepkg.grading.submissions import find, passed_over

SET = "03_one_weight"


@pytest.fixture
def folder(tmp_path):
    """A folder for submissions, beside which lies something that is nobody's."""
    (tmp_path / "secret.ipynb").write_text("{}")
    (tmp_path / "other" / SET).mkdir(parents=True)
    (tmp_path / "other" / SET / f"{SET}.ipynb").write_text("{}")
    (tmp_path / "submitted").mkdir()
    return tmp_path / "submitted"


def hand_in(folder, student, *names, assignment=SET):
    """A folder as nbgrader collects it, with files of these names; without, the right one."""
    place = folder / student / assignment
    place.mkdir(parents=True)
    for name in names or (f"{assignment}.ipynb",):
        (place / name).write_text("{}")
    return place


def only(folder):
    """The one submission that is found."""
    [submission] = find(folder, SET)
    return submission


def test_both_layouts_sorted_by_student(folder):
    hand_in(folder, "cy", f"{SET}.ipynb", "timestamp.txt", "notes.md")
    hand_in(folder, "ada")
    (folder / "bob.ipynb").write_text("{}")
    (folder / "Dan.IPYNB").write_text("{}")
    hand_in(folder, "eve", assignment="02_chain_rule")
    (folder / "fay").mkdir()
    (folder / "README.md").write_text("no submission")
    found = find(folder, SET)
    assert [each.student for each in found] == ["Dan", "ada", "bob", "cy"]
    assert [each.path.relative_to(folder).as_posix() for each in found] == [
        "Dan.IPYNB",
        f"ada/{SET}/{SET}.ipynb",
        "bob.ipynb",
        f"cy/{SET}/{SET}.ipynb",
    ]
    assert not any(each.problem or each.notes for each in found)


def test_a_renamed_notebook_is_taken_with_a_note(folder):
    hand_in(folder, "ada", "my answers.ipynb")
    found = only(folder)
    assert (found.path.name, found.problem) == ("my answers.ipynb", "")
    taken = f"the only one there, `{found.path.name}`, was taken"
    assert found.notes == (f"No notebook is called `{SET}.ipynb`; {taken}.",)


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (("a.ipynb", "03_One.ipynb", "z.ipynb"), "03_One.ipynb"),
        (("03_one_weight (copy).ipynb", "03_one_weight-2.ipynb"), "03_one_weight-2.ipynb"),
        (("02_chain_rule.ipynb", "03_one.ipynb"), "03_one.ipynb"),
        (("b.ipynb", "a.ipynb"), "a.ipynb"),
    ],
)
def test_of_several_the_closest_is_taken_with_a_note(folder, names, taken):
    hand_in(folder, "ada", *names)
    found = only(folder)
    assert found.path.name == taken
    assert found.notes == (
        f"No notebook is called `{SET}.ipynb`; of several the closest, `{taken}`, was taken.",
    )


def test_the_right_name_is_taken_among_others_without_a_note(folder):
    hand_in(folder, "ada", "03_One_weight.ipynb", f"{SET}.ipynb", "03.ipynb")
    assert (only(folder).path.name, only(folder).notes) == (f"{SET}.ipynb", ())


def test_files_that_are_no_notebooks_are_named(folder):
    hand_in(folder, "ada")
    for name in ("kim.zip", "max.ipynb.txt", ".hidden", "lee.ipynb"):
        (folder / name).write_text("")
    assert passed_over(folder) == ["kim.zip", "max.ipynb.txt"]


def test_copies_that_a_system_made_do_not_count(folder):
    place = hand_in(folder, "ada", f"._{SET}.ipynb")
    (place / ".ipynb_checkpoints").mkdir()
    (place / ".ipynb_checkpoints" / f"{SET}-checkpoint.ipynb").write_text("{}")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "bob-checkpoint.ipynb").write_text("{}")
    (folder / "._bob.ipynb").write_text("{}")
    (folder / ".latest").symlink_to("ada")
    assert only(folder).student == "ada"
    assert only(folder).problem == "There is no notebook in the folder."


def test_links_are_not_followed(folder):
    real = hand_in(folder, "ada")
    (folder / "bob").symlink_to("ada")
    (folder / "cy").mkdir()
    (folder / "cy" / SET).symlink_to(real)
    place = hand_in(folder, "dan", "notes.txt")
    (place / f"{SET}.ipynb").symlink_to(real / f"{SET}.ipynb")
    (folder / "eve.ipynb").symlink_to("../secret.ipynb")
    (folder / "fay.ipynb").symlink_to("nowhere")
    (folder / "guy").symlink_to("../other")
    problems = {each.student: each.problem for each in find(folder, SET)}
    assert problems.pop("ada") == ""
    assert list(problems) == ["bob", "cy", "dan", "eve", "fay", "guy"]
    assert all("is a link. Links are not followed" in problem for problem in problems.values())


def test_a_link_beside_a_notebook_is_not_taken(folder):
    place = hand_in(folder, "ada", "answers.ipynb")
    (place / f"{SET}-new.ipynb").symlink_to("/dev/zero")
    assert (only(folder).path.name, only(folder).problem) == ("answers.ipynb", "")


def test_what_is_no_file_is_a_problem(folder):
    os.mkfifo(folder / "ada.ipynb")
    os.mkfifo(hand_in(folder, "bob", "notes.txt") / f"{SET}.ipynb")
    (folder / "cy").mkdir()
    (folder / "cy" / SET).write_text("a file")
    problems = [each.problem for each in find(folder, SET)]
    assert problems[:2] == ["The notebook is not an ordinary file."] * 2
    assert problems[2:] == ["There is a file where its folder should be."]


NAMES = (
    "two words",
    "..ada..",
    "a'b\"c",
    "=1+1",
    "<b>&amp;",
    "new\nline",
    "\udcff\udcfe",
    "x" * 255,
    "ω" * 127,
    "-rf",
    "%s{}",
)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_survived(folder, name):
    hand_in(folder, name)
    found = only(folder)
    assert (found.student, found.problem) == (name, "")
    assert found.path.read_text() == "{}"
    found.path.unlink()
    (folder / name / SET).rmdir()
    (folder / name).rmdir()
    if len(os.fsencode(name)) < 250 and not name.startswith("."):
        (folder / f"{name}.ipynb").write_text("{}")
        assert (only(folder).student, only(folder).problem) == (name, "")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_notebook_is_survived(folder, name):
    if name.startswith("."):
        return
    file = os.fsdecode(os.fsencode(name)[:249]) + ".ipynb"
    hand_in(folder, "ada", file)
    assert (only(folder).path.name, only(folder).problem) == (file, "")


def test_a_student_twice_is_told_and_keeps_nobody_waiting(folder):
    hand_in(folder, "ada")
    (folder / "ada.ipynb").write_text("{}")
    hand_in(folder, "ben")
    ada, ben = find(folder, SET)
    assert "There are two of this name" in ada.problem
    assert f"ada/{SET}/{SET}.ipynb" in ada.problem
    assert " and ada.ipynb." in ada.problem
    assert (ben.student, ben.problem) == ("ben", "")


def test_a_folder_without_submissions_says_what_is_there(folder):
    with pytest.raises(ValueError, match="nothing at all"):
        find(folder, SET)
    (folder / "slides\udcff.pdf").write_text("")
    with pytest.raises(ValueError, match=r"There is 'slides\\udcff.pdf'"):
        find(folder, SET)
    for number in range(7):
        hand_in(folder, "ada", assignment=f"{number:02}_other")
    with pytest.raises(ValueError, match=f"<student>/{SET}/") as error:
        find(folder, SET)
    assert "hold '00_other'" in str(error.value)
    assert "and 2 more" in str(error.value)


def test_bad_arguments_are_named(folder):
    with pytest.raises(ValueError, match="submissions: .*nowhere' is not a folder"):
        find(folder / "nowhere", SET)
    for name in ("", ".", "..", "../other", "/etc", "a\0b"):
        with pytest.raises(ValueError, match="assignment: "):
            find(folder, name)


def test_a_folder_that_cannot_be_opened_is_a_problem_of_one_student(folder):
    hand_in(folder, "ada")
    hand_in(folder, "bob")
    (folder / "ada").chmod(0)
    (folder / "bob" / SET).chmod(0)
    script = (  # root may open everything, so it becomes nobody
        "import os; from coursepkg.grading.submissions import find\n"
        "os.getuid() or os.setuid(65534)\n"
        f"print([(each.student, each.problem) for each in find('.', {SET!r})])"
    )
    folder.chmod(0o755)
    try:
        told = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
        )
    finally:
        (folder / "ada").chmod(0o700)
        (folder / "bob" / SET).chmod(0o700)
    assert told.stdout.count("The folder cannot be opened: Permission denied.") == 2
