"""The codes of what can be wrong with a lesson file.

LS00x the text, LS01x keys and values, LS02x what it says: errors, it cannot be taken. LS03x: it can, but
perhaps not as meant, or it teaches less than it could.
"""

from __future__ import annotations

from lab.findings import Rule, by_code

RULES = by_code(
    [
        Rule("LS001", "error", "not valid YAML", "the block cannot be read", "correct it at the place given"),
        Rule("LS002", "error", "a tab in the indentation", "YAML allows only blanks there", "use blanks"),
        Rule("LS003", "error", "a key is given twice", "only the last would count", "remove or rename one"),
        Rule("LS004", "error", "an alias", "anchors and aliases are not supported", "write the value out"),
        Rule("LS005", "error", "not UTF-8 text", "the file cannot be read", "save it as UTF-8"),
        Rule(
            "LS006",
            "error",
            "too large or too deep",
            "the file is not read",
            "at most 200 kB, 200 blocks, 20 variants and 40 levels",
        ),
        Rule(
            "LS007",
            "error",
            "not a lesson",
            "a lesson begins with front matter: `---`, YAML, `---`",
            "`hatlab new lesson NAME` prints a start",
        ),
        Rule(
            "LS008",
            "error",
            "a block that is not closed",
            "all that follows would be part of it",
            "close it with as many ` or ~ as opened it",
        ),
        Rule(
            "LS009",
            "error",
            "an unknown block",
            "it would be shown as code and do nothing",
            "`yaml lab`, `yaml predict`, `yaml question` or `yaml task`, in the first column",
        ),
        Rule("LS010", "error", "an unknown key", "it would be ignored", "docs/writing-lessons.md lists all"),
        Rule("LS011", "error", "a key is missing", "there is no default", "add it"),
        Rule("LS012", "error", "a value of the wrong kind or range", "it cannot be used", "see the message"),
        Rule(
            "LS013",
            "error",
            "a name with characters that are not allowed",
            "prose and progress files name it",
            "ids: small letters, digits and -; captures: small letters, digits and _; a letter first",
        ),
        Rule(
            "LS014",
            "error",
            "a block in the wrong place",
            "nobody would come to it",
            "blocks stand below a `## ` heading; `yaml lab` once, before all others of its step",
        ),
        Rule("LS015", "error", "no steps", "there is nothing to do", "begin a step with a `## ` heading"),
        Rule("LS020", "error", "an id or name is used twice", "progress could mean both", "rename one"),
        Rule(
            "LS021",
            "error",
            "a condition or measure that says nothing",
            "it could never be tested",
            "docs/writing-lessons.md lists all; names are those of the topology",
        ),
        Rule(
            "LS022",
            "error",
            "an action that says nothing",
            "it could not be done",
            "as `hatlab do` takes it; names are those of the topology",
        ),
        Rule(
            "LS023",
            "error",
            "no such topology",
            "there is no lab to take it in",
            "a name from `hatlab topologies`, or a path relative to the lesson's file",
        ),
        Rule(
            "LS024",
            "error",
            "an unknown lesson in `needs`",
            "nobody could take it first",
            "the id of a lesson in the same folder",
        ),
        Rule(
            "LS025",
            "error",
            "a name that nothing before captures",
            "the learner would read the name in its braces",
            "capture it in a task before, or correct it",
        ),
        Rule(
            "LS026",
            "error",
            "a question without one right answer",
            "no answer could be told right or wrong",
            "`truth`: a measure or a capture; or `right`; or choices with `when`",
        ),
        Rule(
            "LS027",
            "error",
            "a variant's value that is not there",
            "the text would keep its braces",
            "give every variant the same names",
        ),
        Rule(
            "LS028",
            "error",
            "two lessons of one id",
            "progress could mean both",
            "give each its own id",
        ),
    ]
)
