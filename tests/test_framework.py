"""A framework that is not installed is said, and nothing else happens."""

import os

import pytest

from coursepkg.frameworks import SETTINGS, framework


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))


def test_what_is_installed_is_imported(capsys):
    assert framework("json").loads("1") == 1
    assert capsys.readouterr().out == ""
    assert all(os.environ[name] for name in SETTINGS)


def test_what_is_set_already_stays():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"
    framework("json")
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_what_is_missing_is_said(capsys):
    assert framework("a_framework_of_nobody") is None
    said = capsys.readouterr().out
    assert "a_framework_of_nobody" in said
    assert "make frameworks" in said


def test_what_a_framework_needs_itself_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "half_a_framework.py").write_text("import its_other_half")
    monkeypatch.syspath_prepend(tmp_path)
    assert framework("half_a_framework") is None
    assert "its_other_half" in capsys.readouterr().out
