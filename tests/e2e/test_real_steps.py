"""Real steps of a page's history, made in the browser: screens, clicks and fields are counted.

Each begins with a page in force and ends when another person has approved the next one. What is
then in force equals a page that was written by hand, byte for byte.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from compliance.models import Publication, PublishedFile, Register, User
from compliance.page.formats import markdown
from compliance.workingcopy.importing.page import import_page
from tests.e2e.test_publishing import approved, review_path, submitted
from tests.factories import make_listing, make_provider, make_term, make_user
from tests.pages import REVISIONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class Person:
    """Somebody at a screen, whose screens, clicks and fields are counted."""

    page: Page
    counted: dict[str, int] = field(
        default_factory=lambda: {"screens": 0, "clicks": 0, "fields": 0}
    )

    def __post_init__(self) -> None:
        # A document that the browser loads; a redirect is none, nor is a form that opens beside.
        self.page.on("domcontentloaded", lambda: self.count("screens"))
        self.page.set_default_timeout(30_000)

    def count(self, what: str) -> None:
        self.counted[what] += 1

    def click(self, target: Locator) -> None:
        self.count("clicks")
        target.click()

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def type(self, target: Locator, text: str, *keys: str) -> None:
        self.count("fields")
        target.fill(text)
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, target: Locator, option: str) -> None:
        self.count("fields")
        target.select_option(label=option)

    # The page and the form of a row

    def open_cell(self, words: str) -> None:
        """Open the form of a row beside the page, at the cell that has some words."""
        self.click(self.page.locator("a.cell-link", has_text=words).first)
        expect(self.page.locator(".editor-panel .save-bar")).to_be_visible()

    def add_row_like(self, words: str) -> None:
        """Open the form of a new row below the one that has some words, on the same terms."""
        row = self.page.locator(".editor-table tr", has_text=words).first
        self.click(row.get_by_role("link", name="Add one like it"))
        expect(self.page.locator(".editor-panel .save-bar")).to_be_visible()

    def list(self, label: str) -> Locator:
        return self.page.get_by_role("combobox", name=label, exact=True)

    def add(self, label: str, name: str) -> None:
        """Add a name to a list: type it, and press Enter."""
        self.type(self.list(label), name, "Enter")
        expect(self.page.locator(".combo-item", has_text=name).first).to_be_visible()

    def save(self, reason: str, *, button: str = "Save") -> None:
        self.type(self.page.get_by_label("Reason for this change"), reason)
        self.press(button)

    def save_again(self, reason: str, *, button: str = "Save") -> None:
        """Save with the reason of the last edit, which is offered."""
        self.press(f"Use: {reason}")
        self.press(button)

    # Submission and review

    def submit(self, reason: str) -> None:
        expect(self.page.get_by_role("button", name="Submit for approval")).to_be_visible()
        for answer in self.page.locator("textarea[name^='answer:']").all():
            finding = answer.locator("xpath=ancestor::div[contains(@class, 'finding-warning')]")
            is_taken_over = finding.locator("input[name^='offer:']:checked").count()
            if answer.is_visible() and not answer.input_value() and not is_taken_over:
                self.type(answer, reason)
        for grade in self.page.get_by_role("radio", name="Neutral").all():
            self.click(grade)
        why = self.page.get_by_role("textbox", name=re.compile("^Reason"))
        # The reasons of one's own edits are offered.
        if not why.input_value():
            self.type(why, reason)
        self.press("Submit for approval")
        expect(self.page.get_by_role("button", name="Submit for approval")).to_have_count(0)


SEND = "Save and submit"
MONTH = [{"kind": "duration", "duration": "P30D"}]


@pytest.fixture
def in_force(visit):
    """Return a function that puts a page in force and opens its screen as an editor."""

    def begin(source: str) -> Person:
        import_page(
            markdown.parse(source), slug="page", by=None, label="tests", reason="The page before"
        )
        register = Register.objects.get(slug="page")
        ada = make_user("ada", role="approver")
        approved(submitted(register, make_user("ed", role="editor")), ada)
        page = visit(make_user("eve", role="editor"), viewport={"width": 1440, "height": 900})
        eve = Person(page)
        page.goto(f"/admin/compliance/register/{register.pk}/page/")
        return eve

    return begin


def printed() -> str:
    """Return the page in force as Markdown."""
    last = Register.objects.get().publications.in_force(timezone.now())
    return bytes(PublishedFile.objects.get(publication=last, format="md").content).decode()


@pytest.fixture
def end(visit) -> Callable[[Person], tuple[int, int, int]]:
    """Return a function that approves what was submitted, and gives what was counted in all."""

    def approve(eve: Person) -> tuple[int, int, int]:
        ada = Person(visit(User.objects.get(username="ada")), eve.counted)
        ada.page.goto(review_path(Publication.objects.latest("pk")))
        ada.press("Approve exactly this")
        expect(ada.page.get_by_text("Approved. It is publication 2")).to_be_visible()
        return tuple(eve.counted.values())

    return approve


def with_changes(page: str, changes: Iterable[tuple[str, str]]) -> str:
    """Return a page with texts replaced, each of which it has once."""
    for old, new in changes:
        assert page.count(old) == 1, old
        page = page.replace(old, new)
    return page


def test_a_provider_is_renamed_another_joins_a_row_and_a_row_is_added(in_force, end):
    page = REVISIONS[3].read_text(encoding="utf-8")
    eve = in_force(page)
    target = with_changes(
        printed(),
        [
            ("• Borealis Cloud<br>• Borealis Studio API", "• Borealis Cloud<br>• Borealis Direct"),
            ("[Borealis Studio API Privacy Policy]", "[Borealis Direct Privacy Policy]"),
            ("| • Garnet | No | Not stored | • Custom privacy agreement with Garnet |",
             "| • Garnet<br>• Moss | No | Not stored | • Custom privacy agreement with Garnet<br>"
             "• [Moss Privacy Policy](https://moss.example/privacy) |"),
            ("| • Quill 32B",
             "| • Fox V4 | • Ember.ai<br>• Fjord.ai | No | Not stored | "
             "• [Ember.ai Privacy Policy](https://ember.example/privacy-policy)<br>"
             "• [Ember.ai FAQ](https://docs.ember.example/guides/data_handling)<br>"
             "• [Fjord.ai Privacy Policy](https://fjord.example/privacy) |\n| • Quill 32B"),
        ],
    )  # fmt: skip

    eve.click(eve.page.get_by_role("link", name="Borealis Studio API", exact=True))
    eve.type(eve.page.get_by_label("Name", exact=True), "Borealis Direct")
    eve.save("Borealis renamed it")
    eve.open_cell("Sage 4 405B")
    eve.add("Providers", "Moss")
    eve.save("Moss serves them too")
    eve.add_row_like("Fox Chat V3.1 Final")
    eve.add("Models", "Fox V4")
    eve.save("The new version", button=SEND)
    eve.submit("The changes of May")

    assert end(eve) == (8, 9, 7)
    assert printed() == target


def test_a_model_is_replaced_providers_change_places_and_a_row_is_added(in_force, end):
    eve = in_force(REVISIONS[4].read_text(encoding="utf-8"))
    target = with_changes(
        printed(),
        [
            ("• Lark 4.5<br>", "• Lark 5<br>"),
            ("• Kite 3 | • Ember.ai<br>• Garnet |", "• Kite 3 | • Garnet<br>• Ember.ai |"),
            ("• [Ember.ai FAQ](https://docs.ember.example/guides/data_handling)<br>"
             "• Custom privacy agreement with Garnet |\n",
             "• [Ember.ai FAQ](https://docs.ember.example/guides/data_handling) |\n"),
            ("• Garnet<br>• Ember.ai | No | Not stored | • [Ember.ai Privacy Policy]",
             "• Garnet<br>• Ember.ai | No | Not stored | • Custom privacy agreement with Garnet<br>"
             "• [Ember.ai Privacy Policy]"),
            ("| • GEM-4.7",
             "| • Kite 3 mini | • Garnet<br>• Ember.ai | No | Not stored | "
             "• Custom privacy agreement with Garnet<br>"
             "• [Ember.ai Privacy Policy](https://ember.example/privacy-policy)<br>"
             "• [Ember.ai FAQ](https://docs.ember.example/guides/data_handling) |\n| • GEM-4.7"),
        ],
    )  # fmt: skip

    eve.open_cell("Lark 4.5")
    eve.click(eve.page.get_by_role("button", name="Lark 4.5", exact=True))
    eve.type(eve.page.get_by_label("Replace Lark 4.5 by"), "Lark 5", "Enter")
    eve.save("Lark 4.5 ended")
    row = eve.page.locator(".editor-table tr", has_text="Kite 3").first
    eve.click(row.locator("a.cell-link").nth(1))
    expect(eve.list("Providers")).to_be_focused()
    for key in ("ArrowUp", "Alt+ArrowUp"):
        eve.page.keyboard.press(key)
    eve.save("Garnet is asked first")
    eve.add_row_like("Kite 3")
    eve.add("Models", "Kite 3 mini")
    eve.save("Ember serves it from today", button=SEND)
    eve.submit("The changes of June")

    assert end(eve) == (7, 9, 7)
    assert printed() == target


def test_a_row_is_added_with_a_new_provider_its_term_and_a_footnote(in_force, end):
    eve = in_force(REVISIONS[4].read_text(encoding="utf-8"))
    target = with_changes(
        printed(),
        [
            ("\n\n¹ Acme",
             "\n| • Sable 1 | • Slate | No | 90 days⁶ | "
             "• [Slate Privacy Policy](https://slate.example/privacy) |\n\n¹ Acme"),
            ("⁵ Onyx states no retention period for API requests.\n",
             "⁵ Onyx states no retention period for API requests.\n\n"
             "⁶ Slate keeps flagged prompts as long.\n"),
        ],
    )  # fmt: skip

    eve.click(eve.page.get_by_role("link", name="Add a row here"))
    eve.add("Models", "Sable 1")
    eve.add("Providers", "Slate")
    new = eve.page.get_by_role("group", name="New provider: Slate")
    eve.choose(new.get_by_label("Trains on prompts"), "Never")
    eve.type(new.get_by_label("How long it keeps prompts"), "90 days")
    eve.type(new.get_by_label("Policy: address"), "https://slate.example/privacy")
    retention = eve.page.get_by_role("group", name="Data Retention for API")
    eve.click(retention.get_by_text("Say something else for this row"))
    eve.type(retention.get_by_label("Retention", exact=True), "90 days")
    eve.type(retention.get_by_label("Footnotes", exact=True).first, "6", "Tab")
    eve.type(eve.page.get_by_label("Its text"), "Slate keeps flagged prompts as long.")
    eve.save("Our contract of 2 June", button=SEND)
    eve.submit("Sable joins")

    assert end(eve) == (5, 6, 11)
    assert printed() == target


def test_a_model_is_replaced(in_force, end):
    eve = in_force(REVISIONS[4].read_text(encoding="utf-8"))
    target = with_changes(printed(), [("• Muse 1.2 |", "• Muse 2 |")])

    eve.open_cell("Muse 1.2")
    eve.click(eve.page.get_by_role("button", name="Muse 1.2", exact=True))
    eve.type(eve.page.get_by_label("Replace Muse 1.2 by"), "Muse 2", "Enter")
    eve.save("Onyx ended 1.2", button=SEND)
    eve.submit("Muse 2 takes its place")

    assert end(eve) == (5, 5, 3)
    assert printed() == target


@pytest.fixture
def declared(visit) -> Callable[[], Person]:
    """Return a function that opens the page in force, on which OpenAI declares 30 days."""

    def begin() -> Person:
        openai = make_provider(
            "OpenAI",
            declared_training="never",
            declared_retention=make_term("30 days", clauses=MONTH),
        )
        row = make_listing(models=["GPT 6"], providers=[openai])
        make_listing(row.register, models=["Kimi K3"], providers=[make_provider("Moss")])
        ada = make_user("ada", role="approver")
        approved(submitted(row.register, make_user("ed", role="editor")), ada)
        page = visit(make_user("eve", role="editor"), viewport={"width": 1440, "height": 900})
        eve = Person(page)
        page.goto(f"/admin/compliance/register/{row.register_id}/page/")
        return eve

    return begin


def test_an_announced_change_an_urgent_fix_beside_it_and_a_mistake_taken_back(declared, visit):
    eve = declared()
    page_screen = eve.page.url
    day = timezone.now() + timedelta(days=15)

    eve.click(eve.page.get_by_role("link", name="OpenAI", exact=True))
    eve.type(eve.page.get_by_label("Declared retention"), "Not stored")
    eve.save("Our agreement of 1 December", button=SEND)
    eve.click(eve.page.get_by_text("When: once approved"))
    eve.type(eve.page.get_by_label("In force from"), f"{day:%-d %b %Y}")
    eve.click(eve.page.get_by_label("Announce it"))
    eve.click(eve.page.get_by_label("Use the reason of the edit").first)
    eve.submit("Not stored from then on")
    ada = Person(visit(User.objects.get(username="ada")), eve.counted)
    ada.page.goto(review_path(Publication.objects.latest("pk")))
    ada.press("Approve exactly this")
    expect(ada.page.get_by_text("Approved. It is publication 2")).to_be_visible()

    assert tuple(eve.counted.values()) == (6, 7, 5)
    scheduled = Publication.objects.get(decisions__number=2)
    assert (scheduled.announce, scheduled.effective_from.date()) == (True, day.date())

    eve.page.goto(page_screen)
    eve.open_cell("Kimi K3")
    eve.click(eve.page.get_by_role("button", name="Kimi K3", exact=True))
    eve.type(eve.page.get_by_label("Replace Kimi K3 by"), "Kimi K4", "Enter")
    eve.save("Moss ended K3", button=SEND)
    eve.submit("An urgent fix")
    ada.page.goto(review_path(Publication.objects.latest("pk")))
    ada.press("Approve exactly this")
    expect(ada.page.get_by_text("Approved. It is publication 3")).to_be_visible()

    [carried] = Publication.objects.filter(renews=scheduled)
    assert (carried.announce, carried.effective_from) == (True, scheduled.effective_from)
    assert "Kimi K4" in printed()

    before = dict(ada.counted)
    ada.page.reload()
    ada.click(ada.page.get_by_text("Withdraw it", exact=True))
    ada.type(ada.page.get_by_label("Why withdraw it"), "It was K3 after all")
    ada.press("Withdraw")
    expect(ada.page.get_by_text("Withdrawn.", exact=True)).to_be_visible()

    assert {what: ada.counted[what] - count for what, count in before.items()} == {
        "screens": 2,
        "clicks": 2,
        "fields": 1,
    }
    assert "Kimi K3" in printed()
