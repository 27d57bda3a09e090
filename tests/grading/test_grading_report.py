"""Tables and pages made from the records of a class: true, harmless, and the same every time."""

import base64
import csv
import hashlib
import io
import json
import random
import re
import time
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from coursepkg.grading import report
from coursepkg.grading.pages.feedback import LONGEST, feedback_page
from coursepkg.grading.record import from_dict
from coursepkg.grading.report import page_name

SET = "03_one_weight"
NASTY = '<script>alert("x")</script><img src=x onerror=y>&amp; `<b>` $x^{$ 中'
EMPTY_ELEMENTS = {"meta", "br"}


def finding(mistake="two_lost", sentence="The `2` is missing.", known=True, part="", example=()):
    return {
        "part": part, "mistake": mistake, "known": known, "sentence": sentence, "example": example
    }  # fmt: skip


def question(name, earned, points=3, findings=(), answer="def f(x):\n    return x\n"):
    verdict = "right" if earned == points else "not right yet"
    return {
        "question": name, "points": points, "earned": earned, "verdict": verdict,
        "headline": f"{name}: {verdict}.", "notes": [], "findings": list(findings),
        "answer": answer,
    }  # fmt: skip


def words(answer="Because.", **given):
    return {"question": "words-why", "points": 2, "answer": answer, **given}


def record(student, questions=(), status="graded", notes=(), by_hand=()):
    graded = status in ("graded", "repaired")
    return {
        "student": student, "assignment": SET, "status": status, "notes": list(notes),
        "sha256": None, "fingerprint": "",
        "points": sum(each["earned"] for each in questions) if graded else None, "of": 6,
        "questions": list(questions), "words": list(by_hand), "seconds": random.random(),
    }  # fmt: skip


def write(folder, records, assignment):
    report.write(folder, list(map(from_dict, records)), assignment)


def small_class():
    lost = finding(example=[["x", "[1. 2.]"], ["expected", "3.5"], ["got", "7.0"]])
    odd = finding("factor", "It is 1.7 times what it should be.", known=False, part="grad_w")
    why = [words()]
    return [
        record("dora", [question("slope", 3), question("rate", 0, findings=[odd])], by_hand=why),
        record("ada", [question("slope", 1, findings=[lost]), question("rate", 3)], by_hand=why),
        record("chen", status="unreadable", notes=["The file is cut off."]),
        record("emil", status="failed", notes=["The judge failed."]),
        record(
            "bob",
            [question("slope", 1, findings=[lost]), question("rate", 2, findings=[odd, lost])],
            "repaired",
            ["The cell `rate` had lost its metadata."],
            by_hand=[words(earned=1.5)],
        ),
    ]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


class Page(HTMLParser):
    """The tags of a page in order, its text, and a check that what is opened is closed."""

    def __init__(self, data):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], "", []
        self.feed(data.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def written(tmp_path):
    """The files of the small class."""
    write(tmp_path, small_class(), SET)
    return files(tmp_path)


def page_of(written, student):
    return Page(written[f"feedback/{page_name(student)}"])


# The records


def test_a_record_comes_back_from_json_as_it_was():
    for each in map(from_dict, small_class()):
        assert from_dict(json.loads(json.dumps(each.as_dict()))) == each
    unreadable = from_dict(small_class()[2] | {"seconds": None}).as_dict()
    assert (unreadable["points"], unreadable["sha256"]) == (None, None)  # and not left out
    assert "seconds" not in unreadable


BROKEN = {
    "a list": [],
    "no questions": {k: v for k, v in record("ada").items() if k != "questions"},
    "of another version": record("ada") | {"grade": 1},
    "a number for a name": record(7),
    "notes that are none": record("ada") | {"notes": None},
    "a question without points": record("ada") | {"questions": [{"question": "slope"}]},
    "a finding that is a text": record("ada", [question("slope", 1, findings=["lost"])]),
    "an answer in words that is a text": record("ada", by_hand=["Because."]),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_record_is_refused(data):
    with pytest.raises((TypeError, KeyError)):
        from_dict(data)


# The tables


def test_results_have_a_line_for_each_student_and_question(written):
    lines = rows(written["results.csv"])
    assert [(line["student"], line["question"]) for line in lines] == [
        ("ada", "slope"), ("ada", "rate"), ("ada", "words-why"),
        ("bob", "slope"), ("bob", "rate"), ("bob", "words-why"),
        ("chen", ""), ("dora", "slope"), ("dora", "rate"), ("dora", "words-why"), ("emil", ""),
    ]  # fmt: skip
    first = dict(lines[0])
    assert first == {
        "student": "ada", "status": "graded", "question": "slope", "points": "3", "earned": "1",
        "verdict": "not right yet", "mistake": "two_lost", "sentence": "The `2` is missing.",
        "notes": "",
    }  # fmt: skip
    assert lines[2]["verdict"] == "by hand"
    assert lines[2]["earned"] == ""
    assert lines[5]["earned"] == "1.5"
    assert lines[4]["mistake"] == "factor"  # the first finding
    assert lines[4]["notes"] == "The cell `rate` had lost its metadata."


def test_the_sums_agree_in_all_tables(written):
    single = rows(written["results.csv"])
    whole = {each["student"]: each for each in json.loads(written["results.json"])["students"]}
    students = rows(written["students.csv"])
    assert [line["student"] for line in students] == ["ada", "bob", "chen", "dora", "emil"]
    for line in students:
        code = [
            each["earned"]
            for each in single
            if each["student"] == line["student"] and each["verdict"] not in ("by hand", "")
        ]
        if line["status"] in ("graded", "repaired"):
            assert float(line["points"]) == sum(map(float, code))
            assert float(line["points"]) == float(line["slope"]) + float(line["rate"])
        assert whole[line["student"]]["points"] == (
            float(line["points"] or "nan") if code else None
        )
        assert line["page"] == whole[line["student"]]["page"]
        assert line["page"] in written


def test_a_failure_is_never_0(written):
    for student, reason in (("chen", "The file is cut off."), ("emil", "The judge failed.")):
        [line] = [each for each in rows(written["results.csv"]) if each["student"] == student]
        assert (line["points"], line["earned"], line["verdict"]) == ("", "", "")
        assert line["notes"] == reason
        [line] = [each for each in rows(written["students.csv"]) if each["student"] == student]
        assert (line["points"], line["slope"], line["words-why"]) == ("", "", "")
        page = page_of(written, student)
        assert "no points yet" in page.text
        assert reason in page.text
        assert not re.search(r"\d+ of \d+", page.text)
    assert "average" in Page(written["class.html"]).text
    # 3 of dora, 4 of ada, 3 of bob: who could not be graded does not lower the average
    assert "have 3.3 on average" in Page(written["class.html"]).text


def test_a_cell_is_no_formula(tmp_path):
    dangerous = ["=1+1", "+1", "-1", "@x", "\tx", "\nx", "＝1"]
    write(tmp_path, [record(name, [question("slope", 3)]) for name in dangerous], SET)
    for table in ("results.csv", "students.csv"):
        data = files(tmp_path)[table]
        assert data.startswith(b"\xef\xbb\xbf")
        assert {line["student"] for line in rows(data)} == {f"'{name}" for name in dangerous}


def test_two_runs_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, small_class(), SET)
    turned = [dict(reversed(each.items())) for each in reversed(small_class())]
    write(second, turned, SET)  # with other seconds
    assert files(first) == files(second)
    assert b"seconds" not in files(first)["results.json"]


def test_what_stays_the_same_is_not_written_again(tmp_path):
    write(tmp_path, small_class(), SET)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    changed = small_class()
    changed[0]["questions"][0]["headline"] = "slope: otherwise."
    write(tmp_path, changed, SET)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    different = {path.name for path in before if before[path] != after[path]}
    assert different == {"results.json", page_name("dora")}


def test_records_of_another_class_are_refused(tmp_path):
    ada = record("ada")
    with pytest.raises(ValueError, match="records has two submissions of the student 'ada'"):
        write(tmp_path / "out", [ada, ada], SET)
    with pytest.raises(ValueError, match="'04_two_layer_network'.*'ada' is of '03_one_weight'"):
        write(tmp_path / "out", [ada], "04_two_layer_network")
    assert not (tmp_path / "out").exists()


# The feedback pages


def test_feedback_tells_all_there_is(written):
    text = page_of(written, "ada").text
    assert "Feedback for ada" in text
    assert "4 of 6 points for the questions in code" in text
    assert "2 points for questions in words will be graded by hand." in text
    assert "slope: not right yet." in text
    assert "The 2 is missing." in text  # the backticks became a mark
    assert re.search(r"expected\s*3\.5", text)
    assert re.search(r"got\s*7\.0", text)
    assert "def f(x):\n    return x\n" in text
    assert "Because." in text
    assert "repaired" not in text


def test_feedback_tells_repairs_and_points_by_hand(written):
    text = page_of(written, "bob").text
    assert "What was repaired" in text
    assert "The cell rate had lost its metadata." in text
    assert "1.5 of 2 points, graded by hand." in text
    assert "will be graded" not in text
    assert "grad_w: It is 1.7 times" in text


def test_points_by_hand_of_0_are_points():
    text = Page(feedback_page(from_dict(record("ada", by_hand=[words(earned=0)])))).text
    assert "0 of 2 points, graded by hand." in text
    assert "will be graded" not in text


def test_an_endless_answer_is_cut():
    answer = "x" * (LONGEST + 1) + "THE END"
    text = Page(feedback_page(from_dict(record("ada", [question("slope", 3, answer=answer)])))).text
    assert "x" * LONGEST in text
    assert "THE END" not in text
    assert "The first 20,000 characters are shown." in text


def test_strange_texts_are_shown_and_do_no_harm(tmp_path):
    odd = finding(*[NASTY + "\0\ud800"] * 2, False, NASTY, [[NASTY, NASTY + "\0\ud800"]])
    slope = question(NASTY + "\0\ud800", 1, findings=[odd], answer=f"\n\n{NASTY}\0\udcff\u202e")
    slope["headline"] = slope["verdict"] = NASTY
    slope["notes"] = [NASTY]
    odd_words = words(answer=NASTY)
    odd_words["question"] = NASTY
    records = [
        record(NASTY, [slope], "repaired", [NASTY], [odd_words]),
        record("\udcff\n\0\u202e", status="unreadable", notes=[NASTY + "\udcff"]),
        record("x" * 300, status="failed", notes=[NASTY]),
    ]
    write(tmp_path, records, SET)
    written = files(tmp_path)
    pages = {name: Page(data) for name, data in written.items() if name.endswith(".html")}
    assert len(pages) == 4
    for name, page in pages.items():
        assert not {"script", "img", "b"} & set(page.tags), name
        assert not [key for key, _ in page.attributes if key.startswith("on")], name
        assert '<script>alert("x")</script>' in page.text, name
        assert not re.search("[\0\ud800-\udfff\u202e]", page.text), name
    shown = page_of(written, NASTY).text
    assert "Your code\n\n\n" + NASTY + r"\x00\udcff\u202e" in shown  # a browser drops one \n
    assert r"\udcff" in page_of(written, "\udcff\n\0\u202e").text
    names = [each["student"] for each in json.loads(written["results.json"])["students"]]
    assert set(names) == {each["student"] for each in records}  # exactly, in JSON
    assert rows(written["students.csv"])[0]["student"] == NASTY


def test_names_that_collide_have_pages_of_their_own(tmp_path):
    names = ["Ada", "ada", "../ada", "a/da", "a-da", "", ".", "con", "ä", "ö", "x" * 300]
    names += ["\udcff", "\udcfe"]
    names += [page_name("ada"), page_name("ada")[: -len(".html")]]
    write(tmp_path, [record(name, [question("slope", 3)]) for name in names], SET)
    students = json.loads((tmp_path / "results.json").read_text())["students"]
    pages = {each["student"]: each["page"] for each in students}
    assert len({page.lower() for page in pages.values()}) == len(names)
    for page in pages.values():
        assert re.fullmatch(r"feedback/[a-z0-9_-]{11,51}\.html", page)
    assert {f"feedback/{path.name}" for path in tmp_path.glob("feedback/*")} == set(pages.values())
    assert pages["Ada"].startswith("feedback/ada-")
    assert "Feedback for ../ada" in Page((tmp_path / pages["../ada"]).read_bytes()).text


def test_pages_of_students_who_are_gone_are_removed_and_nothing_else(tmp_path):
    write(tmp_path, small_class(), SET)
    other = tmp_path / "feedback" / "notes.html"
    other.write_text("<!DOCTYPE html><p>The instructor's own.</p>")
    link = tmp_path / "feedback" / "link.html"
    link.symlink_to(page_name("ada"))
    write(tmp_path, small_class()[1:], SET)
    left = {path.name for path in tmp_path.glob("feedback/*")}
    kept = {page_name(name) for name in ("ada", "bob", "chen", "emil")}
    assert left == kept | {"notes.html", "link.html"}


# All pages


def test_a_page_loads_nothing_and_its_policy_says_so(written):
    for name in ("class.html", f"feedback/{page_name('ada')}"):
        text = written[name].decode()
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
        policy = " ".join(policy.split())
        assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; ")
        [style] = re.findall("<style[^>]*>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy  # or the browser shows it without style
        page = Page(written[name])
        assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
        assert "url(" not in re.sub(r"url\(#", "", text)
        links = [value for key, value in page.attributes if key in ("href", "src", "xlink:href")]
        assert all(link.startswith("#") or link in written for link in links)


def test_pages_can_be_read_aloud(written):
    for name in ("class.html", f"feedback/{page_name('ada')}"):
        page = Page(written[name])
        assert ("lang", "en") in page.attributes
        assert page.tags.count("h1") == page.tags.count("main") == 1
        assert page.tags.count("table") == page.tags.count("caption") > 0
        assert page.tags.count("th") == [key for key, _ in page.attributes].count("scope")


# The class page


def test_the_class_page_counts(written):
    text = re.sub(r"\s+", " ", Page(written["class.html"].replace(b"<", b" <")).text)
    assert "Graded 2" in text
    assert "Repaired and graded 1" in text
    assert "Unreadable, without points 1" in text
    assert "the next run tries again 1" in text
    assert "Together 5" in text
    assert "slope 1 2 0 0" in text  # right, not right yet, not started, not found
    assert "rate 1 2 0 0" in text
    assert re.search(r"two_lost The 2 is missing\. 2 67%", text)
    assert re.search(r"factor \(none of the known.*?should be\. 2 67%", text)
    assert "chen unreadable The file is cut off." in text
    assert "ada graded 4" in text
    assert "chen unreadable – The file" in text  # and not 0


def charts(data):
    """The charts of a page as trees, which also shows that they are well-formed."""
    found = re.findall("<svg.*?</svg>", data.decode(), re.DOTALL)
    return [ElementTree.fromstring(chart) for chart in found]


def test_the_chart_shows_the_most_frequent_and_says_how_many_more(tmp_path):
    """Mistake k is made by k students; known ones and others take turns."""
    records = []
    for number in range(40):
        made = [finding(f"m{k:02}", f"About $ {k} & <b>.", k % 2 == 0) for k in range(number, 41)]
        records.append(record(f"s{number:02}", [question("slope", 1, findings=made[::-1])]))
    write(tmp_path, records, SET)
    data = (tmp_path / "class.html").read_bytes()
    _, chart = charts(data)
    texts = ["".join(each.itertext()) for each in chart.iter() if each.tag.endswith("}text")]
    names = [text.split()[0] for text in texts if re.match(r"m\d\d", text)]
    assert names == ["m39", "m40"] + [f"m{k}" for k in range(38, 15, -1)]
    counts = [int(text) for text in texts if text.isdecimal()]
    assert counts == [40, 40, *range(39, 16, -1)]
    assert "About $ 39 & <b>." in texts
    assert sum("none of the known" in text for text in texts) == 12
    assert "16 more are in the tables" in Page(data).text
    assert "m00" in Page(data).text
    label = chart.attrib["aria-label"]
    assert "m39 in slope, 40 students" in label
    assert "of 40 students" in label


def test_charts_take_their_colors_from_the_page(written):
    points, chart = charts(written["class.html"])
    for each in (points, chart):
        text = ElementTree.tostring(each, "unicode")
        assert "currentColor" in text
        assert "var(--bar)" in text
        assert "#010203" not in text
        assert each.attrib["role"] == "img"
        fills = [node.attrib["style"] for node in each.iter() if node.tag.endswith("}text")]
        assert all("currentColor" in style for style in fills)  # black is not read in the dark
    assert "pattern" in ElementTree.tostring(chart, "unicode")  # hatched: not by color alone


def test_a_student_counts_once_for_a_mistake(tmp_path):
    twice = [finding(part="grad_w"), finding(part="grad_b")]
    write(tmp_path, [record("ada", [question("slope", 1, findings=twice)])], SET)
    text = Page((tmp_path / "class.html").read_bytes()).text
    assert re.search(r"The 2 is missing\.1\s*100%", text)


@pytest.mark.parametrize(
    "records",
    [[], [record("ada", status="unreadable", notes=["No."])], [record("a", [question("q", 3)])]],
    ids=["empty", "nothing graded", "no mistake"],
)
def test_classes_with_little_to_tell(tmp_path, records):
    write(tmp_path, records, SET)
    written = files(tmp_path)
    assert len(written) == 4 + len(records)
    assert [each["student"] for each in rows(written["students.csv"])] == [
        each["student"] for each in records
    ]
    Page(written["class.html"])


def test_a_large_class_is_quick_and_small(tmp_path):
    rng = random.Random(5)
    mistakes = [finding(f"m{k}", "Some sentence " * 8, k % 5 > 0) for k in range(40)]
    records = [
        record(
            f"student {number}",
            [
                question(f"q{k}", 1, findings=[rng.choice(mistakes)], answer="x = 1\n" * 20)
                for k in range(8)
            ],
            by_hand=[words()],
        )
        for number in range(1000)
    ]
    begin = time.process_time()
    write(tmp_path, records, SET)
    assert time.process_time() - begin < 20
    assert (tmp_path / "class.html").stat().st_size < 1e6
    assert len(list(tmp_path.glob("feedback/*.html"))) == 1000
    assert len(rows((tmp_path / "results.csv").read_bytes())) == 9000


def test_nothing_is_half_written(tmp_path, monkeypatch):
    """All goes through `write_file`, whose own tests show that a killed run leaves no half file."""
    seen = []
    monkeypatch.setattr(report, "write_file", lambda path, data: seen.append(path.name))
    write(tmp_path, small_class(), SET)
    assert len(seen) == 4 + len(small_class())
    assert not files(tmp_path)
