"""What is known about the lock files is told; what could not be asked is told louder."""

import json

import pytest

from scripts import advisories


def test_every_locked_package_is_asked_about_once_in_each_version(tmp_path):
    lock = tmp_path / "uv.lock"
    lock.write_text(
        "\n".join(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {source}'
            for name, version, source in [
                ("jiafang", "0.1.0", '{ editable = "." }'),
                ("numpy", "2.4.6", '{ registry = "x" }'),
                ("numpy", "2.5.5", '{ registry = "x" }'),
                ("django", "5.2.8", '{ registry = "x" }'),
            ]
        )
    )
    assert advisories.locked(lock) == [["django==5.2.8", "numpy==2.4.6"], ["numpy==2.5.5"]]


def test_the_real_lock_file_is_read_whole():
    names = [package.split("==")[0] for packages in advisories.locked() for package in packages]
    assert {"django", "pillow", "cryptography"} <= set(names)
    assert "jiafang" not in names


def test_an_advisory_is_counted_and_named():
    said = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {"name": "b", "version": "2", "vulns": [{"id": "X-1"}]},
        ]
    }
    assert advisories.read_python(json.dumps(said)) == (1, "  b 2: X-1")
    audit = {"vulnerabilities": {"c": {"severity": "high", "range": "<3"}}}
    assert advisories.read_front_end(json.dumps(audit)) == (1, "  c: high (<3)")


@pytest.mark.parametrize(
    ("python", "front_end", "status", "loud"),
    [
        ((0, ""), (0, ""), 0, False),
        ((1, "  b 2: X-1"), (0, ""), 1, False),
        ((None, "no way there"), (0, ""), 0, True),
        ((None, "no way there"), (2, "  c"), 1, True),
    ],
)
def test_what_was_not_asked_is_said_loudly_and_what_is_known_fails(
    monkeypatch, capsys, python, front_end, status, loud
):
    monkeypatch.setattr(advisories, "python_packages", lambda: python)
    monkeypatch.setattr(advisories, "front_end_packages", lambda: front_end)
    assert advisories.check() == status
    assert ("NOT CHECKED" in capsys.readouterr().out) == loud


def test_an_answer_that_cannot_be_read_is_no_answer():
    assert advisories.read_python("", "offline")[0] is None
    assert advisories.read_front_end('{"message": "405 Method Not Allowed"}') == (None, "405 Method Not Allowed")
    assert advisories._asked(lambda: advisories.read_python("<html>"))[0] is None
