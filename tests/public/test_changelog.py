"""The pages about changes.

No test here uses the database, so a query is an error.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine

from compliance.page.diff import compare
from compliance.page.snapshot import Model
from compliance.published import changelog
from tests.stores import (
    FIRST,
    MODELS,
    SECOND,
    listing,
    models_cell,
    publish,
    snapshot,
    training_cell,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTER = "/models-and-privacy/"
LOG = f"{REGISTER}changes/"
ROW = listing("first")
OLD, NEW = snapshot(ROW), snapshot(ROW, listing("second"))
WORSE = snapshot(listing("first", training=training_cell("Yes")))


@pytest.fixture(autouse=True)
def _site():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def get(client):
    return client.get


def parsed(response):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        response.content.decode()
    )


def words(element):
    return " ".join("".join(element.itertext()).split())


def change_sentences(response):
    """Return the sentences about changes on a page, each with its effect."""
    return [
        words(item)
        for listed in parsed(response).iter("ul")
        if "told" in listed.get("class", "")
        for item in listed
    ]


def links(response):
    return [link.get("href") for link in parsed(response).iter("a")]


def test_the_log_shows_the_changes_of_each_publication_with_a_word_and_a_sign(get):
    publish(OLD, WORSE, OLD, changes={3: {"effective_from": NOW - DAY}})

    response = get(LOG)

    assert response.status_code == 200
    assert change_sentences(response) == [
        "▲ Stronger: Training on the prompts of Acme One and Acme Two: “No” instead of “Yes”.",
        "▼ Weaker: Training on the prompts of Acme One and Acme Two: “Yes” instead of “No”.",
    ]
    assert [words(element) for element in parsed(response).iter("h2")] == [
        f"Publication {n}" for n in (3, 2, 1)
    ]


def test_the_log_says_what_else_whoever_asks_for_weaker_changes_gets(get):
    publish(OLD, WORSE)

    text = words(parsed(get(LOG)))

    assert "Weaker, mixed, unjudged" in text
    assert "weaker, mixed and unjudged changes only" in text
    assert "Whoever asks for weaker changes also gets mixed ones, and unjudged ones that touch" in (
        text
    )


def test_the_page_of_a_publication_shows_all_its_changes(get):
    publish(OLD, NEW)

    assert change_sentences(get(f"{LOG}2/")) == [
        f"● Neutral: {change.sentence}" for change in compare(OLD, NEW)
    ]
    assert len(change_sentences(get(f"{LOG}1/"))) == len(compare(None, OLD))
    assert "There is none before it" in words(parsed(get(f"{LOG}1/")))


def test_a_publication_without_changes_is_shown_as_equal(get):
    publish(OLD, OLD)

    assert "It says the same as publication 1." in get(LOG).content.decode()
    assert "It says the same as publication 1." in get(f"{LOG}2/").content.decode()


def test_the_log_links_to_further_changes_of_a_publication(get):
    models = tuple(Model(f"m{n}", f"M {n}") for n in range(20))
    rows = [listing(model.id, models=models_cell(model)) for model in models]
    after = snapshot(*rows, models=models)
    publish(OLD, after)

    assert len(change_sentences(get(LOG))) == 12
    assert f"All {len(compare(OLD, after))} changes of publication 2" in words(parsed(get(LOG)))
    assert len(change_sentences(get(f"{LOG}2/"))) == len(compare(OLD, after)) > 12


def headings(response):
    return [words(element) for element in parsed(response).iter("h2")]


def test_a_withdrawal_is_told_in_the_log_with_what_it_undid(get):
    withdrawn_at = SECOND + timedelta(seconds=43)
    publish(
        OLD, WORSE, NEW, changes={2: {"withdrawn_at": withdrawn_at}, 3: {"effective_from": NOW}}
    )

    response = get(LOG)

    assert headings(response) == [
        "Publication 3",
        "Publication 2, withdrawn",
        "Publication 2",
        "Publication 1",
    ]
    text = words(parsed(response))
    assert "Withdrawn 11 August 2026, 14:00:43 UTC" in text
    assert "Was in force for 43 seconds" in text
    assert "announced" not in text
    assert "In force from 11 August 2026, 14:00:00 UTC" in text
    told = change_sentences(response)
    assert "Changed by it: 1 stronger" in text
    assert told[-2].startswith("▲ Stronger: ")
    assert told[-1].startswith("▼ Weaker: ")


def test_a_withdrawal_says_how_long_the_page_was_in_force_and_since_when_announced(get):
    announced = {
        "effective_from": NOW - DAY,
        "approved_at": NOW - DAY - timedelta(minutes=2),
        "announced": True,
        "withdrawn_at": NOW - DAY + timedelta(seconds=10),
    }
    publish(OLD, WORSE, changes={2: announced})

    text = words(parsed(get(LOG)))

    assert "Was in force for 10 seconds" in text
    assert "Had been announced since 31 August 2026, 11:58:00 UTC" in text


def test_the_page_of_a_withdrawn_publication_stays_closed_but_its_changes_are_told(get):
    publish(OLD, WORSE, changes={2: {"withdrawn_at": NOW - DAY}})

    response = get(f"{LOG}2/")

    assert get(f"{REGISTER}2/").status_code == 410
    assert response.status_code == 200
    assert headings(response) == ["What its withdrawal changed"]
    assert [told[0] for told in change_sentences(response)] == ["▼", "▲"]
    assert f"{REGISTER}2/" not in links(response)


def test_the_only_publication_that_was_withdrawn_is_still_told(get):
    publish(OLD, changes={1: {"withdrawn_at": NOW - DAY}})

    response = get(LOG)

    assert headings(response) == ["Publication 1, withdrawn", "Publication 1"]
    assert "No page is shown in its place" in words(parsed(response))
    assert get(f"{REGISTER}feed.atom").status_code == 200
    assert get(REGISTER).status_code == 404


def test_a_called_off_change_is_told_in_the_log(get):
    called_off = {
        "effective_from": NOW + 30 * DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    publish(OLD, WORSE, changes={2: called_off})

    response = get(LOG)

    assert headings(response) == ["Publication 2, called off", "Publication 2", "Publication 1"]
    text = words(parsed(response))
    assert "Was announced for 1 October 2026" in text
    assert "Called off 31 August 2026, 12:00:00 UTC" in text
    assert "Announced 2 days before, for 1 October 2026" in text
    assert "The page that readers see stays as it is" in text
    assert "Does not come: 1 weaker" in text
    assert [told[0] for told in change_sentences(response)] == ["▼", "▼"]
    page = get(f"{LOG}2/")
    assert headings(page) == ["Called off: it does not come"]
    assert words(parsed(page).find(".//h1")) == "What publication 2 would have changed"
    assert [told[0] for told in change_sentences(page)] == ["▼"]


def test_the_page_of_an_announced_publication_says_what_it_will_change(get):
    waiting = {"effective_from": NOW + 30 * DAY, "approved_at": NOW - DAY, "announced": True}
    publish(OLD, WORSE, changes={2: waiting})

    assert words(parsed(get(f"{LOG}2/")).find(".//h1")) == "What publication 2 will change"
    assert words(parsed(get(f"{LOG}1/")).find(".//h1")) == "What publication 1 changed"


def test_all_changes_of_a_called_off_publication_stand_on_its_page_once(get):
    many = snapshot(*(listing(str(number)) for number in range(30)))
    called_off = {
        "effective_from": NOW + 30 * DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    publish(OLD, many, changes={2: called_off})
    changes = compare(OLD, many)

    log, page = get(LOG), get(f"{LOG}2/")

    [end] = [
        link.get("href")
        for link in parsed(log).iter("a")
        if words(link) == f"All {len(changes)} changes that do not come"
    ]
    assert end == f"{LOG}2/"
    assert len(change_sentences(page)) == len(changes)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("effect=weaker", ["Publication 2, called off", "Publication 2"]),
        ("effect=stronger", []),
        ("from=2026-08-31&to=2026-08-31", ["Publication 2, called off", "Publication 2"]),
        ("from=2026-08-01&to=2026-08-30", []),
    ],
)
def test_a_called_off_change_is_found_like_its_announcement(get, query, told):
    called_off = {
        "effective_from": NOW + 30 * DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    publish(OLD, WORSE, changes={2: called_off})

    assert headings(get(f"{LOG}?{query}")) == told


@pytest.mark.parametrize("model", ["acme-one", "Acme One", "acme-1-1", "acme 1.1"])
def test_each_id_and_name_of_a_continued_model_finds_its_changes(get, model):
    renamed = Model("acme-1-1", "Acme 1.1", continues=("acme-one",))
    other = snapshot(listing(models=models_cell(MODELS[1])), title="Other")
    continued = snapshot(
        listing(models=models_cell(renamed, MODELS[1])), models=(renamed, MODELS[1])
    )
    days = {number: {"effective_from": NOW - (9 - number) * DAY} for number in range(1, 5)}
    publish(OLD, WORSE, continued, other, changes=days)

    assert headings(get(f"{LOG}?model={model}")) == [f"Publication {n}" for n in (4, 3, 2, 1)]


class TestFulfilled:
    """An announced change that was called off, because another publication says all of it."""

    CALLED_OFF = {
        "effective_from": NOW + 30 * DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }

    def publish(self, page=WORSE, **fix):
        at_once = {"effective_from": NOW - DAY, "approved_at": NOW - DAY}
        publish(OLD, WORSE, page, changes={2: self.CALLED_OFF, 3: {**at_once, **fix}})

    def test_is_told_with_what_it_took_effect(self, get):
        self.publish()

        response = get(LOG)

        assert headings(response)[:3] == [
            "Publication 3",
            "Publication 2, took effect with publication 3",
            "Publication 2",
        ]
        text = words(parsed(response))
        assert "Took effect with publication 3 on 31 August 2026, 12:00:00 UTC" in text
        assert "Publication 3 says all that it would have changed" in text
        assert "Was announced for 1 October 2026" in text
        assert "alled off" not in text
        assert "not come" not in text
        assert f"{LOG}3/" in links(response)

    def test_has_a_page_that_says_so(self, get):
        self.publish()

        response = get(f"{LOG}2/")

        assert headings(response) == ["Took effect with publication 3"]
        assert len(change_sentences(response)) == 1
        assert "alled off" not in words(parsed(response))

    def test_is_told_to_take_effect_where_that_one_is_announced(self, get):
        self.publish(effective_from=NOW + DAY, announced=True)

        assert "Publication 2, takes effect with publication 3" in headings(get(LOG))

    def test_is_called_off_while_that_one_is_not_public(self, get):
        self.publish(effective_from=NOW + DAY)

        assert headings(get(LOG))[0] == "Publication 2, called off"

    def test_is_called_off_where_a_change_does_not_come(self, get):
        self.publish(NEW)

        assert headings(get(LOG))[1] == "Publication 2, called off"


class TestRenewal:
    """A scheduled publication that another one takes over."""

    @pytest.fixture(autouse=True)
    def _renewed(self):
        announced = {"effective_from": NOW + 30 * DAY, "approved_at": SECOND, "announced": True}
        publish(
            OLD,
            WORSE,
            NEW,
            WORSE,
            changes={
                2: {**announced, "renewed_by": 4, "renewed_at": NOW - DAY},
                3: {"effective_from": NOW - DAY, "approved_at": NOW - DAY},
                4: {**announced, "renews": 2, "approved_at": NOW - DAY},
            },
        )

    def test_is_told_where_it_stood_before(self, get):
        response = get(LOG)

        assert headings(response) == ["Publication 4", "Publication 3", "Publication 1"]
        assert "Announced on 11 August 2026 as publication 2, renewed on 31 August 2026" in words(
            parsed(response)
        )

    @pytest.mark.parametrize(
        ("path", "leads_to"),
        [
            ("2/", "4/"),
            ("2.json", "4.json"),
            ("2.csv-metadata.json", "4.csv-metadata.json"),
            ("changes/2/?x=1", "changes/4/?x=1"),
            ("compare/2/1/", "compare/4/1/"),
            ("compare/1/2/", "compare/1/4/"),
        ],
    )
    def test_has_the_addresses_of_the_newest_one(self, get, path, leads_to):
        response = get(REGISTER + path)

        assert (response.status_code, response["Location"]) == (308, REGISTER + leads_to)
        assert get(REGISTER + leads_to).status_code == 200


def test_a_publication_that_was_renewed_often_says_so_once(get):
    announced = {"effective_from": NOW + 30 * DAY, "approved_at": SECOND, "announced": True}
    renewals = {
        number: {
            **announced,
            "approved_at": SECOND + (number - 2) * DAY,
            "renews": number - 1 if number > 2 else None,
            "renewed_by": number + 1,
            "renewed_at": SECOND + (number - 1) * DAY,
        }
        for number in range(2, 12)
    }
    last = {**announced, "approved_at": SECOND + 10 * DAY, "renews": 11}
    publish(OLD, *[WORSE] * 11, changes={**renewals, 12: last})
    once = "Announced on 11 August 2026 as publication 2, renewed 10 times, last on 21 August 2026"

    for path in (LOG, f"{LOG}12/"):
        text = words(parsed(get(path)))
        assert once in text
        assert text.count("renewed") == 1
    [item, _] = get(f"{REGISTER}feed.json").json()["items"]
    assert (
        "<p>It was announced on 11 August 2026 as publication 2, and renewed 10 times,"
        " last on 21 August 2026, because the page before it changed.</p>"
    ) in item["content_html"]


def test_the_old_address_of_a_renewed_publication_that_was_withdrawn_says_so(get):
    announced = {"effective_from": NOW + 30 * DAY, "approved_at": SECOND, "announced": True}
    renewed = {**announced, "renewed_by": 3, "renewed_at": NOW - 2 * DAY}
    renewal = {**announced, "renews": 2, "approved_at": NOW - 2 * DAY, "withdrawn_at": NOW - DAY}
    publish(OLD, WORSE, WORSE, changes={2: renewed, 3: renewal})

    assert get(f"{REGISTER}2/").status_code == 410
    assert get(f"{LOG}2/")["Location"] == f"{LOG}3/"


class TestRefusal:
    """What the page of a publication that was withdrawn or called off says."""

    ANNOUNCED = {
        "effective_from": NOW + 30 * DAY,
        "approved_at": NOW - 3 * DAY,
        "announced": True,
        "withdrawn_at": NOW - DAY,
    }
    AT_ONCE = {"effective_from": NOW - DAY, "approved_at": NOW - DAY}

    def refused(self, get, path="2/"):
        """Return the heading, the sentences and the links of a page that answers 410."""
        response = get(REGISTER + path)
        assert response.status_code == 410
        heading, intro = (words(next(parsed(response).iter(tag))) for tag in ("h1", "p"))
        return heading, intro, links(response)

    def test_says_when_a_publication_was_in_force_and_leads_to_what_happened(self, get):
        publish(OLD, WORSE, changes={2: {"withdrawn_at": NOW - DAY}})
        said = (
            "Withdrawn",
            "Publication 2 was in force from 11 August 2026, 14:00 UTC."
            " It was withdrawn on 31 August 2026, 12:00 UTC.",
            ["#main", "/", f"{LOG}2/", REGISTER, LOG, "/"],
        )

        assert self.refused(get) == said
        assert self.refused(get, "2.json") == self.refused(get, "as-of/2026-08-20/") == said
        assert get(f"{LOG}2/").status_code == 200

    def test_says_that_an_announced_publication_was_called_off(self, get):
        publish(OLD, WORSE, changes={2: self.ANNOUNCED})

        assert self.refused(get) == (
            "Called off",
            "Publication 2 was announced for 1 October 2026, 12:00 UTC."
            " It was called off on 31 August 2026, 12:00 UTC and does not come.",
            ["#main", "/", f"{LOG}2/", REGISTER, LOG, "/"],
        )
        detail = get(f"/api/v1/registers{REGISTER}publications/2/").json()["detail"]
        assert detail.startswith("Publication 2 was announced for 1 October 2026, 12:00 UTC. It")

    def test_says_with_which_publication_its_changes_took_effect(self, get):
        publish(OLD, WORSE, WORSE, changes={2: self.ANNOUNCED, 3: self.AT_ONCE})

        heading, said, _ = self.refused(get)

        assert heading == "Replaced by publication 3"
        assert said.endswith("Its changes took effect with publication 3 instead.")
        # The control: another page does not say all of it.
        publish(OLD, WORSE, NEW, changes={2: self.ANNOUNCED, 3: self.AT_ONCE})
        assert self.refused(get)[0] == "Called off"

    def test_of_a_number_that_was_renewed_names_the_last_one(self, get):
        renewed = {**self.ANNOUNCED, "withdrawn_at": None, "renewed_by": 3}
        publish(
            OLD,
            WORSE,
            WORSE,
            changes={
                2: {**renewed, "renewed_at": NOW - 2 * DAY},
                3: {**self.ANNOUNCED, "approved_at": NOW - 2 * DAY, "renews": 2},
            },
        )

        _, said, leads_to = self.refused(get)

        assert said.startswith("Publication 2 was renewed as publication 3. Publication 3 was ann")
        assert f"{LOG}3/" in leads_to

    def test_tells_nothing_of_what_was_never_public(self, get):
        publish(OLD, WORSE, changes={2: {**self.ANNOUNCED, "announced": False}})

        assert self.refused(get) == (
            "Withdrawn",
            "Publication 2 was withdrawn before it was public.",
            ["#main", "/", REGISTER, LOG, "/"],
        )

    def test_leads_to_no_page_in_force_where_there_is_none(self, get):
        publish(OLD, changes={1: {"withdrawn_at": NOW - DAY}})

        assert self.refused(get, "1/")[2] == ["#main", "/", f"{LOG}1/", LOG, "/"]


def test_a_page_that_does_not_exist_leads_to_what_is_public_of_the_register(get):
    publish(OLD)

    assert links(get(f"{REGISTER}7/")) == ["#main", "/", REGISTER, LOG, "/"]
    assert links(get("/nothing/7/")) == ["#main", "/", "/"]


class TestFilters:
    """What a reader asks for in the form of the change log."""

    @pytest.fixture(autouse=True)
    def _published(self):
        publish(OLD, WORSE, NEW, changes={3: {"effective_from": NOW - DAY}})

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", [3, 2, 1]),
            ("effect=weaker", [2]),
            ("effect=stronger", [3]),
            ("effect=&from=&to=&model=&provider=", [3, 2, 1]),
            ("from=2026-08-11", [3, 2]),
            ("to=2026-08-11", [2, 1]),
            ("from=2026-08-12&to=2026-09-01", [3]),
            ("model=acme-one", [3, 2, 1]),
            ("model=ACME+one&effect=weaker", [2]),
            ("provider=borealis&effect=stronger", [3]),
        ],
    )
    def test_select_events(self, get, query, numbers):
        response = get(f"{LOG}?{query}")

        assert response.status_code == 200
        assert headings(response) == [f"Publication {number}" for number in numbers]

    def test_show_only_the_changes_that_match_and_count_what_is_left(self, get):
        response = get(f"{LOG}?effect=stronger")

        assert {told[0] for told in change_sentences(response)} == {"▲"}
        assert "1 match" in words(parsed(response))

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("effect=bad", "bad is no effect"),
            ("from=yesterday", "yesterday is not a day"),
            ("from=1999-12-31", "is not a day from 2000 on"),
            ("to=2999-01-01", "lies in the future"),
            ("from=2026-08-12&to=2026-08-11", "2026-08-11 is before 2026-08-12"),
            ("model=nobody", "No model called nobody was ever listed."),
            ("provider=acme-one", "No provider called acme-one was ever listed."),
        ],
    )
    def test_that_make_no_sense_are_refused_at_their_field(self, get, query, said):
        response = get(f"{LOG}?{query}")

        assert response.status_code == 400
        assert said in words(parsed(response))
        assert headings(response) == ["This cannot be answered"]

    @pytest.mark.parametrize(("typed", "kind"), [("yesterday", "text"), ("2026-08-31", "date")])
    def test_keep_a_day_that_browsers_cannot_read(self, get, typed, kind):
        fields = parsed(get(f"{LOG}?from={typed}")).iter("input")

        [field] = [field for field in fields if field.get("name") == "from"]
        assert (field.get("type"), field.get("value")) == (kind, typed)

    @pytest.mark.parametrize("path", ["changes/?x=1", "compare/1/2/?x=1", "changes/?weaker=1"])
    def test_that_are_unknown_are_refused(self, get, path):
        assert get(REGISTER + path).status_code == 400

    @pytest.mark.parametrize(
        "path", ["changes/?effect=weaker", "fit/?training=never", "filter/?model=One"]
    )
    def test_that_are_given_twice_are_refused(self, get, path):
        parameter = path.partition("?")[2]

        refused = get(f"{REGISTER}{path}&{parameter}")

        assert refused.status_code == 400
        assert "is given more than once. Give it once." in words(parsed(refused))
        assert get(REGISTER + path).status_code == 200

    def test_weaker_is_told_to_be_an_effect(self, get):
        assert "effect=weaker" in words(parsed(get(f"{LOG}?weaker=1")))


@pytest.mark.parametrize("path", [f"{LOG}2/", f"{REGISTER}compare/1/2/", f"{REGISTER}compare/2/1/"])
def test_a_publication_that_is_not_in_force_yet_has_no_page_unless_announced(get, path):
    waiting = {"effective_from": NOW + 30 * DAY, "approved_at": NOW - DAY}

    publish(OLD, WORSE, changes={2: waiting})
    assert get(path).status_code == 404
    assert "Weaker:" not in get(LOG).content.decode()
    assert "announced" not in get(REGISTER).content.decode()

    publish(OLD, WORSE, changes={2: {**waiting, "announced": True}})
    assert get(path).status_code == 200
    assert "Announced, takes effect 1 October 2026" in words(parsed(get(LOG)))
    assert "Next change announced 1 October 2026" in words(parsed(get(REGISTER)))
    assert f"{LOG}2/" in links(get(REGISTER))


def test_any_two_publications_are_compared_in_the_order_of_the_address(get):
    publish(OLD, WORSE)

    assert change_sentences(get(f"{REGISTER}compare/1/2/"))[0].startswith("▼ Weaker: ")
    back = get(f"{REGISTER}compare/2/1/")
    assert change_sentences(back)[0].startswith("▲ Stronger: ")
    assert "backwards in time" in back.content.decode()
    assert f"{REGISTER}compare/1/2/" in links(back)


def test_a_comparison_over_another_publication_claims_no_successor(get):
    four, five = Model("four", "Nova 4"), Model("five", "Nova 5")
    old, new = (
        snapshot(listing("first", models=models_cell(model)), models=(model, *MODELS))
        for model in (four, five)
    )
    publish(old, new, snapshot(*new.sections[0].listings, models=new.models, title="Other"))

    assert "Nova 5 takes the place of Nova 4." in words(parsed(get(f"{REGISTER}compare/1/2/")))
    far = words(parsed(get(f"{REGISTER}compare/1/3/")))
    assert "takes the place of" not in far
    assert "Nova 4 is no longer listed." in far


def test_a_publication_compared_with_itself_has_no_changes(get):
    publish(OLD)

    response = get(f"{REGISTER}compare/1/1/")

    assert response.status_code == 200
    assert "Nothing differs." in response.content.decode()


@pytest.mark.parametrize(("path", "status"), [
    ("changes/3/", 404), ("changes/0/", 404), ("changes/x/", 404), ("compare/1/3/", 404), ("compare/3/1/", 404),
    ("compare/1/", 404), ("compare/1/2/", 410), ("compare/2/1/", 410), (f"compare/1/{'9' * 5000}/", 404),
    ("changes/?page=2", 404), ("changes/?page=0", 404), ("changes/?page=x", 404), ("changes/?page=", 404),
    (f"changes/?page={'9' * 5000}", 404), ("changes/?page=١", 404), ("changes/?page=%00", 404),
])  # fmt: skip
def test_changes_of_unknown_or_withdrawn_publications_are_refused(get, path, status):
    publish(OLD, NEW, changes={2: {"withdrawn_at": NOW - DAY}})

    assert get(REGISTER + path).status_code == status
    assert get(f"/nothing/{path}").status_code == 404


@pytest.mark.slow
def test_a_long_log_is_cut_into_pages(get):
    pages = [snapshot(ROW, title=f"Title {number}") for number in range(45)]
    publish(*pages, changes={n: {"effective_from": FIRST + n * DAY} for n in range(1, 46)})

    first, second, third = get(LOG), get(f"{LOG}?page=2"), get(f"{LOG}?page=3")

    shown = [
        [words(element) for element in parsed(response).iter("h2")]
        for response in (first, second, third)
    ]
    assert [len(each) for each in shown] == [20, 20, 5]
    assert [name for page in shown for name in page] == [
        f"Publication {number}" for number in range(45, 0, -1)
    ]
    assert f"{LOG}?page=2" in links(first)
    assert {LOG, f"{LOG}?page=3"} <= set(links(second))
    assert get(f"{LOG}?page=4").status_code == 404
    assert get(f"{LOG}?to=2026-04-13&page=3").status_code == 200
    assert f"{LOG}?to=2026-04-13&page=3" in links(get(f"{LOG}?to=2026-04-13&page=2"))
    assert f"{LOG}?to=2026-04-13" in links(get(f"{LOG}?to=2026-04-13&page=2"))


@pytest.mark.slow
def test_a_page_of_the_log_reads_only_the_files_that_it_shows(get, monkeypatch):
    pages = [snapshot(ROW, title=f"Title {number}") for number in range(60)]
    publish(*pages, changes={n: {"effective_from": FIRST + n * DAY} for n in range(1, 61)})
    read, snapshots = [], changelog._read_snapshot
    monkeypatch.setattr(
        changelog,
        "_read_snapshot",
        lambda frozen: read.append(frozen.entry.number) or snapshots(frozen),
    )
    changelog._compare.cache_clear()

    get(LOG)

    assert set(read) == set(range(40, 61))


def test_the_page_in_force_links_to_its_changes(get):
    publish(OLD, NEW)

    assert {LOG, f"{LOG}2/"} <= set(links(get(REGISTER)))
    assert f"{LOG}1/" in links(get(f"{REGISTER}1/"))


@pytest.mark.slow
def test_a_page_lists_only_the_newest_publications(get):
    pages = [snapshot(ROW, title=f"Title {number}") for number in range(30)]
    publish(*pages, changes={n: {"effective_from": FIRST + n * DAY} for n in range(1, 31)})

    numbered = [
        link for link in links(get(REGISTER)) if link.removeprefix(REGISTER).strip("/").isdigit()
    ]

    assert len(set(numbered)) == 8


@pytest.mark.parametrize("path", [LOG, f"{LOG}2/", f"{REGISTER}compare/1/2/"])
class TestEveryPageOfChanges:
    """What holds for the log, the page of a publication and a comparison."""

    def test_may_be_cached_and_is_not_sent_again_to_a_client_that_has_it(self, client, path):
        publish(OLD, NEW)

        response = client.get(path, headers={"Cookie": "sessionid=x"})

        assert not response.cookies
        assert "max-age=60" in response["Cache-Control"]
        assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304
        assert client.head(path)["ETag"] == response["ETag"]
        assert client.post(path).status_code == 405

    def test_has_no_script_and_names_no_other_host(self, get, path):
        publish(OLD, NEW)

        tree = parsed(get(path))

        assert not list(tree.iter("script"))
        assert not [each for each in tree.iter() if each.get("style") or each.get("src")]
        assert all(link.get("href").startswith(("/", "#")) for link in tree.iter("a"))

    def test_escapes_html_in_texts(self, get, path):
        hostile = '"><script>alert(1)</script><a href="javascript:x">'
        model = Model("x", hostile)
        row = listing("second", models=models_cell(model))
        after = snapshot(ROW, row, models=(*MODELS, model))
        publish(OLD, after, changes={2: {"title": hostile, "publisher": hostile}})

        response = get(path)

        assert any(hostile in sentence for sentence in change_sentences(response))
        assert not list(parsed(response).iter("script"))
        assert "javascript:x" not in links(response)

    def test_is_unavailable_if_a_published_file_is_damaged(self, get, path, published_root):
        publish(snapshot(ROW, title="Damaged"), NEW)
        (published_root / "models-and-privacy" / "1.json").write_bytes(b"{}")

        response = get(path)

        assert (response.status_code, response["Retry-After"]) == (503, "60")


@pytest.mark.parametrize("address", [
    LOG, f"{LOG}3/", f"{REGISTER}compare/2/3/", f"{REGISTER}feed.atom", f"{REGISTER}feed.json",
    "/api/v1/registers/models-and-privacy/changes/",
])  # fmt: skip
def test_a_model_whose_history_is_joined_is_told_with_the_name_that_it_had(get, address):
    slip, mended = Model("devsral", "Devsral"), Model("devstral", "Devstral")
    pages = [
        snapshot(listing("first", models=models_cell(model)), models=(model,))
        for model in (slip, mended, replace(mended, continues=("devsral",)))
    ]
    publish(*pages, changes={3: {"effective_from": NOW - DAY}})

    told = get(address).content.decode()

    assert "is the same model as “Devsral”, which was listed before." in told


@pytest.mark.parametrize(
    "address", [LOG, f"{LOG}2/", f"{REGISTER}compare/1/2/", f"{REGISTER}feed.atom"]
)
def test_another_publisher_is_told(get, address):
    publish(OLD, OLD, changes={2: {"publisher": "Bolt"}})

    told = get(address).content.decode()

    assert "The publisher is now “Bolt”, instead of “Acme Search”." in told
