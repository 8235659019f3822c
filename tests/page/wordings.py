"""Wordings in the many ways in which providers say such things, and what each of them means.

`python -m tests.page.wordings > docs/wordings.md` writes them for readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from compliance.page.vocabulary import Asks, TrainingUse, Unit

_UNKNOWN = "all content not understood"


class Retention(NamedTuple):
    """A retention wording, its clauses in words, and what it leaves open if not understood."""

    wording: str
    meaning: str
    open_question: str = ""
    asks: Asks | None = Asks.HOW_LONG
    unit: Unit | None = None


class Training(NamedTuple):
    """A training wording, its use, and what it leaves open if not understood."""

    wording: str
    meaning: TrainingUse
    open_question: str = ""
    asks: Asks | None = Asks.TRAINS


RETENTION_WORDINGS: dict[str, list[Retention]] = {
    "A time": [
        Retention("30 days", "all content kept 30 days"),
        Retention("30-day retention", "all content kept 30 days"),
        Retention("30 days of retention", "all content kept 30 days"),
        Retention("Retention period: 30 days", "all content kept 30 days"),
        Retention("Kept for 30 days.", "all content kept 30 days"),
        Retention("Prompts and outputs are retained for 30 days", "all content kept 30 days"),
        Retention("Data is stored securely for 30 days", "all content kept 30 days"),
        Retention("The provider keeps data for 14 days", "all content kept 14 days"),
        Retention("72h", "all content kept 72 hours"),
        Retention("1 hr", "all content kept 1 hour"),
        Retention("6 mos", "all content kept 6 months"),
        Retention("ninety days", "all content kept 90 days"),
        Retention("forty-five (45) days", "all content kept 45 days"),
        Retention("90 (ninety) days", "all content kept 90 days"),
        Retention("one hundred and eighty days", "all content kept 180 days"),
        Retention("half a year", "all content kept 6 months"),
        Retention("1.5 years", "all content kept 18 months"),
        Retention("20 calendar days", "all content kept 20 days"),
        Retention("30 DAYS", "all content kept 30 days"),
        Retention("30‑day rolling window", "all content kept 30 days"),
        Retention("30 days, rolling", "all content kept 30 days"),
        Retention("rolling 7-day window", "all content kept 7 days"),
        Retention("2 weeks (14 days)", "all content kept 2 weeks"),
        Retention("thirty (20) days", _UNKNOWN, "two numbers that differ"),
        Retention("1.5 months", _UNKNOWN, "half a month is no whole number of days"),
        Retention("5 business days", _UNKNOWN, "how many calendar days are these?"),
        Retention("1 year and 6 months", _UNKNOWN, "a clause has one number and one unit"),
        Retention("45 seconds", _UNKNOWN, "seconds are no unit of a clause"),
        Retention(
            "We keep data for 30 days", _UNKNOWN, 'on a page, "we" may be whoever publishes it'
        ),
    ],
    "A limit": [
        Retention("Up to 30 days", "all content kept at most 30 days"),
        Retention("30 days (max)", "all content kept at most 30 days"),
        Retention("Maximum retention: 30 days", "all content kept at most 30 days"),
        Retention("For a maximum of 60 days", "all content kept at most 60 days"),
        Retention("Retained for up to 30 days from receipt", "all content kept at most 30 days"),
        Retention("within 24 hours of receipt", "all content kept at most 24 hours"),
        Retention("30 days of receipt", "all content kept 30 days"),
        Retention("No longer than 7 days", "all content kept at most 7 days"),
        Retention("Not kept for more than 30 days", "all content kept at most 30 days"),
        Retention("Data is never retained beyond 90 days", "all content kept at most 90 days"),
        Retention("48 hours at the latest", "all content kept at most 48 hours"),
        Retention("30-90 days", "all content kept at most 90 days"),
        Retention("between 1 and 3 months", "all content kept at most 3 months"),
        Retention("7 – 14 days", "all content kept at most 14 days"),
        Retention("30+ days", "all content kept at least 30 days"),
        Retention("6 months or longer", "all content kept at least 6 months"),
        Retention("Minimum of 1 year", "all content kept at least 1 year"),
        Retention("approx. a month", "all content kept about 1 month"),
        Retention("~ 2 weeks", "all content kept about 2 weeks"),
        Retention("10 days or so", "all content kept about 10 days"),
        Retention("90-30 days", _UNKNOWN, "the first number of a range is the smaller one"),
        Retention("30 and 90 days", _UNKNOWN, "which of the two?"),
        Retention("at least 30-90 days", _UNKNOWN, "a limit of a range"),
    ],
    "Deletion": [
        Retention("Deleted after 30 days", "all content kept 30 days"),
        Retention("Automatically deleted after 30 days", "all content kept 30 days"),
        Retention("Auto-deleted within 14 days", "all content kept at most 14 days"),
        Retention("Data will be permanently erased after 30 days", "all content kept 30 days"),
        Retention("May be deleted after 30 days", _UNKNOWN, "is it deleted?"),
        Retention("Deleted 30 days after receipt", "all content kept 30 days"),
        Retention("Automatic deletion after 90 days", "all content kept 90 days"),
        Retention("30 days, then deleted", "all content kept 30 days"),
        Retention("Stored for 30 days and then purged", "all content kept 30 days"),
        Retention("30 days before deletion", "all content kept 30 days"),
        Retention("Logs expire after 7 days", "metadata kept 7 days"),
        Retention(
            "30 days, then anonymised",
            _UNKNOWN,
            "what is anonymised is not deleted",
        ),
        Retention("Anonymised after 30 days", _UNKNOWN, "what is anonymised is not deleted"),
        Retention("30 days after account closure", _UNKNOWN, "how long is it kept before?"),
        Retention(
            "Deleted within 30 days of contract end", _UNKNOWN, "how long is it kept before?"
        ),
        Retention("Deleted within 30 days of request", _UNKNOWN, "how long is it kept before?"),
        Retention("Deleted 30 days after your request", _UNKNOWN, "how long is it kept before?"),
        Retention("Erased within one month of the request", _UNKNOWN, "how long before?"),
        Retention("Deleted 30 days after receipt of a request", _UNKNOWN, "how long before?"),
        Retention("Removed within 7 days of receipt of request", _UNKNOWN, "how long before?"),
        Retention("Deleted within 30 days upon request", _UNKNOWN, "how long before?"),
        Retention("Deleted after 30 days if requested", _UNKNOWN, "how long otherwise?"),
        Retention("Immediately deleted on request", "all content kept until an event"),
        Retention("30 days after the request", _UNKNOWN, "the request to delete it?"),
        Retention("Deleted", _UNKNOWN, "when?"),
    ],
    "Remarks that change nothing, and others": [
        Retention("30 days (default)", "all content kept 30 days"),
        Retention("By default, 30 days", "all content kept 30 days"),
        Retention("30 days, by default", "all content kept 30 days"),
        Retention("30 days by contract", "all content kept 30 days"),
        Retention("Zero data retention (by contract)", "all content not kept"),
        Retention("Zero data retention by agreement", _UNKNOWN, "and without one?"),
        Retention("Not stored under contract", _UNKNOWN, "and without one?"),
        Retention("30 days (opt-out available)", "all content kept 30 days"),
        Retention("30 days unless you opt out", "all content kept 30 days"),
        Retention("Not stored at all", "all content not kept"),
        Retention("Not stored by default", _UNKNOWN, "what is kept otherwise?"),
        Retention("ZDR (default)", _UNKNOWN, "what is kept otherwise?"),
        Retention("30 days (opt-out)", _UNKNOWN, "before opting out, or after?"),
        Retention("30 days (configurable)", _UNKNOWN, "by whom, and to what?"),
        Retention("30 days unless the law requires more", _UNKNOWN, "how long then?"),
    ],
    "Nothing is kept": [
        Retention("Not retained", "all content not kept"),
        Retention("Nothing is stored", "all content not kept"),
        Retention("No content is logged", "all content not kept"),
        Retention("None", "all content not kept"),
        Retention("Zero-data-retention", "all content not kept"),
        Retention("ZDR enabled", "all content not kept"),
        Retention("No storage", "all content not kept"),
        Retention("No logging of prompts or outputs", "all content not kept"),
        Retention("Neither prompts nor outputs are stored", "all content not kept"),
        Retention("Not stored or logged", "all content not kept"),
        Retention("ZDR for all requests", "all content not kept"),
        Retention("Immediately deleted", "all content not kept"),
        Retention("0 days", "all content not kept"),
        Retention("No customer data is retained", "all content not kept"),
        Retention("Does not store your data", "all content not kept"),
        Retention("Stores no data", "all content not kept"),
        Retention("Does not store any data", "all content not kept"),
        Retention("No prompts are kept", "prompts not kept"),
        Retention("Not stored (ZDR)", "all content not kept"),
        Retention(
            "We do not store your data", _UNKNOWN, 'on a page, "we" may be whoever publishes it'
        ),
        Retention("Not persisted", _UNKNOWN, "it may still be held in memory"),
        Retention("No logging", _UNKNOWN, "of what? Data may be kept elsewhere than in a log"),
        Retention("Zero logging", _UNKNOWN, "of what?"),
        Retention("Not logged", _UNKNOWN, "what is not?"),
        Retention("Never logged", _UNKNOWN, "what is not?"),
        Retention("Does not log", _UNKNOWN, "what is not?"),
        Retention("No retention policy", _UNKNOWN, "no policy, or no retention?"),
        Retention("No data retention enabled", _UNKNOWN, "nothing is kept, or without limit?"),
        Retention("Zero data retention policy", "all content not kept"),
        Retention("Not stored (cached)", _UNKNOWN, "how long is it cached?"),
        Retention("Immediately", _UNKNOWN, "deleted, or kept?"),
        Retention("The provider stores data immediately", _UNKNOWN, "since when is not how long"),
        Retention("The provider stores data not stored", _UNKNOWN, "a contradiction"),
        Retention("Retention period: none", _UNKNOWN, "none that is stated, or no limit?"),
        Retention("TTL: none", _UNKNOWN, "no time, or no end?"),
        Retention("No retention period", _UNKNOWN, "none that is stated, or no limit?"),
        Retention("Retention limit: none", _UNKNOWN, "no limit, or no retention?"),
        Retention("Not stored permanently", _UNKNOWN, "how long is it stored?"),
        Retention("Not automatically stored", _UNKNOWN, "it may be stored by hand"),
        Retention("Not never stored", _UNKNOWN, "a double negation"),
        Retention("Does not store all data", _UNKNOWN, "does it store some?"),
        Retention("Not stored for all users", _UNKNOWN, "is it stored for some?"),
    ],
    "Kept, how long is not said": [
        Retention("Kept", "all content kept, how long is not said"),
        Retention("Logged", _UNKNOWN, "what is?"),
        Retention("May be retained", "all content kept, how long is not said"),
        Retention("Yes", "all content kept, how long is not said"),
        Retention("Retained for an unknown period", "all content kept, how long is not said"),
        Retention(
            "Stored for an undisclosed amount of time", "all content kept, how long is not said"
        ),
        Retention("For a limited period", "all content kept, how long is not said"),
        Retention("for a short time only", "all content kept, how long is not said"),
        Retention("As long as necessary", "all content kept, how long is not said"),
        Retention("Not kept longer than necessary", "all content kept, how long is not said"),
        Retention(
            "For as long as needed to provide the service", "all content kept, how long is not said"
        ),
        Retention(
            "No longer than necessary for these purposes", "all content kept, how long is not said"
        ),
        Retention("Until no longer required", "all content kept, how long is not said"),
        Retention("As required by law", "all content kept, how long is not said"),
        Retention("Temporarily", "all content kept, how long is not said"),
        Retention("Held in memory only", "all content kept, how long is not said"),
        Retention("Ephemeral", "all content kept, how long is not said"),
        Retention("A few days", "all content kept, how long is not said"),
        Retention("Not ZDR", "all content kept, how long is not said"),
        Retention("No zero data retention", "all content kept, how long is not said"),
        Retention("ZDR not available", "all content kept, how long is not said"),
        Retention("Not deleted automatically", "all content kept, how long is not said"),
    ],
    "Until an event, or without limit": [
        Retention("Until you delete it", "all content kept until an event"),
        Retention("Until deleted by the user", "all content kept until an event"),
        Retention("Deleted on request", "all content kept until an event"),
        Retention("Deleted upon request completion", "all content kept until an event"),
        Retention("Deleted at the end of the session", "all content kept until an event"),
        Retention("Until the account is closed", "all content kept until an event"),
        Retention("Deleted upon contract termination", "all content kept until an event"),
        Retention("For the duration of the session", "all content kept until an event"),
        Retention("During the session only", "all content kept until an event"),
        Retention("As long as your account is active", "all content kept until an event"),
        Retention("Not stored after processing", "all content kept until an event"),
        Retention(
            "Deleted immediately after the response is sent", "all content kept until an event"
        ),
        Retention("Indefinitely", "all content kept without limit"),
        Retention("Indefinitely unless deleted", "all content kept without limit"),
        Retention("Never deleted", "all content kept without limit"),
        Retention("No time limit", "all content kept without limit"),
        Retention("Until further notice", "all content kept without limit"),
        Retention("Until the moon falls", _UNKNOWN, "no event that is known"),
    ],
    "Not stated": [
        Retention("Not specified", "all content not stated"),
        Retention("None specified", "all content not stated"),
        Retention("Not publicly documented", "all content not stated"),
        Retention("Undisclosed", "all content not stated"),
        Retention("No information available", "all content not stated"),
        Retention("No defined retention period", "all content not stated"),
        Retention("Unknown", _UNKNOWN, "not stated, or not understood?"),
        Retention("See privacy policy", _UNKNOWN, "the wording itself says nothing"),
        Retention("Varies", _UNKNOWN, "between what?"),
    ],
    "Some kinds of data": [
        Retention("Flagged prompts: 2 years", "flagged content kept 2 years if flagged"),
        Retention("2 years for flagged content", "flagged content kept 2 years if flagged"),
        Retention("Content flagged for review: 1 year", "flagged content kept 1 year if flagged"),
        Retention("Prompt cache: 24 hours", "cache kept 24 hours"),
        Retention("Prompts are cached for 1 hour", "cache kept 1 hour"),
        Retention("24-hour cache", "cache kept 24 hours"),
        Retention("Abuse monitoring logs: 30 days", "abuse log kept 30 days"),
        Retention("30 days (uploaded files)", "files kept 30 days"),
        Retention("Usage metadata 90 days", "metadata kept 90 days"),
        Retention("Inputs/outputs: 30 days", "all content kept 30 days"),
        Retention("Prompts 30 days; outputs 7 days", "prompts kept 30 days; outputs kept 7 days"),
        Retention(
            "Inputs and outputs 30 days. Flagged content 2 years.",
            "all content kept 30 days; flagged content kept 2 years if flagged",
        ),
        Retention(
            "Not stored (flagged prompts: 30 days)",
            "all content not kept; flagged content kept 30 days if flagged",
        ),
        Retention(
            "Not stored, except for abuse monitoring (30 days)",
            "all content not kept; abuse log kept 30 days",
        ),
        Retention(
            "Not stored except files", "all content not kept; files kept, how long is not said"
        ),
        Retention(
            "Not stored unless flagged",
            "all content not kept; flagged content kept, how long is not said if flagged",
        ),
        Retention(
            "Zero retention unless you opt in",
            "all content not kept; all content kept, how long is not said with opt-in",
        ),
        Retention("Kept; 30 days", "all content kept 30 days"),
        Retention("30 days, or longer", "all content kept at least 30 days"),
        Retention("Except for prompts 30 days", _UNKNOWN, "excepted from what?"),
        Retention("All data except files: 30 days", _UNKNOWN, "how long are files kept?"),
        Retention("30 days for most users", _UNKNOWN, "how long for the others?"),
        Retention("Account data: 30 days", _UNKNOWN, "no kind of data that a clause can name"),
        Retention(
            "Prompts: 30 days, 2 years",
            "prompts kept 30 days; all content not understood",
            "of prompts, or of all content?",
        ),
    ],
    "Only by choice, or if flagged": [
        Retention("Zero data retention (opt-in)", "all content not kept with opt-in"),
        Retention("ZDR on request", "all content not kept with opt-in"),
        Retention(
            "30 days, 0 days with ZDR", "all content kept 30 days; all content not kept with opt-in"
        ),
        Retention("30 days unless ZDR is enabled", "all content kept 30 days"),
        Retention("Zero retention available", "all content not kept with opt-in"),
        Retention(
            "ZDR if you opt in, otherwise 30 days",
            "all content not kept with opt-in; all content kept 30 days",
        ),
        Retention(
            "30 days (ZDR available on request)",
            "all content kept 30 days; all content not kept with opt-in",
        ),
        Retention("30 days with opt-in", "all content kept 30 days with opt-in"),
        Retention("With opt-in: 1 year", "all content kept 1 year with opt-in"),
        Retention("Optional: zero data retention", "all content not kept with opt-in"),
        Retention("2 years if flagged", "flagged content kept 2 years if flagged"),
        Retention("If flagged, 2 years", "flagged content kept 2 years if flagged"),
        Retention("Zero data retention with prior approval", _UNKNOWN, "who gets it?"),
        Retention("Otherwise 30 days", _UNKNOWN, "when?"),
        Retention("Not stored if you opt out", _UNKNOWN, "what is kept otherwise?"),
    ],
    "Lists by plan, region or volume stay text": [
        Retention("EU: 30 days, US: 90 days", _UNKNOWN, "a list"),
        Retention("Free: 30 days; Enterprise: none", _UNKNOWN, "a list"),
        Retention("30 days on the API, 90 days in the app", _UNKNOWN, "a list"),
        Retention("Not stored (Enterprise)", _UNKNOWN, "one plan only"),
        Retention("30 days (EU)", _UNKNOWN, "one region only"),
        Retention("30 days below 1M tokens", _UNKNOWN, "one volume only"),
    ],
    "Answers to the label": [
        Retention("No", _UNKNOWN, "the label asks how long"),
        Retention("0", _UNKNOWN, "of which unit?"),
        Retention("0", "all content not kept", unit=Unit.DAYS),
        Retention("30", "all content kept 30 days", unit=Unit.DAYS),
        Retention("14-30", "all content kept at most 30 days", unit=Unit.DAYS),
        Retention("30 and 5", _UNKNOWN, "which of the two?", unit=Unit.DAYS),
        Retention("1,000", _UNKNOWN, "a thousand, or one?", unit=Unit.DAYS),
        Retention("Yes", "all content kept, how long is not said", asks=Asks.IS_KEPT),
        Retention("No", "all content not kept", asks=Asks.IS_KEPT),
        Retention("Yes (30 days)", "all content kept 30 days", asks=Asks.IS_KEPT),
        Retention(
            "No, unless flagged",
            "all content not kept; flagged content kept, how long is not said if flagged",
            asks=Asks.IS_KEPT,
        ),
        Retention("No, by default", _UNKNOWN, "what is kept otherwise?", asks=Asks.IS_KEPT),
        Retention("None", _UNKNOWN, "the label asks for Yes or No", asks=Asks.IS_KEPT),
        Retention("Yes", "all content not kept", asks=Asks.IS_NOT_KEPT),
        Retention("No", "all content kept, how long is not said", asks=Asks.IS_NOT_KEPT),
        Retention("No (30 days)", "all content kept 30 days", asks=Asks.IS_NOT_KEPT),
        Retention(
            "Yes, 30 days",
            "all content not kept; all content not understood",
            "not kept, and kept for 30 days",
            asks=Asks.IS_NOT_KEPT,
        ),
        Retention("Yes", _UNKNOWN, "the label asks nothing", asks=None),
        Retention("No", _UNKNOWN, "the label asks nothing", asks=None),
        Retention("None", _UNKNOWN, "the label asks nothing", asks=None),
        Retention("Retention: none", "all content not kept", asks=None),
        Retention("Stored: no", "all content not kept", asks=None),
    ],
    "Symbols": [
        Retention("🟢 Not stored", "all content not kept"),
        Retention("Not stored ✅", "all content not kept"),
        Retention("❌ Not stored", "all content not kept"),
        Retention("30 days ✔️", "all content kept 30 days"),
        Retention("🟡 30 days", "all content kept 30 days"),
        Retention("🔴 Not stored", _UNKNOWN, "red is bad, and this is not"),
        Retention("🟢 Indefinitely", _UNKNOWN, "green is good, and this is not"),
        Retention(
            "❌ Zero data retention", _UNKNOWN, "a cross may say that there is no such thing"
        ),
        Retention("✅", "all content kept, how long is not said", asks=Asks.IS_KEPT),
        Retention("✘", "all content not kept", asks=Asks.IS_KEPT),
        Retention("❌", "all content kept, how long is not said", asks=Asks.IS_NOT_KEPT),
        Retention("✅ No", _UNKNOWN, "yes and no", asks=Asks.IS_KEPT),
        Retention("✅ 30 days", _UNKNOWN, "not kept, and kept for 30 days", asks=Asks.IS_NOT_KEPT),
        Retention("🟢", _UNKNOWN, "good, but which answer?", asks=Asks.IS_KEPT),
        Retention("✅", _UNKNOWN, "the label asks nothing", asks=None),
    ],
}


TRAINING_WORDINGS: dict[str, list[Training]] = {
    "Never": [
        Training("No", TrainingUse.NEVER),
        Training("Never", TrainingUse.NEVER),
        Training("No.", TrainingUse.NEVER),
        Training("No, never", TrainingUse.NEVER),
        Training("No, by contract", TrainingUse.NEVER),
        Training("No (contractually)", TrainingUse.NEVER),
        Training("Contractually excluded", TrainingUse.NEVER),
        Training("No – contractually guaranteed", TrainingUse.NEVER),
        Training("Not used for training", TrainingUse.NEVER),
        Training("Not used for any model training", TrainingUse.NEVER),
        Training("Not used to train or improve models", TrainingUse.NEVER),
        Training("Your prompts are not used to train AI models", TrainingUse.NEVER),
        Training("Not used to train or fine-tune any models", TrainingUse.NEVER),
        Training("Customer data is never used for training", TrainingUse.NEVER),
        Training("Does not train on your data", TrainingUse.NEVER),
        Training("Doesn't train", TrainingUse.NEVER),
        Training("The provider doesn't use data for training", TrainingUse.NEVER),
        Training("No training on customer data", TrainingUse.NEVER),
        Training("No data is used for training", TrainingUse.NEVER),
        Training("Excluded from training", TrainingUse.NEVER),
        Training("No, neither by us nor by the provider", TrainingUse.NEVER),
        Training("No, by Acme or the model provider", TrainingUse.NEVER),
        Training("No, by the host, Acme or the provider", TrainingUse.NEVER),
        Training("No, not by anyone", TrainingUse.NEVER),
        Training("No, neither the provider nor us", TrainingUse.NEVER),
        Training("Nobody trains on your data", TrainingUse.NEVER),
        Training("No, by us", TrainingUse.UNKNOWN, "the provider may"),
        Training("By Acme or the provider", TrainingUse.UNKNOWN, "who trains, or who does not?"),
        Training("No, by us and the provider", TrainingUse.UNKNOWN, "one of the two may"),
        Training("No, by Acme or Bolt", TrainingUse.UNKNOWN, "the provider may be a third"),
        Training("No, by default or the provider", TrainingUse.UNKNOWN, "no name"),
        Training(
            "We do not train on your data",
            TrainingUse.UNKNOWN,
            'on a page, "we" may be whoever publishes it',
        ),
        Training("Outputs are not used for training", TrainingUse.UNKNOWN, "prompts may be"),
        Training("Does not train on all data", TrainingUse.UNKNOWN, "does it on some?"),
        Training("No, by Acme in Europe or the provider", TrainingUse.UNKNOWN, "and elsewhere?"),
        Training(
            "Not used to improve services",
            TrainingUse.UNKNOWN,
            "improvement is denied, and training is not",
        ),
        Training("Not used to improve models", TrainingUse.UNKNOWN, "and to train them?"),
        Training("Not used to train and improve models", TrainingUse.UNKNOWN, "one of the two?"),
        Training("Not used to train our models", TrainingUse.UNKNOWN, "and those of others?"),
        Training("Does not train own models", TrainingUse.UNKNOWN, "and those of others?"),
        Training("Not used to train foundation models", TrainingUse.UNKNOWN, "and other models?"),
        Training("Not used to train language models", TrainingUse.UNKNOWN, "and other models?"),
        Training("Not used to train LLMs", TrainingUse.UNKNOWN, "and other models?"),
        Training("Does not train future models", TrainingUse.UNKNOWN, "and those of today?"),
        Training("Not used to train the model", TrainingUse.UNKNOWN, "and other models?"),
        Training("Not used to fine-tune", TrainingUse.UNKNOWN, "and for other training?"),
        Training("Not used to fine-tune models", TrainingUse.UNKNOWN, "and for other training?"),
        Training("No, not by anyone else", TrainingUse.UNKNOWN, "and by the provider?"),
        Training("Does not train, by agreement", TrainingUse.UNKNOWN, "with whom?"),
        Training("No, under contract", TrainingUse.UNKNOWN, "and without one?"),
        Training("Not never used for training", TrainingUse.UNKNOWN, "two negations"),
        Training("No, mostly", TrainingUse.UNKNOWN, "and otherwise?"),
        Training("By contract", TrainingUse.UNKNOWN, "what is by contract?"),
        Training("No longer", TrainingUse.UNKNOWN, "since when, and what of the prompts before?"),
        Training("No, used for training", TrainingUse.UNKNOWN, "no and yes"),
        Training("No (Enterprise)", TrainingUse.UNKNOWN, "one plan only"),
    ],
    "Only with consent": [
        Training("Opt-in", TrainingUse.OPT_IN),
        Training("Opt-in required", TrainingUse.OPT_IN),
        Training("Yes (opt-in)", TrainingUse.OPT_IN),
        Training("Consent required", TrainingUse.OPT_IN),
        Training("Only if you opt in", TrainingUse.OPT_IN),
        Training("No, unless you opt in", TrainingUse.OPT_IN),
        Training("Only with your written consent", TrainingUse.OPT_IN),
        Training("Never without your explicit permission", TrainingUse.OPT_IN),
        Training("Not without consent", TrainingUse.OPT_IN),
        Training("No, not without consent", TrainingUse.OPT_IN),
        Training("Only with your agreement", TrainingUse.OPT_IN),
        Training("Not used for training without prior written consent", TrainingUse.OPT_IN),
        Training("Never used to train models unless users opt in", TrainingUse.OPT_IN),
        Training("No training unless you opt in", TrainingUse.OPT_IN),
        Training("May be used for training if you opt in", TrainingUse.OPT_IN),
        Training("Used for training only if you opt in", TrainingUse.OPT_IN),
        Training("Only with our consent", TrainingUse.UNKNOWN, "whose?"),
        Training("Only with agreement", TrainingUse.UNKNOWN, "a contract, or consent?"),
        Training("With prior approval", TrainingUse.UNKNOWN, "whose?"),
        Training("Without consent", TrainingUse.UNKNOWN, "is it used without, or not used?"),
        Training("Without opt-in", TrainingUse.UNKNOWN, "is it used without, or not used?"),
        Training("Without permission", TrainingUse.UNKNOWN, "is it used without, or not used?"),
        Training("Unless you opt in", TrainingUse.UNKNOWN, "is it used until then, or not?"),
        Training("No opt-in", TrainingUse.UNKNOWN, "used without opting in, or not used?"),
        Training("No opt-in required", TrainingUse.UNKNOWN, "used without opting in, or not used?"),
        Training("No opt-in only", TrainingUse.UNKNOWN, "what is denied?"),
        Training("No, without consent", TrainingUse.UNKNOWN, "used without consent, or not used?"),
        Training("No (opt-in)", TrainingUse.UNKNOWN, "not used, or not used after opting in?"),
        Training("No (opt-in only)", TrainingUse.UNKNOWN, "not used, or not used after opting in?"),
        Training("No, with agreement", TrainingUse.UNKNOWN, "and without one?"),
        Training("No if you opt in", TrainingUse.UNKNOWN, "and before?"),
        Training("No, once you opt in", TrainingUse.UNKNOWN, "and before?"),
        Training("No, after consent", TrainingUse.UNKNOWN, "and before?"),
        Training(
            "Used to improve services only if you opt in", TrainingUse.UNKNOWN, "and to train?"
        ),
        Training(
            "Used to train our models only if you opt in",
            TrainingUse.UNKNOWN,
            "and those of others?",
        ),
        Training(
            "Outputs are used for training if you opt in", TrainingUse.UNKNOWN, "and prompts?"
        ),
        Training("Not unless legally required", TrainingUse.UNKNOWN, "what does the law require?"),
    ],
    "In some cases": [
        Training("May train", TrainingUse.CONDITIONAL),
        Training("May be used for training", TrainingUse.CONDITIONAL),
        Training("May be used to improve services", TrainingUse.CONDITIONAL),
        Training(
            "Your data may be used to improve our models and services", TrainingUse.CONDITIONAL
        ),
        Training("Could be used to train AI models", TrainingUse.CONDITIONAL),
        Training("Sometimes", TrainingUse.CONDITIONAL),
        Training("In certain cases", TrainingUse.CONDITIONAL),
        Training("Depends on your plan", TrainingUse.CONDITIONAL),
        Training("Partially", TrainingUse.CONDITIONAL),
        Training("No, by default", TrainingUse.CONDITIONAL),
        Training("Not used for training by default", TrainingUse.CONDITIONAL),
        Training("By default, data is not used for training", TrainingUse.CONDITIONAL),
        Training("No, except for feedback", TrainingUse.CONDITIONAL),
        Training("Only user feedback", TrainingUse.CONDITIONAL),
        Training("Not used for training, except flagged content", TrainingUse.CONDITIONAL),
        Training("May sometimes be used", TrainingUse.UNKNOWN, "the words between are not read"),
        Training("Varies by region", TrainingUse.UNKNOWN, "between what?"),
    ],
    "Unless you opt out": [
        Training("Opt-out", TrainingUse.OPT_OUT),
        Training("Opt-out available", TrainingUse.OPT_OUT),
        Training("Yes, unless you opt out", TrainingUse.OPT_OUT),
        Training("Yes (opt-out available)", TrainingUse.OPT_OUT),
        Training("Yes, can be turned off", TrainingUse.OPT_OUT),
        Training("Yes, by default, unless you opt out", TrainingUse.OPT_OUT),
        Training("Used for training, opt-out available", TrainingUse.OPT_OUT),
        Training("May be used for training unless the user opts out", TrainingUse.OPT_OUT),
        Training("Used to train models, but you can opt out", TrainingUse.OPT_OUT),
        Training(
            "Used to improve services unless you opt out", TrainingUse.UNKNOWN, "and to train?"
        ),
        Training("No, unless you opt out", TrainingUse.UNKNOWN, "unless you opt out, it is used"),
        Training("No (opt-out)", TrainingUse.UNKNOWN, "not used, or not used after opting out?"),
    ],
    "By default": [
        Training("Yes", TrainingUse.BY_DEFAULT),
        Training("Yes (default)", TrainingUse.BY_DEFAULT),
        Training("Yes, by default", TrainingUse.BY_DEFAULT),
        Training("Always", TrainingUse.BY_DEFAULT),
        Training("By default", TrainingUse.BY_DEFAULT),
        Training("Used for training", TrainingUse.BY_DEFAULT),
        Training("Used by default", TrainingUse.BY_DEFAULT),
        Training("Prompts and outputs are used to train our models", TrainingUse.BY_DEFAULT),
        Training("Trains on user data", TrainingUse.BY_DEFAULT),
        Training("Used to improve our products", TrainingUse.BY_DEFAULT),
        Training("We train on your inputs", TrainingUse.BY_DEFAULT),
        Training("Yes, may be used", TrainingUse.UNKNOWN, "by default, or in some cases?"),
    ],
    "Not stated": [
        Training("Not specified", TrainingUse.NOT_STATED),
        Training("Not publicly documented", TrainingUse.NOT_STATED),
        Training("No information available", TrainingUse.NOT_STATED),
        Training("Undisclosed", TrainingUse.NOT_STATED),
        Training("Unknown", TrainingUse.UNKNOWN, "not stated, or not understood?"),
        Training("See policy", TrainingUse.UNKNOWN, "the page does not say it"),
    ],
    "Lists by plan, region or volume stay text": [
        Training("Free: yes, paid: no", TrainingUse.UNKNOWN, "a list"),
        Training("EU: no, US: yes", TrainingUse.UNKNOWN, "a list"),
        Training("Yes (free plan)", TrainingUse.UNKNOWN, "one plan only"),
        Training("No for API users, yes for the app", TrainingUse.UNKNOWN, "a list"),
    ],
    "Below a label that asks whether it does not train": [
        Training("Yes", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training("No", TrainingUse.BY_DEFAULT, asks=Asks.DOES_NOT_TRAIN),
        Training("Yes, by contract", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training("Yes, by default", TrainingUse.CONDITIONAL, asks=Asks.DOES_NOT_TRAIN),
        Training("Yes, unless you opt in", TrainingUse.OPT_IN, asks=Asks.DOES_NOT_TRAIN),
        Training("Not used for training", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training("Used for training", TrainingUse.BY_DEFAULT, asks=Asks.DOES_NOT_TRAIN),
        Training("Yes, does not train", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training(
            "Yes (opt-in)",
            TrainingUse.UNKNOWN,
            "opt in to training, or to the lack of it?",
            asks=Asks.DOES_NOT_TRAIN,
        ),
        Training(
            "No, by default",
            TrainingUse.UNKNOWN,
            "not trained on by default, or not so by default?",
            asks=Asks.DOES_NOT_TRAIN,
        ),
        Training(
            "No, by Acme or the provider",
            TrainingUse.UNKNOWN,
            "the answer to the label, or its opposite?",
            asks=Asks.DOES_NOT_TRAIN,
        ),
        Training(
            "Never",
            TrainingUse.UNKNOWN,
            "the answer to the label, or its opposite?",
            asks=Asks.DOES_NOT_TRAIN,
        ),
        Training(
            "Opt-in", TrainingUse.UNKNOWN, "training, or the lack of it?", asks=Asks.DOES_NOT_TRAIN
        ),
    ],
    "Below a label that asks nothing": [
        Training("Yes", TrainingUse.UNKNOWN, "the label asks nothing", asks=None),
        Training("No", TrainingUse.UNKNOWN, "the label asks nothing", asks=None),
        Training("No, unless you opt in", TrainingUse.UNKNOWN, "the label asks nothing", asks=None),
        Training("Only if you opt in", TrainingUse.OPT_IN, asks=None),
        Training("Without consent", TrainingUse.UNKNOWN, "used, or not used?", asks=None),
        Training("Does not train", TrainingUse.NEVER, asks=None),
        Training("Not used", TrainingUse.UNKNOWN, "data, or the way to opt out?", asks=None),
    ],
    "Symbols": [
        Training("🟢 No", TrainingUse.NEVER),
        Training("❌ No", TrainingUse.NEVER),
        Training("No ❌", TrainingUse.NEVER),
        Training("🔴 Yes", TrainingUse.BY_DEFAULT),
        Training("✅", TrainingUse.BY_DEFAULT),
        Training("✔️", TrainingUse.BY_DEFAULT),
        Training("❌", TrainingUse.NEVER),
        Training("✅ Not used for training", TrainingUse.NEVER),
        Training("❌ Not used for training", TrainingUse.NEVER),
        Training("🟢 Yes", TrainingUse.UNKNOWN, "green is good, and this is not"),
        Training("🔴 No", TrainingUse.UNKNOWN, "red is bad, and this is not"),
        Training("✅ No", TrainingUse.UNKNOWN, "yes and no"),
        Training("❌ Used for training", TrainingUse.UNKNOWN, "a cross may say that it is not"),
        Training("🟢", TrainingUse.UNKNOWN, "good, but which answer?"),
        Training("❌", TrainingUse.BY_DEFAULT, asks=Asks.DOES_NOT_TRAIN),
        Training("✅", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training("🟢 Yes", TrainingUse.NEVER, asks=Asks.DOES_NOT_TRAIN),
        Training(
            "❌ Not used for training",
            TrainingUse.UNKNOWN,
            "no, it does not, or no, it is not so?",
            asks=Asks.DOES_NOT_TRAIN,
        ),
        Training("✅", TrainingUse.UNKNOWN, "the label asks nothing", asks=None),
    ],
}


_LABELS: dict[Asks | None, str] = {
    Asks.HOW_LONG: "Retention",
    Asks.IS_KEPT: "Stored",
    Asks.IS_NOT_KEPT: "Not stored",
    Asks.TRAINS: "Trains",
    Asks.DOES_NOT_TRAIN: "Does not train",
    None: "Remarks",
}
_INTRODUCTION = """\
# Wordings

What the words of a page are read as. A wording is not understood where it leaves something open:
nothing is guessed in favour of the reader. Where the label of a column matters, it stands beside
the wording.

`tests/page/wordings.py` writes this page, and the tests read each wording. To have more wordings
understood, add the words to `compliance/page/retention_words.py` or `compliance/page/training.py`,
and the wording to the tests.
"""


def document() -> str:
    """Return all wordings as a page for readers, in Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_chapter("Retention", RETENTION_WORDINGS),
            *_chapter("Training", TRAINING_WORDINGS),
        ]
    )


def _chapter(title: str, wordings: Mapping[str, Sequence[Retention | Training]]) -> Iterator[str]:
    yield f"## {title}\n"
    for heading, examples in wordings.items():
        yield f"### {heading}\n"
        yield "| wording | is read as | what it leaves open |"
        yield "|---|---|---|"
        for example in examples:
            yield f"| {_labelled(example)} | {example.meaning} | {example.open_question} |"
        yield ""


def _labelled(example: Retention | Training) -> str:
    """Return a wording with the label above it, if that is not the usual one."""
    usual = Asks.TRAINS if isinstance(example, Training) else Asks.HOW_LONG
    label = _LABELS[example.asks]
    if isinstance(example, Retention) and example.unit:
        label = f"{label} ({example.unit})"
    elif example.asks is usual:
        return example.wording
    return f"{label}: {example.wording}"


if __name__ == "__main__":
    print(document(), end="")
