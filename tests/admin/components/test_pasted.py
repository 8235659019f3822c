import pytest

from compliance.admin.components.pasted import PastedList, read_pasted, tab_fault


@pytest.mark.parametrize(
    ("text", "lines", "marks"),
    [
        ("1. Uno\n2. Due\n3. Tre", ["Uno", "Due", "Tre"], ["1.", "2.", "3."]),
        ("1)\tUno\n2)\tDue", ["Uno", "Due"], ["1)", "2)"]),
        ("(1) Uno\n(2) Due", ["Uno", "Due"], ["(1)", "(2)"]),
        ("1.\u00a0Uno\n3.\u00a0Due", ["Uno", "Due"], ["1.", "3."]),
        ("1. Uno\n2. Due\n1. Tre", ["Uno", "Due", "Tre"], ["1.", "2."]),
        ("1.1. Uno\n1.2. Due", ["Uno", "Due"], ["1.1.", "1.2."]),
        ("1. Claude", ["Claude"], ["1."]),
        ("a) Uno\nb) Due", ["Uno", "Due"], ["a)", "b)"]),
        ("a) Uno", ["Uno"], ["a)"]),
        ("A. Uno\nB. Due", ["Uno", "Due"], ["A.", "B."]),
        ("i. Uno\nii. Due\niii. Tre", ["Uno", "Due", "Tre"], ["i.", "ii.", "iii."]),
        ("•\tUno\n• Due", ["Uno", "Due"], ["•"]),
        ("·       Uno\no\tDue\n§\tTre", ["Uno", "Due", "Tre"], ["·", "o", "§"]),
        ("\uf0b7\tUno", ["Uno"], ["\uf0b7"]),
        (
            "- Uno\n– Due\n* Tre\n▪ Quattro\n◦ Cinque",
            ["Uno", "Due", "Tre", "Quattro", "Cinque"],
            "-–*▪◦",
        ),
        ("☐ Uno\n- [ ] Due\n[x] Tre", ["Uno", "Due", "Tre"], ["☐", "- [ ]", "[x]"]),
        ("Uno\v1. Due\u20282. Tre\r\n", ["Uno", "Due", "Tre"], ["1.", "2."]),
        ("• 1. Uno\n• 2. Due", ["Uno", "Due"], ["•", "1.", "2."]),
        ("  Uno \u00a0\n\n\tDue\t\n", ["Uno", "Due"], []),
        ("1.Claude\n2.GPT", ["Claude", "GPT"], ["1.", "2."]),
        ("1)Claude\r\n2)GPT\r\n3)Yi", ["Claude", "GPT", "Yi"], ["1)", "2)", "3)"]),
        ("1.1\tClaude", ["Claude"], ["1.1"]),
        (
            "2.1\tUno\n2.2\tDue\n2.2.1\tTre\n3.1\tQuattro",
            ["Uno", "Due", "Tre", "Quattro"],
            ["2.1", "2.2", "2.2.1", "3.1"],
        ),
        ("#1 Uno\n#2 Due", ["Uno", "Due"], ["#1", "#2"]),
        ("1: Uno\n2: 3.5 Due", ["Uno", "3.5 Due"], ["1:", "2:"]),
        ("1 - Uno\n2 - Due", ["Uno", "Due"], ["1 -", "2 -"]),
        ("1– Uno\n2– Due", ["Uno", "Due"], ["1–", "2–"]),
        (
            "→ Uno\n➤ Due\n> Tre\n▶\ufe0f Quattro",
            ["Uno", "Due", "Tre", "Quattro"],
            ["→", "➤", ">", "▶\ufe0f"],
        ),
        ("Uno\n1. Due\nTre\n2. Quattro", ["Uno", "Due", "Tre", "Quattro"], ["1.", "2."]),
    ],
)
def test_the_marks_of_a_list_are_taken_off(text: str, lines: list[str], marks: list[str]):
    assert read_pasted(text) == PastedList(tuple(lines), tuple(marks))


@pytest.mark.parametrize(
    "name",
    [
        "3.5 Sonnet",
        "1.5 Pro",
        "1.5-pro",
        "4o",
        "4o mini",
        "o 3",
        "o3 mini",
        "2024-05 model",
        "01.AI",
        "-5",
        "*new* one",
        "–x",
        "A. Lincoln Inc.",
        "v. 2",
        "V. Ltd",
        "J. P. Morgan",
        "[Terms](https://acme.example/)",
        "GPT 5 [4]",
        "1.",
        "•",
        "1000. Uno",
        "·Uno",
        "1.Claude",
        "#1 Hosting",
        "1 - 5 staff",
        "1: 4",
        "> 30 days",
        "3.5\tSonnet",
        "2.1\tUno",
    ],
)
def test_what_belongs_to_a_name_stays(name: str):
    assert read_pasted(name) == PastedList((name,))


@pytest.mark.parametrize(
    "text",
    [
        "3.5 Sonnet\n3.7 Sonnet",
        "01.AI\n02.AI",
        "2.Uno\n3.Due",
        "#1 Uno\n#3 Due",
        "3.1\tUno\n3.5\tDue",
        "1.5 Pro\n2.0 Flash",
        "3. Uno\n2. Due",
        "2. Uno\n2. Due",
        "a. Uno\nc. Due",
        "b) Uno",
    ],
)
def test_what_does_not_count_upwards_is_no_list(text: str):
    assert read_pasted(text) == PastedList(tuple(text.split("\n")))


def test_a_line_that_stood_there_before_stays():
    known = frozenset(["1. FC Uno", "- Due"])

    pasted = read_pasted("1. FC Uno\n- Due\n1. Tre\n- Quattro", known=known)

    assert pasted == PastedList(("1. FC Uno", "- Due", "Tre", "Quattro"), ("-", "1."))


def test_one_number_alone_may_be_a_day():
    assert read_pasted("1. Juli 2026", takes_lone_numbers=False) == PastedList(("1. Juli 2026",))
    assert read_pasted("1. Uno\n2. Due", takes_lone_numbers=False).lines == ("Uno", "Due")


def test_a_tab_is_called_a_tab():
    fault = tab_fault(read_pasted("Uno\tAcme\tNo\nDue\nTre\tAcme").lines)

    assert fault.startswith("A tab stands between “Uno” and “Acme”")
    assert "Lines like it: 2." in fault
    assert not tab_fault(read_pasted("1.\tUno\n2.\tDue\t\n").lines)
