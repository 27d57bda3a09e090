"""The rules for chapters (CONTRIBUTING.md), each as a test. What they print, nbval compares."""

import importlib
import math
import re
import statistics
from html.parser import HTMLParser

import nbformat
import pytest
from conftest import ROOT, mathematics
from page_and_package import differences
from run_notebooks import WIDGET_VIEW, tidy

from coursepkg.chapters import CHAPTERS

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
UNSEEDED = r"np\.random\.(seed|rand\w*|normal|uniform|shuffle|choice|permutation)\b|default_rng\(\)"
MACHINE_PATH = r"(/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\|site-packages)"


class Alts(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.alts = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.alts.append(dict(attributes).get("alt", ""))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook):
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def bundles(notebook):
    return [o.data for cell in code(notebook) for o in cell.outputs if "data" in o]


def test_there_is_one_notebook_for_each_chapter_that_is_ready():
    numbers = [int(path.name[:2]) for path in PATHS]
    assert numbers == [chapter.number for chapter in CHAPTERS if chapter.file]


def test_each_chapter_links_the_next():
    ready = [chapter for chapter in CHAPTERS if chapter.file]
    for path, chapter, following in zip(PATHS, ready, [*ready[1:], None], strict=True):
        assert path.name == chapter.file
        last = nbformat.read(path, as_version=4).cells[-1].source
        if following:
            title = f"{following.number:02d} · {following.title}"
            assert last == f"**Next:** [{title}]({following.file})"
        else:
            assert "**Next:**" not in last


def test_it_is_valid_and_its_cells_have_ids_of_their_own(notebook):
    nbformat.validate(notebook)
    assert notebook.nbformat == 4
    assert notebook.nbformat_minor >= 5
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    # An id that says what the cell is about survives a merge; a random one does not help anyone.
    assert [i for i in ids if not re.fullmatch(r"[a-z]+[a-z0-9]*(-[a-z0-9]+)*", i)] == []


def test_it_was_run_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_cell_failed_or_warned(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id


def test_cells_are_short(notebook):
    lengths = [len(cell.source.splitlines()) for cell in code(notebook)]
    assert max(lengths) <= 25
    assert statistics.median(lengths) <= 5


def test_prose_carries_the_lesson(notebook):
    words = len(text(notebook).split())
    lines = sum(len(cell.source.splitlines()) for cell in code(notebook))
    assert words >= 8 * lines


def test_the_skeleton_is_complete_and_in_order(notebook):
    title, *headings = re.findall(r"^#{1,2} .*", text(notebook), flags=re.M)
    number = int(title[2:4])
    chapter = next(c for c in CHAPTERS if c.number == number)
    assert title == f"# {number:02d} · {chapter.title}"
    assert re.search(r"\*\d+ minutes", notebook.cells[0].source)
    wanted = ["What you will be able to do", "What you need", "Recap", "Further reading"]
    places = [headings.index(f"## {heading}") for heading in wanted]
    assert places == sorted(places)
    assert "## Practice" in headings


def minutes(notebook):
    """The time a reader needs, rounded up to 5 minutes; folded blocks and the practice left out."""
    shown = re.sub(r"<details>.*?</details>", "", text(notebook), flags=re.S)
    shown = re.sub(r"^## Practice.*?(?=^## |\Z)", "", shown, flags=re.S | re.M)
    lines = sum(len(cell.source.splitlines()) for cell in code(notebook))
    exact = len(shown.split()) / 150 + lines / 4 + 2 * shown.count("**Predict")
    return 5 * math.ceil(exact / 5)


def test_its_title_tells_an_honest_time(notebook):
    number = int(text(notebook)[2:4])
    if number < 10:
        return  # these are still to be rewritten
    told = int(re.search(r"\*(\d+) minutes", notebook.cells[0].source)[1])
    assert told == minutes(notebook)
    assert told <= 110
    assert told <= 75 or "a good place to stop for today" in text(notebook)


def test_imports_stand_in_the_first_code_cell(notebook):
    first, *others = code(notebook)
    assert first.id == "imports"
    # A name that the page has just defined may be imported from the package in its place.
    late = [line for cell in others for line in cell.source.splitlines() if "import " in line]
    assert [line for line in late if not line.startswith("from coursepkg.")] == []


def test_it_has_an_explorer_and_asks_for_predictions(notebook):
    assert any("Explorer().show()" in cell.source for cell in code(notebook))
    number = int(text(notebook)[2:4])
    assert text(notebook).count("**Predict") >= (1 if number == 0 else 3)


def test_folded_explanations_are_closed_and_leave_room_for_their_mathematics(notebook):
    for cell in notebook.cells:
        if "<details>" in cell.source:
            assert cell.source.count("<details>") == cell.source.count("</details>")
            # Without the empty line the text inside would be read as HTML, not as Markdown.
            assert cell.source.count("</summary>\n\n") == cell.source.count("<summary>")


def test_every_picture_has_words_and_they_are_what_nbval_compares(notebook):
    pictures = [bundle for bundle in bundles(notebook) if "image/png" in bundle]
    assert pictures
    for bundle in pictures:
        (alt,) = Alts(bundle["text/html"]).alts
        assert len(alt.split()) >= 8
        assert alt == bundle["text/plain"]


def test_every_shown_figure_is_the_product_of_show(notebook):
    for cell in code(notebook):
        assert "plt." not in cell.source, "use new_figure and show: they ask for an alt text"
        assert ("new_figure(" in cell.source) == ("show(figure, alt=" in cell.source), cell.id


def test_it_is_seeded(notebook):
    for cell in code(notebook):
        assert not re.search(UNSEEDED, cell.source), cell.id


def test_an_output_that_is_not_compared_says_why(notebook):
    for cell in code(notebook):
        assert "NBVAL_" not in cell.source, f"{cell.id}: a tag says it without showing"
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert re.match(r"# .{20,}\n", cell.source), f"{cell.id}: give the reason"


def test_it_needs_no_network_and_names_no_machine(notebook):
    assert not re.search(r"!\[[^]]*\]\(http|<img", text(notebook))
    for cell in code(notebook):
        assert not re.search(r"https?://|urllib|requests", cell.source)
        printed = "".join(o.get("text", "") for o in cell.outputs)
        assert not re.search(MACHINE_PATH, printed), cell.id


def test_saved_outputs_hold_nothing_that_changes_from_run_to_run(notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
    for bundle in bundles(notebook):
        assert not any("widget-view" in mime for mime in bundle)


def test_what_the_page_defines_is_what_the_package_defines(notebook):
    for cell in code(notebook):
        for tag in {*cell.metadata.get("tags", [])} - {"nbval-ignore-output"}:
            assert tag.startswith("defines:coursepkg.")
            assert differences(cell.source, tag.removeprefix("defines:")) == [], cell.id


def test_a_definition_with_the_name_of_the_packages_is_tagged(notebook):
    # The networks of the clinic have names that any chapter may use for its own.
    names = [name for name in mathematics() if not name.startswith("coursepkg.clinic")]
    modules = [importlib.import_module(name) for name in names]
    public = {
        n for m in modules for n, v in vars(m).items() if getattr(v, "__module__", "") == m.__name__
    }
    for cell in code(notebook):
        defined = set(re.findall(r"^(?:def|class) (\w+)", cell.source, flags=re.M))
        if defined & public:
            assert cell.metadata.get("tags"), f"{cell.id} defines {defined & public} without a tag"


TANH = """
def tanh(z):
    a = np.tanh(z)

    def vjp(grad_a):
        return grad_a * (1 - a**2)

    return a, vjp
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("1 - a**2", "1 - z**2"),
        ("grad_a * (", "("),
        ("a = np.tanh(z)", "a = np.tanh(2 * z)"),
        ("return a, vjp", "return vjp, a"),
    ],
)
def test_the_comparison_finds_a_page_that_has_drifted(right, wrong):
    assert differences(TANH, "coursepkg.activations.tanh") == []
    assert differences(TANH.replace(right, wrong), "coursepkg.activations.tanh")


@pytest.mark.parametrize(
    "drifted",
    [
        TANH.replace("def tanh", "@np.vectorize\ndef tanh"),
        TANH.replace("    a = np", "    if z is None:\n        raise StopIteration\n    a = np"),
        TANH.replace("    a = np", '    """Not the package\'s words."""\n    a = np'),
    ],
)
def test_the_page_may_leave_out_guards_but_not_add_anything(drifted):
    assert differences(drifted, "coursepkg.activations.tanh")


def test_a_second_definition_of_one_name_is_refused():
    with pytest.raises(ValueError, match="too many values"):
        differences(TANH + TANH, "coursepkg.activations.tanh")


def test_what_a_run_stores_is_tidy():
    noisy = nbformat.v4.new_code_cell("print(1)")
    noisy.metadata = {
        "execution": {"iopub.status.idle": "12:00"},
        "scrolled": True,
        "tags": ["defines:x"],
    }
    printed = ("1\n", "\r 0 of 2", "\r 2 of 2", "\n3\n")  # a progress bar between two lines
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in printed]
    view = {WIDGET_VIEW: {"model_id": "1f"}, "text/plain": "Controls"}
    noisy.outputs = [*pieces, nbformat.v4.new_output("display_data", data=view)]
    tidied = tidy(nbformat.v4.new_notebook(cells=[noisy], metadata={"widgets": {}}))
    assert set(tidied.metadata) == {"kernelspec", "language_info"}
    (cell,) = tidied.cells
    assert cell.metadata == {"tags": ["defines:x"]}
    assert [o.get("text") for o in cell.outputs] == ["1\n 2 of 2\n3\n", None]
    assert cell.outputs[1].data == {"text/plain": "Controls"}
