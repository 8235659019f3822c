"""The words of retention wordings: tables of what a part of a wording may mean, and how it is said.

To have a wording understood, find the table that its words belong to, add a line there, and the
wording to tests/page/wordings.py. `retention` puts the tables together; a part of a wording is

    [condition:] [subject:] [label:] [verb] duration or kind or answer [for subject] [condition]

with remarks that add nothing behind the duration or the kind.

Each line is a pattern as in `wording.phrases`, which is matched whole, against words in the form of
`wording.read_wording`: small letters, hyphens for all dashes, single blanks. None may match words
that leave a doubt, and none that promise the user less than its meaning.
"""

import re

from compliance.page.vocabulary import Asks, Bound, ClauseKind, DataClass, Trigger
from compliance.page.wording import NOT_STATED, phrases

# What a clause is about, and when it applies if it only names that.
_WHOSE = "(all |any )?(of )?(the |your |our )?(api |customer |user |users' |customers' )?"
_FLAGGING = (
    "flagged( (by|for|as) ((policy )?violations?|abuse|misuse|review|safety"
    "|(our |the )?(safety )?(classifiers?|filters?|systems?)))?"
)
_DATA = phrases(f"{_WHOSE}(data|content|traffic)", "everything")
SUBJECTS: dict[tuple[DataClass, Trigger], str] = {
    (DataClass.FLAGGED_CONTENT, Trigger.FLAGGED): phrases(
        "(policy[- ]|content[- ])?flagged( (user |api )?(prompts?|content|inputs?|outputs?|data"
        "|requests?|conversations?|messages?|inputs and outputs|prompts and outputs))?",
        f"(prompts?|content|inputs?|outputs?|data|requests?) {_FLAGGING}",
        "(policy )?violations",
    ),
    (DataClass.ALL_CONTENT, Trigger.ALWAYS): phrases(
        f"{_WHOSE}(inputs?|prompts?|requests?)( and | & | or | ?/ ?)"
        "(outputs?|responses?|completions?)( data)?",
        _DATA,
    ),
    (DataClass.PROMPT, Trigger.ALWAYS): phrases(f"{_WHOSE}(prompts?|inputs?|queries)( data)?"),
    (DataClass.OUTPUT, Trigger.ALWAYS): phrases(
        f"{_WHOSE}(model )?(outputs?|responses?|completions?)( data)?"
    ),
    (DataClass.FILE, Trigger.ALWAYS): phrases(
        f"{_WHOSE}(uploaded )?files?", "(file )?uploads?", "attachments?"
    ),
    (DataClass.CACHE, Trigger.ALWAYS): phrases(
        "((prompt|kv|context)[- ])?(cache|caching)",
        "((prompts?|inputs?|data|content|responses?) (is |are |may be )?)?cached( in memory)?",
        "cached (data|content|prompts?|inputs?|responses?)",
    ),
    (DataClass.APPLICATION_STATE, Trigger.ALWAYS): phrases(
        "(application|conversation|session) state"
    ),
    (DataClass.ABUSE_LOG, Trigger.ALWAYS): phrases(
        "(abuse|misuse|safety|fraud)( (and|or|&|/) (abuse|misuse|safety|fraud))?"
        "([- ](monitoring|detection|prevention|review))?( logs?| data| purposes)?"
    ),
    (DataClass.FEEDBACK, Trigger.ALWAYS): phrases("(user )?feedback( data)?"),
    (DataClass.METADATA, Trigger.ALWAYS): phrases(
        "(usage |request )?metadata",
        "(usage |access |request |server |technical )?logs?",
        "usage data",
        "telemetry",
    ),
}

# Only where this is so does a clause apply.
_ZDR = "(zdr|(zero|no)([- ]data)?[- ](retention|storage))"
_NO_LOGGING = "(zero|no)([- ]data)?[- ]logging"
_USER = "(you|users?|the user|customers?|the customer)"
_OPTING_IN = f"({_USER} )?(has |have )?(explicitly )?opt(s|ed|ing)?[- ]in"
CONDITIONS: dict[Trigger, str] = {
    Trigger.FLAGGED: phrases(
        "(only )?(if|when|where|once|after being) "
        f"((it|content|data|they|prompts)( is|'s| are) )?{_FLAGGING}",
        "(in case of|upon|on|in the event of|if there is) (an? )?(suspected )?(policy )?"
        "(abuse|misuse|violations?|flagging)",
    ),
    Trigger.OPT_IN: phrases(
        f"(only )?(if|when|where) {_OPTING_IN}",
        "(only )?(with|on|upon|after|by|via) (an? )?opt-?in",
        "opt[- ]in( only| required)?",
        "(only )?with (your |the user's |user |customer )?(explicit )?consent",
        "(is |are )?(only )?(available )?(up)?on request( only)?",
        "(only )?(by request|(if|when|where) (requested|enabled))",
        f"with {_ZDR}( agreement| enabled)?",
        "available|optional(ly)?|can be enabled",
    ),
}
# What is kept although the words before say otherwise; None is the data of which they speak.
EXCEPTIONS: dict[tuple[DataClass | None, Trigger], str] = {
    (DataClass.FLAGGED_CONTENT, Trigger.FLAGGED): phrases(
        f"(unless|except (if|when|where)) ((it|content|data|they)( is|'s| are) )?{_FLAGGING}"
    ),
    (None, Trigger.OPT_IN): phrases(
        f"(unless|except (if|when|where)) {_OPTING_IN}",
        "without (your |the user's |user |customer )?(explicit )?consent",
    ),
}
EXCEPT = phrases("except( for)?", "apart from", "with the exception of")

SMALL_NUMBERS = {
    "zero": 0,
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SMALL, _TENS = "|".join(SMALL_NUMBERS), "|".join(TENS)
_BELOW_HUNDRED = f"(({_TENS})([- ]({_SMALL}))?|{_SMALL})"
NUMBER_WORDS = phrases(
    f"(a|one|two|three) hundred(( and)? {_BELOW_HUNDRED})?",
    _BELOW_HUNDRED,
)
# Of other fractions it is not sure which sign divides what: "1.000" may be a thousand.
HALVES = phrases(r"[0-9]{1,5}(\.5| ?½)", "½", "half an?")

# Units as ISO 8601 with a place for the number. Business days are not calendar days.
UNITS: dict[str, str] = {
    "PT{}M": phrases("minutes?", "mins?"),
    "PT{}H": phrases("hours?", "hrs?", "h"),
    "P{}D": phrases("(calendar |consecutive )?days?", "d"),
    "P{}W": phrases("weeks?", "wks?"),
    "P{}M": phrases("months?", "mos?"),
    "P{}Y": phrases("years?", "yrs?", "y"),
}
# Half a unit, where that is a whole number of a smaller one.
HALF_UNITS: dict[str, tuple[int, str]] = {
    "PT{}H": (30, "PT{}M"),
    "P{}D": (12, "PT{}H"),
    "P{}W": (84, "PT{}H"),
    "P{}Y": (6, "P{}M"),
}

_IS = "(is |are |will be |gets? |being )"
# Of what is kept only: what may be deleted may stay.
_MAY_BE = "(is |are |will be |gets? |being |may be |can be |might be |could be )"
_KEPT = "(stored|retained|kept|saved|logged|held|recorded)"
_DELETED = "(deleted|erased|purged|removed|wiped|discarded|destroyed)"
_HOW = "(automatically |automatic |auto-?|permanently |irrevocably |securely |rolling )?"
_NEVER = "(not|never|none|nothing|no data|no content)"
_OUR = "(the |its |their |our |your |an? |each |every )?"

BOUNDS: dict[Bound, str] = {
    Bound.AT_MOST: phrases(
        "(for )?up to|within|under|≤|<=|<",
        "at (the )?most|(a |for a )?max(imum)?( period)?( of)?",
        "max(imum)? (data )?(retention|storage)( period| time)?(:| of| is)?",
        "(no|not|never) (more|longer) than|less than|no later than|not exceeding|not to exceed",
        f"{_IS}?{_NEVER} {_IS}?{_KEPT}( for)? (more than|longer than|beyond|past|after)",
    ),
    Bound.AT_LEAST: phrases(
        "at least|(a |for a )?min(imum)?( period)?( of)?",
        "(no|not) less than|more than|longer than|over|≥|>=|>",
    ),
    Bound.ABOUT: phrases("about|approx(imately)?|around|roughly|circa|ca|some|nearly|almost|~|≈"),
}
BOUNDS_AFTER: dict[Bound, str] = {
    Bound.AT_MOST: phrases(
        "max(imum)?|at (the )?most|at the latest|or (less|fewer|shorter|sooner)"
    ),
    Bound.AT_LEAST: phrases(r"min(imum)?|at least|or (more|longer)|\+"),
    Bound.ABOUT: phrases("or so|approx(imately)?"),
}

# What a wording asks by itself, whatever the label of its column asks. Not "retention policy" or
# "retention limit": "Retention limit: none" is the opposite of "Retention: none".
LABEL = phrases("(data |storage )?retention( (period|time|duration))?", "storage( time)?", "ttl")
# Of these labels, those below which None is the answer that nothing is kept. "TTL: none" may be
# that nothing is ever deleted.
ASKING_LABEL = phrases("(data )?retention|storage")
# Some bounds are only looked at: "Deleted within 30 days" is at most 30 days.
VERB = phrases(
    f"{_MAY_BE}?(only )?(automatically |temporarily |securely )?({_KEPT}|maintained|archived)"
    "( only| temporarily| securely)?( for| during)?( (a|the) (total )?period of)?",
    f"{_IS}?{_HOW}({_DELETED}|deletes?|deletion|expires?|expired|removal|erasure)"
    "( automatically| permanently)?( after| in| every|(?= within| no later than| at most))",
    # "Deleted 30 days after receipt".
    f"{_IS}?{_HOW}{_DELETED}(?=.* (of|from|after) )",
    "for|(for )?(a|the) period of|lasts|(on )?(a )?rolling|(for )?an?(?= [0-9])",
)
# Not "we", who on a page may be the provider of the row or whoever publishes the page.
_PROVIDER = "((they|it|the provider|provider) )?"
ACTIVE_VERB = phrases(f"{_PROVIDER}(retains?|stores?|keeps?|holds?|saves?)")

_FOR_ALL = "(for|on|in) all (requests|users|customers|models|endpoints|plans|tiers|regions)"
# What adds nothing, and may stand behind a duration or a kind.
REMARK = phrases(
    # Not "by agreement" or "under contract", which not everybody has.
    "by contract|(by|per) (the |our |their )(contract|agreement|dpa)|contractually",
    "(data )?retention|storage",
    "at all|anywhere",
)
# What adds nothing behind a duration. Behind a kind it may: "Not stored after processing" is stored
# until then.
DURATION_REMARK = phrases(
    REMARK,
    "of (data )?(retention|storage)|(data )?retention (period|time|window|policy)|period",
    "(on )?(an? )?rolling( window| basis| period)?|window",
    "automatically|only",
    _FOR_ALL,
    # Not "after the request", which may be that of the user to delete.
    f"(of|from|after|since) {_OUR}(receipt|creation|submission|collection|generation|processing"
    "|ingestion|upload|api call|interaction)",
    f"(and |and then |then |until |before )(being |it is |they are |is |are )?{_HOW}"
    f"({_DELETED}|deletion)( automatically| permanently)?",
)
# What leaves room for another choice: what is kept then is not said. Not "opt-out" alone, which may
# be the condition: "30 days (opt-out)" is no promise to those who do nothing.
DEFAULT = phrases("(by |as (a |the )?)?default")
CHOICE = phrases(
    DEFAULT,
    "(with )?(an? )?opt-?out (is )?(available|possible)",
    f"unless ({_USER} )?(opts?|opted|opting)[- ]out",
    f"without {_ZDR}|unless ({_USER} (use|have) )?{_ZDR}( is)?( enabled| active| agreed)?",
)

_PERIOD = "(retention )?((period|amount|length)( of time)?|time( period| span)?|duration|while)"
_NOT_SAID = "(unknown|unspecified|undisclosed|unstated|undefined|undetermined)"
_NECESSARY = "(reasonably |legally |strictly )?(necessary|needed|required)"
_PURPOSE = (
    "( (to|in order to) (provide|operate|deliver|run|maintain|offer|improve)"
    " (the |our |its |this )?services?"
    "|( (to|in order to) (comply with|meet|fulfil|fulfill|satisfy|achieve)| for)"
    " (the |our |its |their |that |these |this )?(law|laws|services?"
    "|(stated |intended |legal |business )?(purposes?|reasons|obligations|requirements))"
    "( for which (it|they|data) (is|are|was|were) (collected|processed|stored))?"
    "| by (the )?law)?"
)
_OFFERED = "(available|offered|supported|enabled|possible)"
_THING = (
    "(user |customer |api )?(account|contract|agreement|subscription|session|thread|project|file"
    "|conversation|chat|request|workspace)"
)
_ENDS = (
    "(deletion|closure|termination|expiry|expiration|completion|end|ends|expires|closes|completes"
    "|is (deleted|closed|terminated|completed|complete|cancelled|over|processed))"
)
_PROCESSING = (
    "(request|response|processing|inference|api call|session|generation)"
    "( ((is|has been) (completed?|processed|sent|delivered|answered|returned|finished|done|over)"
    "|completes|completion|ends|end))?"
)
# How a clause ends that names no duration.
KINDS: dict[ClauseKind, str] = {
    ClauseKind.NONE: phrases(
        f"{_NEVER}( is| are)? (ever )?{_KEPT}( or {_KEPT})?",
        f"neither (inputs|prompts) nor (outputs|responses|completions) (are )?{_KEPT}",
        f"{_KEPT}: no",
        f"{_ZDR}|{_NO_LOGGING}",
        # "No retention policy" has no policy, and "no retention enabled" may have no limit.
        "(zdr|zero([- ]data)?[- ](retention|storage))( policy)?( is)?( enabled| active)?",
        # But "Not stored for all users" may be stored for some.
        f"(zdr|zero([- ]data)?[- ]retention) {_FOR_ALL}",
        "zdr: yes",
        "without (data )?(retention|storage)",
        # But "Immediately deleted on request" is kept until then.
        "((deleted|discarded) (immediately|instantly)|(immediately|instantly) (deleted|discarded))"
        "(?! (up)?on )",
    ),
    ClauseKind.UNTIL_EVENT: phrases(
        f"until ({_DELETED}|deletion)( by {_USER})?",
        f"until {_USER} (deletes?( (it|them|your account))?|deletion)",
        f"until {_USER} requests? (its |their )?deletion",
        f"{_DELETED} ((up)?on|at) (user |your |customer )?request",
        f"(until |{_DELETED} (on|upon|after|at|with|when) ){_OUR}{_THING} {_ENDS}",
        f"until (the )?(termination|closure|deletion|expiry) of {_OUR}{_THING}",
        f"(until |{_DELETED} (at|after) )?(the )?end of {_OUR}{_THING}",
        f"(for )?{_OUR}{_THING} (lifetime|duration|term)",
        f"(only )?((for|during) )?(the )?(life(time)?|duration|term|length) of {_OUR}{_THING}",
        f"(only )?(for|during) {_OUR}{_THING}( only)?",
        f"(as long as|while) {_OUR}{_THING} ((is|remains) (active|open)|exists)",
        "session only",
        f"(({_NEVER} {_KEPT}|{_DELETED}) (immediately |directly |right )?|immediately {_DELETED} )"
        f"(after|beyond|once|when|as soon as|on|upon) {_OUR}{_PROCESSING}",
        "(only )?(during|while) (the )?(processing|inference|request is (being )?processed)",
    ),
    ClauseKind.INDEFINITE: phrases(
        f"(for )?(an )?indefinite(ly)?( {_PERIOD})?"
        f"(,? (unless|until) ({_DELETED}|{_USER} deletes? (it|them)))?",
        f"forever|permanent(ly)?|perpetual(ly)?|in perpetuity|unlimited( {_PERIOD})?",
        "no (time )?limit|without (a )?(time )?limit(ation)?|until further notice",
        f"never (automatically )?{_DELETED}|never expires?|does not expire",
    ),
    # How long is not said, in one way or another.
    ClauseKind.KEPT: phrases(
        f"{_MAY_BE}?(temporarily |briefly )?{_KEPT}( how long is not said)?",
        f"{_KEPT}: yes",
        f"for (an? )?{_NOT_SAID} {_PERIOD}",
        "(for )?(an? )?(limited|certain|short|brief|reasonable|long|longer|variable) "
        f"{_PERIOD}( only)?",
        "(for )?(a few|several) (minutes|hours|days|weeks|months|years)",
        "for (a while|some time)",
        "temporary|temporarily|brief(ly)?|transient(ly)?|ephemeral(ly)?",
        "(only )?(processed )?(only )?in[- ](memory|ram)( only)?|(ram|volatile memory|memory) only",
        f"(for )?(only )?(as|so) long as (is |it is |are |they are )?{_NECESSARY}{_PURPOSE}",
        f"(only )?as {_NECESSARY}{_PURPOSE}",
        f"({_NEVER} {_KEPT}( for)?|no) longer than (is )?{_NECESSARY}{_PURPOSE}",
        f"for the (minimum )?(time|period) (is |it is )?{_NECESSARY}{_PURPOSE}",
        f"(until|{_DELETED} when) (it is |they are )?no longer {_NECESSARY}{_PURPOSE}",
        f"(not|no|non-) ?(an? |under |covered by )?{_ZDR}( {_OFFERED})?",
        f"{_ZDR}( is|:)? (not {_OFFERED}|unavailable|no)",
        f"not (automatically )?{_DELETED}( automatically)?|no (automatic )?deletion",
    ),
    ClauseKind.NOT_STATED: phrases(
        NOT_STATED,
        f"(?<!for ){_NOT_SAID} {_PERIOD}",
        "no (defined|stated|specified|published|documented|specific|fixed) (retention )?"
        "(period|time|duration|limit)",
    ),
}
# Of the kind `KEPT`, the words that a duration behind them completes: "Kept (30 days)".
KEPT = phrases(f"{_MAY_BE}?{_KEPT}", f"{_KEPT}: yes")
# "Not logged" may be said of a log alone, as the label "Logging" is. It is said of what is kept
# where the words name data, or storage beside the log.
LOGGED = re.compile(r"\blog(?:s|ged|ging)?\b")
MORE_THAN_LOGGED = re.compile(
    r"\b(?:data|content|stor|ret(?:ain|ention)|ke(?:pt|ep)|sav|h[eo]ld|record)"
)
# What is deleted on a request or by choice was kept before, for a time that is not said.
DELETED = re.compile(r"\b(?:delet|eras|purg|remov|wip|discard|destroy|expir)")
# What is denied of a subject: "No prompts are stored", "Does not store prompts".
SUBJECT = "|".join(SUBJECTS.values())
# In a column about one kind of data, "data" is that kind.
DATA = re.compile(_DATA)
DENIED = phrases(
    f"no (?P<denied>{SUBJECT}) ({_IS}?(ever )?{_KEPT}( or {_KEPT})?|logging|retention|storage)",
    f"{_PROVIDER}(retains?|stores?|keeps?|holds?|saves?|logs?) no (?P<kept_not>{SUBJECT})",
    f"{_PROVIDER}(do(es)? not|never|will not) (store|retain|keep|log|save|hold)s?"
    f"( (?P<not_kept>{SUBJECT}))?",
)
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
