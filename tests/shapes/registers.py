"""Ten registers in ten shapes of company page. All companies, models and addresses are invented.

A row holds what an editor types in the listing's form, a text for each column in page order:
- lines of a list may end in the numbers of footnotes, "Halden Cloud [2]";
- a claim is its wording, or "never | Not at all" where the form has to be told what that means;
- NOTHING leaves a claim or the documents empty, DERIVED leaves them to the providers;
- documents are the labels of those that the row lists itself.
"""

from dataclasses import dataclass

NOTHING, DERIVED = "(nothing)", ""


@dataclass(frozen=True)
class Column:
    """A column as it is entered in the form of the register."""

    label: str
    role: str
    asks: str = ""
    covers: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """A section: its prose, and the columns and rows of its table."""

    prose: str = ""
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Company:
    """A provider as it is entered in its form; `documents` are kinds, labels and addresses."""

    name: str
    legal_entity: str = ""
    countries: tuple[str, ...] = ()
    training: str = ""
    retention: str = ""
    documents: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Meaning:
    """A retention term whose clauses a person has to enter: data class, kind, days."""

    wording: str
    clauses: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Shape:
    """A register with everything that is entered for it."""

    slug: str
    title: str
    parts: tuple[Part, ...]
    companies: tuple[Company, ...] = ()
    notes: tuple[str, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    language: str = "en"

    def __str__(self) -> str:
        return self.slug


def policy(name: str, *, faq: bool = False) -> tuple[tuple[str, str, str], ...]:
    """Return the documents of a company with the usual labels."""
    site = f"https://{name.lower().replace(' ', '-')}.example"
    found = [("privacy_policy", "", f"{site}/privacy")]
    if faq:
        found.append(("faq", "", f"{site}/help/data?topic=api&lang=en"))
    return tuple(found)


SUBPROCESSORS = Shape(
    slug="subprocessors",
    title="Brightwell subprocessors",
    parts=(
        Part(
            "We use the companies below to run Brightwell. Each has signed our "
            "[data processing terms](https://brightwell.example/dpa), which bind it to:\n\n"
            "- act only on our instructions,\n"
            "- keep customer content in the region of the workspace, and\n"
            "- delete it within 30 days after the contract ends.\n\n"
            "> We announce a new subprocessor **30 days** before it receives any content.\n\n"
            "## Companies that process customer content",
            (
                Column("Legal entity", "providers"),
                Column("Seat", "places"),
                Column("Purpose", "text"),
            ),
            (
                (
                    "Halden Cloud | [Halden Cloud GmbH](https://halden.example/imprint)",
                    "Germany",
                    "Hosting of workspaces\nBackups [1]",
                ),
                (
                    "Orrery Labs | Orrery Labs, Inc.",
                    "United States [2]",
                    "Answers in the assistant",
                ),
                ("Tern Mail | Tern Mail Ltd", "Ireland", "Sending of invitations and digests"),
                (
                    "Quillon Search | Quillon Search SAS",
                    "France",
                    "Search across files, with [vectors](https://quillon.example/vectors) that "
                    "leave no workspace",
                ),
                ("Pallas Voice | Pallas Voice B.V.", "Netherlands", "Transcripts of meetings"),
                (
                    "Osprey Support | Osprey Support OÜ",
                    "Estonia\nPoland",
                    "Support by chat, only where a customer opens a ticket",
                ),
                ("Kestrel Metrics | Kestrel Metrics AB", "Sweden", "Counts of errors & crashes"),
                ("Marlow Pay | Marlow Pay plc", "United Kingdom", "Invoices"),
            ),
        ),
        Part(
            "## Questions\n\nWrite to privacy@brightwell.example. To be told of changes, "
            "subscribe to the feed of this page."
        ),
    ),
    companies=(
        Company("Halden Cloud", "Halden Cloud GmbH", ("DE",)),
        Company("Orrery Labs", "Orrery Labs, Inc.", ("US",)),
        Company("Tern Mail", "Tern Mail Ltd", ("IE",)),
        Company("Quillon Search", "Quillon Search SAS", ("FR",)),
        Company("Pallas Voice", "Pallas Voice B.V."),
        Company("Osprey Support", "Osprey Support OÜ"),
        Company("Kestrel Metrics", "Kestrel Metrics AB"),
        Company("Marlow Pay", "Marlow Pay plc"),
    ),
    notes=(
        "Backups are encrypted with keys that Brightwell holds, and are deleted after 14 days.",
        "Under the *Standard Contractual Clauses* of 2021. See the "
        "[transfer assessment](https://brightwell.example/transfers).",
    ),
)

GATEWAY = Shape(
    slug="gateway",
    title="Relaypoint: what upstreams do with your traffic",
    parts=(
        Part(
            "Relaypoint passes a request to one upstream and keeps nothing itself. "
            "What the upstream does depends on the route that you choose.",
            (
                Column("Upstream", "providers"),
                Column("Does not train on prompts", "training", asks="does_not_train"),
                Column("Stores prompts", "retention", asks="is_kept"),
                Column("Zero retention on request", "text"),
            ),
            (
                ("Corvid AI", "Yes", "No", "Yes"),
                ("Lumen Forge", "Yes", "Yes [1]", "Yes, [by ticket](https://lumen.example/zdr)"),
                ("Nordhaven", "No", "Yes", "No"),
                (
                    "Sable Compute",
                    "opt_out | Yes, after you opt out in [the console](https://sable.example/console)",
                    "30 days",
                    "Enterprise plans only",
                ),
                ("Thistle Models", NOTHING, NOTHING, ""),
                ("Umbra\nUmbra Europe", "Yes", "Not specified", "Umbra Europe only [2]"),
            ),
        ),
    ),
    companies=tuple(
        Company(name, documents=policy(name))
        for name in (
            "Corvid AI",
            "Lumen Forge",
            "Nordhaven",
            "Sable Compute",
            "Thistle Models",
            "Umbra",
            "Umbra Europe",
        )
    ),
    notes=(
        "For abuse monitoring. Lumen Forge does not say how long.",
        "Umbra Europe answers from Dublin and Frankfurt.",
    ),
)

_HOST_COLUMNS = (
    Column("Model", "models"),
    Column("Host", "providers"),
    Column("Region", "places"),
    Column("Trains on your prompts", "training", asks="trains"),
    Column("Prompts are kept", "retention", asks="how_long"),
    Column("Host's terms", "documents"),
)

HOSTS = Shape(
    slug="hosts",
    title="Models and hosts in Fernway",
    parts=(
        Part(
            "One model is often offered by several hosts. **The terms are those of the host**, not "
            "of whoever made the model, so a row is a model at a host.",
            _HOST_COLUMNS,
            (
                ("Aster 4 Large", "Aster AI", "United States", DERIVED, DERIVED, DERIVED),
                ("Aster 4 Large", "Basalt", "Germany", "No", "Not stored", DERIVED),
                (
                    "Aster 4 Large [1]",
                    "Cobalt Grid",
                    "United States\nIreland",
                    "No",
                    "30 days (flagged prompts: 2 years)",
                    DERIVED,
                ),
                ("Aster 4 Mini", "Aster AI", "United States", DERIVED, DERIVED, DERIVED),
                ("Aster 4 Mini", "Basalt", "Germany", "No", "Not stored", DERIVED),
                ("Brio 70B", "Basalt", "Germany", "No", "Not stored", DERIVED),
                ("Brio 70B", "Dunlin Compute", "France", "Only if you opt in", "7 days", DERIVED),
                (
                    "Brio 70B",
                    "Elmwood",
                    "",
                    "Not specified",
                    "Not specified",
                    NOTHING,
                ),
                ("Cirrus Code", "Cobalt Grid", "Ireland", "No", "24 hours [2]", DERIVED),
                (
                    "Cirrus Code",
                    "Elmwood",
                    "Edge of the network, next to you",
                    "Yes, unless you opt out",
                    "Indefinitely",
                    "Elmwood terms for developers",
                ),
                (
                    "Dormer Vision\nDormer Vision Lite",
                    "Dunlin Compute",
                    "France",
                    "No",
                    "7 days",
                    "",
                ),
            ),
        ),
    ),
    companies=(
        Company("Aster AI", "Aster AI, Inc.", ("US",), "never", "30 days", policy("Aster AI")),
        Company(
            "Basalt", "Basalt Rechenzentren GmbH", ("DE",), documents=policy("Basalt", faq=True)
        ),
        Company("Cobalt Grid", countries=("IE", "US"), documents=policy("Cobalt Grid")),
        Company("Dunlin Compute", countries=("FR",), documents=policy("Dunlin Compute")),
        Company(
            "Elmwood",
            documents=(
                ("privacy_policy", "", "https://elmwood.example/privacy"),
                ("terms", "Elmwood terms for developers", "https://elmwood.example/developers"),
            ),
        ),
    ),
    meanings=(Meaning("30 days", (("all_content", "duration", "30"),)),),
    notes=(
        "Cobalt Grid serves a quantised version.",
        "Counted from the end of the session, in [UTC](https://cobalt.example/clock).",
    ),
)

ENDPOINTS = Shape(
    slug="endpoints",
    title="Ostler API: what each endpoint keeps",
    parts=(
        Part(
            "Nothing that is sent to the API is used to train models unless the table says "
            "otherwise.\n\n### By endpoint",
            (
                Column("Endpoint", "text"),
                Column("Data used for training", "training", asks="trains"),
                Column("Abuse logs kept", "retention", asks="how_long", covers="abuse_log"),
                Column("State kept", "retention", asks="how_long", covers="application_state"),
                Column("Zero retention", "text"),
            ),
            (
                (
                    "/v1/chat",
                    "No",
                    "30 days",
                    "None [1]",
                    "Yes, except [images](https://ostler.example/img)",
                ),
                ("/v1/responses", "No", "30 days", "30 days [2]", "Yes"),
                ("/v1/assistants\n/v1/threads", "No", "30 days", "Until deleted", "No"),
                ("/v1/files", "No", "30 days", "Until deleted", "No"),
                ("/v1/batches", "No", "30 days", "Until deleted", "No"),
                ("/v1/embeddings", "No", "30 days", "None", "Yes"),
                ("/v1/images/generate", "No", "30 days", "None", "Yes"),
                ("/v1/audio/speech", "No", "30 days", "None", "Yes"),
                ("/v1/audio/live", "No", "30 days", "1 hour", "Yes"),
                ("/v1/moderations", "No", "None", "None", ""),
                ("/v1/fine\\_tuning", "No", "30 days", "Until deleted", "No"),
                ("/playground", "Only with consent", "1 year", NOTHING, "No"),
            ),
        ),
    ),
    notes=(
        "Audio answers are kept for one hour, so that a conversation can go on.",
        "Off with `store: false`.",
    ),
)

PRODUCTS = Shape(
    slug="products",
    title="AI in Larkspur products",
    parts=(
        Part(
            "## Larkspur Docs\n\nThe assistant writes and shortens texts. It can be turned off "
            "for a workspace.",
            (
                Column("Model", "models"),
                Column("Company", "providers"),
                Column("Kept", "retention", asks="how_long"),
            ),
            (
                ("Meridian 3", "Meridian AI", "30 days"),
                ("Meridian 3 Turbo", "Meridian AI\nHollis Cloud [1]", "30 days"),
                ("Petrel 8B", "Larkspur", "Not stored"),
            ),
        ),
        Part(
            "## Larkspur Mail\n\nSuggested answers, and a filter against phishing.",
            (
                Column("What it does", "text"),
                Column("Company", "providers"),
                Column("Reads", "text"),
                Column("Trains", "training", asks="trains"),
            ),
            (
                ("Suggested answers", "Meridian AI", "The thread\nYour signature", "No"),
                ("Phishing filter", "Netwarden", "Sender and links", "Yes [2]"),
            ),
        ),
        Part(
            "## Larkspur Calls",
            (Column("Company", "providers"), Column("Country", "places")),
            (("Pallas Speech", "Netherlands"), ("Hollis Cloud", "Ireland\nGermany")),
        ),
        Part(
            "Calls are recorded only after everybody has agreed.\n\n## Larkspur Sheets\n\n"
            "No model is used in Sheets.\n\n1. Formulas run in your browser.\n"
            "2. Imports are read on our own servers."
        ),
    ),
    companies=tuple(
        Company(name, documents=policy(name))
        for name in ("Meridian AI", "Hollis Cloud", "Larkspur", "Netwarden", "Pallas Speech")
    ),
    notes=(
        "Only while Meridian AI cannot be reached.",
        "On addresses of links, never on texts.",
    ),
)

CHAT = Shape(
    slug="chat",
    title="Wren Chat: which model runs where",
    parts=(
        Part(
            "You choose a model. Its *author* made it, and its *host* runs it and receives what "
            "you write.",
            (
                Column("Model", "models"),
                Column("Author", "text"),
                Column("Host", "providers"),
                Column("Your chats train models", "training", asks="trains"),
                Column("Chats are kept by the host", "retention", asks="how_long"),
            ),
            (
                ("Auk 2\nAuk 2 Think", "Auk Research", "Wren", "No", "Not stored"),
                ("Bittern", "Bittern Labs", "Wren", "No", "Not stored"),
                (
                    "Curlew Pro\nCurlew Flash [1]",
                    "Curlew, a part of [Estuary Group](https://estuary.example)",
                    "Curlew AI",
                    "No",
                    "30 days",
                ),
                ("Dotterel 405B", "Open Plover Project", "Sandbank\nWren", "No", "Not stored"),
                ("Egret Image", "Egret", "Egret Cloud [2]", "Yes", "Not specified"),
                ("Fulmar 1 (beta)", "Fulmar", "Sandbank", DERIVED, DERIVED),
            ),
        ),
    ),
    companies=(
        Company("Wren", training="never"),
        Company("Curlew AI", documents=policy("Curlew AI")),
        Company("Sandbank", documents=policy("Sandbank")),
        Company("Egret Cloud"),
    ),
    notes=(
        "Answers of Curlew Flash may come from Curlew Pro when it is busy.",
        "Egret Cloud keeps pictures. Do not upload pictures of people.",
    ),
)

CATALOGUE = Shape(
    slug="catalogue",
    title="Model catalogue of the Tamarind platform",
    parts=(
        Part(
            "All models of the platform, with everything that customers ask for.",
            (
                Column("Model", "models"),
                Column("API name", "text"),
                Column("Author", "text"),
                Column("Host", "providers"),
                Column("Regions", "places"),
                Column("Input", "text"),
                Column("Context window", "text"),
                Column("Knowledge cutoff", "text"),
                Column("Trains", "training", asks="trains"),
                Column("Retention", "retention", asks="how_long"),
                Column("Abuse logs (days)", "retention", "how_long", "abuse_log", "days"),
                Column("Available since", "text"),
                Column("Policies", "documents"),
            ),
            tuple(
                (
                    model,
                    api_name,
                    author,
                    host,
                    regions,
                    input_kinds,
                    window,
                    cutoff,
                    trains,
                    retention,
                    logs,
                    since,
                    DERIVED,
                )
                for (
                    model,
                    api_name,
                    author,
                    host,
                    regions,
                    input_kinds,
                    window,
                    cutoff,
                    trains,
                    retention,
                    logs,
                    since,
                ) in (
                    (
                        "Saffron 2 Large",
                        "saffron-2-large-2026-03",
                        "Saffron AI",
                        "Saffron AI [1]",
                        "United States",
                        "Text\nImages\nAudio",
                        "1,000,000",
                        "August 2025",
                        "No",
                        "30 days",
                        "30",
                        "12 March 2026",
                    ),
                    (
                        "Saffron 2 Mini",
                        "saffron-2-mini",
                        "Saffron AI",
                        "Saffron AI",
                        "United States\nGermany",
                        "Text\nImages",
                        "400,000",
                        "August 2025",
                        "No",
                        "30 days",
                        "30",
                        "12 March 2026",
                    ),
                    (
                        "Cardamom Instruct 70B",
                        "cardamom-ai/Cardamom-3.3-70B-Instruct-Turbo",
                        "Cardamom",
                        "Tamarind",
                        "France",
                        "Text",
                        "128,000",
                        "December 2024",
                        "No",
                        "Not stored",
                        "0",
                        "4 May 2025",
                    ),
                    (
                        "Sumac R1",
                        "sumac-r1",
                        "Sumac Research",
                        "Tamarind\nJuniper Cloud",
                        "France\nIreland",
                        "Text",
                        "64,000",
                        "not said",
                        "No",
                        "Not stored",
                        "7 [2]",
                        "20 January 2026",
                    ),
                    (
                        "Nigella Vision",
                        "nigella-vision",
                        "Nigella",
                        "Juniper Cloud",
                        "Ireland",
                        "Images\nVideo",
                        "32,000",
                        "",
                        "Yes, unless you opt out",
                        "1 year",
                        NOTHING,
                        "1 June 2026",
                    ),
                    (
                        "Sorrel Embed",
                        "sorrel-embed-v4",
                        "Sorrel",
                        "Tamarind",
                        "France",
                        "Text",
                        "8,192",
                        "March 2024",
                        "No",
                        "Not stored",
                        "0",
                        "9 September 2024",
                    ),
                )
            ),
        ),
    ),
    companies=(
        Company(
            "Saffron AI", "Saffron AI PBC", ("US", "DE"), documents=policy("Saffron AI", faq=True)
        ),
        Company("Tamarind", "Tamarind SA", ("FR",), documents=policy("Tamarind")),
        Company("Juniper Cloud", countries=("IE",), documents=policy("Juniper Cloud")),
    ),
    notes=(
        "Requests with audio are always answered in the United States.",
        "Juniper Cloud only; Tamarind keeps none.",
    ),
)

EXCEPTIONS = Shape(
    slug="exceptions",
    title="How Hollow Oak handles AI data",
    parts=(
        Part(
            "## The rule\n\n**No company that we use trains on customer data, and none keeps it "
            "for longer than 30 days.** This is in every contract, and holds for:\n\n"
            "- everything typed into Hollow Oak,\n- files, and\n- what our models answer.\n\n"
            "---\n\n## The exceptions\n\nThe rule does not hold for these services. All are "
            "[off until an administrator turns them on](https://hollowoak.example/admin).",
            (
                Column("Service", "text"),
                Column("Company", "providers"),
                Column("What differs", "text"),
                Column("Data retention", "retention", asks="how_long"),
                Column("Training on data", "training", asks="trains"),
            ),
            (
                ("Web search", "Ferret", "Queries leave the region", "90 days", NOTHING),
                (
                    "Voice notes (beta)",
                    "Yodel",
                    "Recordings are kept to correct them [1]",
                    "1 year",
                    "Only if you opt in",
                ),
                (
                    "Maps",
                    "Wayfare Maps",
                    "Addresses are sent, never names",
                    "Not specified",
                    "Not specified",
                ),
                (
                    "Feedback with 👍 or 👎",
                    "Acorn Models",
                    "The whole conversation is sent",
                    "Indefinitely",
                    "Yes",
                ),
            ),
        ),
        Part("Exceptions end by themselves after a year, unless we say here why they go on."),
    ),
    companies=tuple(Company(name) for name in ("Ferret", "Yodel", "Wayfare Maps", "Acorn Models")),
    notes=("Delete a voice note, and its recording is deleted within a day.",),
)

ARABIC = Shape(
    slug="arabic",
    title="النماذج والخصوصية في منصة نخلة",
    language="ar",
    parts=(
        Part(
            "## من يستلم رسائلك\n\nعندما تكتب إلى المساعد، نرسل رسالتك إلى شركة واحدة من الشركات "
            "التالية. لا نبيع بياناتك، ولا نرسل **اسمك** أبدًا.\n\n"
            "- يمكنك إيقاف المساعد في [الإعدادات](https://nakhla.example/settings).\n"
            "- نحذف سجلاتنا بعد 30 يومًا.",
            (
                Column("النموذج", "models"),
                Column("الشركة", "providers"),
                Column("البلد", "places"),
                Column("هل تُستخدم للتدريب؟", "training", asks="trains"),
                Column("مدة الحفظ", "retention", asks="how_long"),
                Column("سياسة الخصوصية", "documents"),
            ),
            (
                (
                    "Sidra 2\nSidra 2 Mini [1]",
                    "سدرة",
                    "ألمانيا",
                    "never | لا",
                    "30 يومًا",
                    DERIVED,
                ),
                ("واحة 70B", "واحة", "فرنسا", "never | لا", "لا تُحفظ", DERIVED),
                (
                    "Falaj Vision (تجريبي)",
                    "Falaj Cloud | [Falaj Cloud](https://falaj.example) (دبي)",
                    "الإمارات العربية المتحدة",
                    "opt_out | نعم، ما لم ترفض",
                    "غير محدد [2]",
                    "سياسة فلج",
                ),
            ),
        ),
        Part("للأسئلة: privacy@nakhla.example"),
    ),
    companies=(
        Company(
            "سدرة",
            countries=("DE",),
            documents=(("privacy_policy", "سياسة سدرة", "https://sidra.example/privacy"),),
        ),
        Company(
            "واحة",
            countries=("FR",),
            documents=(("privacy_policy", "سياسة واحة", "https://waha.example/privacy"),),
        ),
        Company(
            "Falaj Cloud",
            documents=(("privacy_policy", "سياسة فلج", "https://falaj.example/privacy"),),
        ),
    ),
    meanings=(
        Meaning("30 يومًا", (("all_content", "duration", "30"),)),
        Meaning("لا تُحفظ", (("all_content", "none", ""),)),
        Meaning("غير محدد", (("all_content", "not_stated", ""),)),
    ),
    notes=(
        "النموذج الصغير للخطة المجانية فقط.",
        "سألنا الشركة في مارس، ولم تُجب بعد.",
    ),
)

_FORTY = """
Abernathy Hosting|Servers|Germany|2019
Bellwether|Product analytics|United States|2021
Candlewick Mail|E-mail to customers|Ireland|2019
Dovecote|Help desk|United Kingdom|2020
Eastlight|Translation of help pages|Poland|2022
Fennel Forms|Surveys|Spain|2023
Gantry CI|Builds and tests|United States|2020
Hearthstone Backup|Backups|Germany|2019
Inkwell Sign|Contracts|Sweden|2022
Jackdaw|Log search|Netherlands|2021
Kiln Containers|Container registry|United States|2020
Lantern Status|Status page|Australia|2021
Millrace|Queue of jobs|France|2024
Netherfield DNS|Names and certificates|Switzerland|2019
Oxbow|Data warehouse|Germany|2023
Pennant|Feature flags|United States|2021
Quayside Pay|Card payments|Ireland|2019
Rookery|Error reports|Austria|2020
Spindle|Video hosting|Canada|2022
Tollgate|Protection against bots|United States|2023
Underhill Vault|Keys and secrets|Germany|2021
Vellum Docs|Internal documents|United States|2020
Weir Network|Content delivery|United States|2019
Yarrow HR|Staff records|Netherlands|2022
Zephyr SMS|Text messages|Denmark|2020
Alder Accounts|Bookkeeping|Ireland|2019
Birchall Legal|Legal advice|United Kingdom|2021
Cloverleaf CRM|Sales|United States|2020
Drystone Audit|Yearly audit|Germany|2023
Elderflower Events|Webinars|France|2024
Foxglove Insights|Market research|Belgium|2022
Greywether|Uptime checks|Czechia|2021
Hawthorn Search|Search of our help pages|Finland|2023
Ivybridge|Single sign-on|United States|2019
Juniper Lane Print|Letters on paper|Germany|2020
Kittiwake AI|Summaries of tickets|France|2025
Lodestar Speech|Transcripts of calls|Portugal|2025
Mossgrove|Spam filter|Norway|2022
Nightjar Security|Tests by attackers|Italy|2024
Oakapple Travel|Bookings for staff|Germany|2021
""".strip().splitlines()

FORTY = Shape(
    slug="forty",
    title="Companies that work for Longacre",
    parts=(
        Part(
            "This list has everybody who may see personal data on our behalf. "
            "Only **Kittiwake AI** and **Lodestar Speech** use AI models.",
            (
                Column("Company", "providers"),
                Column("Works on", "text"),
                Column("Country", "places"),
                Column("Since", "text"),
            ),
            tuple(
                (name + (" [1]" if name.endswith(("AI", "Speech")) else ""), work, country, since)
                for name, work, country, since in (line.split("|") for line in _FORTY)
            ),
        ),
    ),
    companies=tuple(Company(line.split("|")[0]) for line in _FORTY),
    notes=("Does not train on what we send, by [contract](https://longacre.example/ai).",),
)

SHAPES = (
    SUBPROCESSORS,
    GATEWAY,
    HOSTS,
    ENDPOINTS,
    PRODUCTS,
    CHAT,
    CATALOGUE,
    EXCEPTIONS,
    ARABIC,
    FORTY,
)
