"""Letters that are files: each is told of once, with the link in it."""

from email.message import EmailMessage
from pathlib import Path

from callstamp.letter_box import NewLetters


def write(folder: Path, name: str, to: str, text: str) -> None:
    letter = EmailMessage()
    letter["To"] = to
    letter.set_content(text)
    (folder / name).write_bytes(letter.as_bytes())


def test_each_letter_is_told_of_once_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    write(tmp_path, "0.eml", "before@example.com", "Hello,\n\nhttp://127.0.0.1:8081/invites/cs_iv_0\n")
    letters = NewLetters(tmp_path)
    assert list(letters.take()) == []
    write(tmp_path, "2.eml", "Jane Roe <jane@example.com>", "Hello,\n\nhttp://127.0.0.1:8081/password-resets/cs_pr_2\n\nBye\n")
    write(tmp_path, "1.eml", "ann@example.com", "http://127.0.0.1:8081/invites/cs_iv_1\n")
    (tmp_path / "3.part").write_text("http://127.0.0.1:8081/invites/half")
    assert list(letters.take()) == [
        ("ann@example.com", "http://127.0.0.1:8081/invites/cs_iv_1"),
        ("Jane Roe <jane@example.com>", "http://127.0.0.1:8081/password-resets/cs_pr_2"),
    ]
    assert list(letters.take()) == []


def test_a_folder_that_isnt_there_yet_has_no_letters(tmp_path: Path) -> None:
    letters = NewLetters(tmp_path / "mail")
    assert list(letters.take()) == []
    (tmp_path / "mail").mkdir()
    write(tmp_path / "mail", "1.eml", "ann@example.com", "https://calls.example.com/invites/cs_iv_1\n")
    assert [to for to, _ in letters.take()] == ["ann@example.com"]
