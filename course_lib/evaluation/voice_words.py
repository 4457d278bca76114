"""The words and shapes that the rules of the company's voice look for."""

from __future__ import annotations

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
WEEKDAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_SHORT_MONTHS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_DAY_FIRST = rf"(?<![\w$.-])\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{MONTHS}|{_SHORT_MONTHS})\b"
_SMALL = "two|three|four|five|six|seven|eight|nine"
_LARGE = (
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
)
_NUMBER = rf"(?:\d[\d,.]*|one|{_SMALL}|{_LARGE})"

PREAMBLES = (
    r"(?:thank|hello|hi\b|hey\b|dear\b|good (?:morning|afternoon|evening|day)\b|greetings|sorry|apologies|regarding|"
    r"with (?:regard|respect|reference) to|in (?:response|reply|reference) to|further to|"
    r"this (?:is|message is) (?:to|in)\b|"
    r"(?:i|we)(?: (?:am|are|do|have)|'m|'re|'ve)? ?(?:so |very |truly |fully |completely |deeply |sincerely )?"
    r"(?:hope|understand|appreciate|received|apologize|regret|sorry|writing)\b|it has come to|great question)"
)
THANKS = r"\bthank(?:s| you)\b|\breaching out\b|\bcontacting\b"
STEPS = frozenset(
    "accept add agree answer apply approve ask attach block book borrow bring brush buy call cancel carry change "
    "charge check choose clean clear click close collect come compare confirm contact copy correct count decide "
    "delete dial download draw drop dry email enjoy enter explain fetch file fill find finish fit follow forward "
    "get give go grab hand hang hold inspect install invite join keep leave let lift list load lock log look "
    "loosen lower mail make mark measure meet mount move name note oil open order pack paint park pay phone pick plan "
    "plug point post press print pull pump push put quote raise read record recycle remind remove renew rent "
    "repeat replace reply report reserve reset rest restart return ride ring rinse roll save scan schedule scroll "
    "select send set share ship shop show shut sign skip slide slow spin start stay stop store swap switch take talk "
    "tap tell test text throw tick tie tighten top touch track trade transfer try turn type unlock unplug update "
    "upload use visit vote wait walk wash watch wear weigh wipe work wrap write".split()
)
THIRD_PERSON = (
    r"\b(?:the|our|all|any|each|every|this|a|an|valued|dear|affected|eligible) (?:valued |affected |registered )?"
    r"(?:customer|member|user|subscriber|client|rider|account holder)s?\b(?! (?:service|support|care|desk))"
    r"|\b(?:customers|members|subscribers|users|clients)\b|\bone's\b"
)
_NOT = "do|does|did|is|are|was|were|has|have|had|could|would|should|will|can"
_PARTICIPLE = (
    r"(?:already |now |also |just |not )?(?:\w+ed|been|sent|made|taken|put|set|found|had|got|kept|paid|held|given)"
)
UNCONTRACTED = (
    rf"\b(?:{_NOT}) not\b|\bcannot\b|\b(?:i|you|we|they|it) (?:will|would)\b|\b(?:you|we|they) are\b|\bi am\b"
    rf"|\b(?:it|that|there|here) is\b(?![.,;!?])|\b(?:i|you|we|they) have (?={_PARTICIPLE}\b)"
)
CONTRACTED = r"\w(?:n't|'ll|'re|'ve|'d|'m)\b|\b(?:it|that|there|here|what|let)'s\b"
PASSIVE = (
    r"(?:\b(?:am|is|are|was|were|be|been|being|isn't|aren't|wasn't|weren't)|\b(?:it|that)'s|'re)"
    r"(?: (?:not|also|now|already|still|always|never|then|only|just|all|\w+ly))*"
    r" (\w{2,}ed|sent|made|taken|paid|held|given|found|kept|lost|sold|known|shown|told|seen|set|put|built|chosen|"
    r"driven|bought|brought|written|drawn|stolen|broken|worn|done|met|cut|lent|led|understood|forgiven|withdrawn)\b"
)
NOT_PASSIVE = frozenset("need speed hundred feed closed worried pleased tired interested used supposed limited".split())
STOCK_APOLOGIES = r"\bunfortunately\b|\binconvenience|\bapolog|\bregret|\bsincerely sorry\b|\bany trouble caused\b"
FILLERS = (
    r"\bplease (?:be (?:advised|informed|aware|assured)|note|rest assured)\b|\brest assured\b|\bkindly\b|\bhesitate\b"
    r"|\bfeel free\b|\bat this (?:time|point)\b|\bin order to\b|\bas per\b|\bearliest convenience\b|\bbe advised\b"
    r"|\bplease do\b|\bas (?:previously )?(?:mentioned|stated)\b|\bdue to the fact\b|\bwe would like to\b"
    r"|\bin the event (?:that|of)\b|\bit should be noted\b|\bfor your (?:information|convenience|reference)\b"
    r"|\b(?:if you have|should you have) any (?:\w+ )?questions\b|\bi would like to\b"
)
STIFF_WORDS = (
    r"\b(?:utiliz|purchas|obtain|assist|regarding|concerning|prior to|subsequent|commenc|requir|terminat|submit|"
    r"additional|sufficient|approximately|provid|request|inquir|remain|notif|ensur|upon|via|receiv|attempt|located|"
    r"resolv|facilitat|proceed|initiat|indicat|whilst|therefore|however|such as)"
)
SIGN_SPELLED_OUT = rf"\b{_NUMBER} ?(?:us )?(?:dollars?|usd|bucks|percent|per cent)\b|\busd ?\d|\$ \d|\$[\d,]+\.00\b"
_UNITS = "miles?|mph|mm|cm|psi|lbs?|pounds?|feet|foot|ft|inch(?:es)?|Nm|degrees|decibels?|ounces?|kWh|Wh|volts?|GB|MB"
NUMBERS_IN_DIGITS = (
    rf"(?i:\$ ?\d[\d,.]*|\b\d[\d,.]* ?(?:%|percent\b|per cent\b|dollars?\b|usd\b|bucks\b)"
    rf"|\b\d[\d,.]*[ -]?(?:{_UNITS})\b"
    rf"|\b{_NUMBER} (?:dollars?|percent)\b"
    rf"|\b(?:{MONTHS}|{_SHORT_MONTHS})\.? \d+(?:st|nd|rd|th)?\b"
    rf"|{_DAY_FIRST}|\b\d+/\d+\b"
    r"|\b\d+(?::\d\d)? ?[ap]\.?m\b|\b\d+:\d\d\b|\b\d+ o'clock\b)"
)
SMALL_DIGIT = r"(?<![\w$.,:/@-])[1-9](?![\w%@]|[.,:/-]\d)"
LARGE_IN_WORDS = rf"\b(?:{_LARGE})\b"
SMALL_IN_WORDS = rf"\b(?:{_SMALL})\b|\bone (?:second|minute|hour|day|week|month|year|business day)\b"
MODEL = r"(\b(?:the|your|an?|our|every|each|another) (?:[a-z]+ )?)?\b((?:wren|heron)s?|ox(?:en|es)?)\b"
NOT_WE = (
    r"\bI(?:'\w+)?\b|\b[Mm]y\b|\b[Mm]e\b|\b[Mm]yself\b|\b[Tt]he company\b(?! account)|\b[Oo]ur company\b"
    r"|\bTarnwheel (?:is|was|has|will|does|did|can|cannot|may|must|would|offers?|charges?|allows?|requires?|asks?|"
    r"covers?|accepts?|keeps?|sends?|pays?|provides?|gives?|refunds?|repairs?|replaces?|reserves?|regrets?|apologizes|needs?|"
    r"delivers?|collects?|holds?|wants?|considers?)\b"
)
WRONG_DATE = (
    rf"\b(?:{_SHORT_MONTHS})\b\.? \d|\b(?:{MONTHS}) \d+(?:st|nd|rd|th)\b"
    rf"|{_DAY_FIRST}|\b\d\d?/\d\d?\b"
)
RIGHT_DATE = rf"\b(?:{MONTHS}) \d{{1,2}}\b"
RIGHT_TIME = r"\b\d{1,2}(?::\d\d)? [ap]\.m\."
WRONG_TIME = r"\b\d{1,2}(?::\d\d)?(?: ?[ap]m\b|[ap]\.m\.)|\b\d{1,2}:00\b|\b\d{1,2}:\d\d\b(?! ?[ap]\.?m)|\bo'clock\b"
FOREIGN_WORDS = (
    r"\b(?:bicycles?|e-bikes?|vehicles?|applications?|portal|platform|help ?desk|service desk|"
    r"(?:customer|client) (?:service|support|care)|support (?:team|staff|department|line))\b"
)
EMPTY_ADVERBS = (
    r"\b(?:very|really|simply|just|quite|highly|extremely|currently|actually|absolutely|certainly|truly|definitely|"
    r"basically|completely|fully|greatly|obviously|literally|totally|sincerely|merely|presently|deeply)\b"
)
