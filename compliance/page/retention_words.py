"""The words of retention wordings: patterns in lower case, each beside what it means."""

from compliance.page.vocabulary import Asks, Bound, ClauseKind, DataClass, Trigger

# Each pattern stands beside its meaning, so that no subject is recognised without having one.
SUBJECTS: dict[str, tuple[DataClass, Trigger]] = {
    r"(?:policy[- ])?flagged(?: (?:prompts?|content|inputs?|outputs?|data|requests?|conversations?"
    r"|inputs and outputs))?": (
        DataClass.FLAGGED_CONTENT,
        Trigger.FLAGGED,
    ),
    r"(?:inputs|prompts) and (?:outputs|responses|completions)|everything"
    r"|(?:all )?(?:api |customer |user )?(?:data|content|traffic)": (
        DataClass.ALL_CONTENT,
        Trigger.ALWAYS,
    ),
    r"(?:user )?prompts?|inputs?": (DataClass.PROMPT, Trigger.ALWAYS),
    r"(?:model )?(?:outputs?|responses?|completions?)": (DataClass.OUTPUT, Trigger.ALWAYS),
    r"(?:uploaded )?files?|uploads?|attachments?": (DataClass.FILE, Trigger.ALWAYS),
    r"(?:prompt )?(?:cache|caching)|cached (?:data|content|prompts?)": (
        DataClass.CACHE,
        Trigger.ALWAYS,
    ),
    r"application state": (DataClass.APPLICATION_STATE, Trigger.ALWAYS),
    r"(?:abuse|misuse|safety)(?:[- ](?:monitoring|detection|prevention))?(?: logs?)?": (
        DataClass.ABUSE_LOG,
        Trigger.ALWAYS,
    ),
    r"feedback": (DataClass.FEEDBACK, Trigger.ALWAYS),
    r"metadata|(?:usage |access |request )?logs?|usage data": (DataClass.METADATA, Trigger.ALWAYS),
}
CONDITIONS = {
    r"(?:if|when|where) flagged": Trigger.FLAGGED,
    r"(?:if|when|where) (?:you |users |the user )?(?:opt(?:s|ed)?[- ]in)"
    r"|with opt-in|opt-in(?: only)?": Trigger.OPT_IN,
}

NUMBERS = {
    word: number
    for number, words in enumerate(
        [
            "zero",
            "one a an",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
    for word in words.split()
}
UNITS = {
    r"minutes?|mins?": "PT{}M",
    r"hours?|hrs?|h": "PT{}H",
    r"days?|d": "P{}D",
    r"weeks?|wks?": "P{}W",
    r"months?|mos?": "P{}M",
    r"years?|yrs?|y": "P{}Y",
}
BOUNDS = {
    Bound.AT_MOST: r"up to|at most|max(?:imum|\.)?(?: of)?|no more than|not more than"
    r"|no longer than|less than|within|≤|<=|<",
    Bound.AT_LEAST: r"at least|min(?:imum|\.)?(?: of)?|no less than|not less than|more than"
    r"|≥|>=|>",
    Bound.ABOUT: r"about|approximately|approx\.?|around|roughly|circa|ca\.|~|≈",
}
BOUNDS_AFTER = {
    Bound.AT_MOST: r"max(?:imum|\.)?|at most|or less",
    Bound.AT_LEAST: r"min(?:imum|\.)?|at least|or more|or longer|\+",
}

KINDS = {
    ClauseKind.NONE: r"(?:not|never|no data|nothing)(?: is| are)?"
    r" (?:stored|retained|kept|saved|logged)"
    r"|(?:zero|no)(?: data)?[- ](?:retention|storage|logging)|zdr"
    r"|(?:deleted )?immediately(?: deleted)?",
    ClauseKind.NOT_STATED: r"not (?:specified|stated|disclosed|documented|published|given)"
    r"|unspecified|undisclosed|unstated",
    ClauseKind.INDEFINITE: r"indefinite(?:ly)?|forever|permanent(?:ly)?|unlimited|no limit"
    r"|without limit|never deleted",
    ClauseKind.UNTIL_EVENT: r"until (?:deleted|deletion)(?: by (?:the )?(?:user|customer|you))?"
    r"|until (?:you|the user|the customer|users) deletes? (?:it|them)"
    r"|until (?:the |your )?(?:user |customer )?"
    r"(?:account|contract|subscription|session|thread|project|file|conversation|chat)"
    r" (?:deletion|closure|termination|ends?|is (?:deleted|closed|terminated))"
    r"|(?:until )?(?:the )?end of (?:the )?(?:session|contract|subscription)"
    r"|(?:for )?the life(?:time)? of the (?:account|contract|session)",
}
# What a word means that only answers the label of its column. Where a word is missing, as all are
# under a label that asks nothing, it is not understood.
ANSWERS: dict[Asks | None, dict[str, ClauseKind]] = {
    Asks.HOW_LONG: {
        "none": ClauseKind.NONE,
        "nothing": ClauseKind.NONE,
        "yes": ClauseKind.KEPT,
    },
    Asks.IS_KEPT: {"yes": ClauseKind.KEPT, "no": ClauseKind.NONE},
    Asks.IS_NOT_KEPT: {"yes": ClauseKind.NONE, "no": ClauseKind.KEPT},
}

# "within" is only looked at: it also is the bound ("Deleted within 30 days" is at most 30 days).
VERB = (
    r"(?:(?:is |are )?(?:retained|stored|kept|held|saved|logged)(?: for)?"
    r"|(?:is |are )?deleted(?: after|(?= within))|for)"
)
