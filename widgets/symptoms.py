"""Which known mistake an error is: a table of what Python says, and the few that need a look.

Rule: the first row that fits wins, and every row has its texts in the catalogues as
`doctor.<id>.what`, `.why`, `.next`; the named groups of its pattern are the fields of those texts.
Khmer keyboard characters are looked for before anything else.
"""

from __future__ import annotations

import builtins
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
KHMER_DIGITS = "០១២៣៤៥៦៧៨៩"
QUOTES = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'"}
LOOK_ALIKES = {
    "\u00a0": " ", "\u3000": " ", "–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "…": "...",
    "（": "(", "）": ")", "：": ":", "，": ",", "；": ";", "＝": "=", "＋": "+", "！": "!",
}  # fmt: skip
KHMER_STOPS = {"។": "", "៕": "", "៖": ":", "៛": ""}
_LOOK_ALIKE_VOWELS = (
    ("\u17c1\u17b6", "\u17c4"),
    ("\u17c1\u17b8", "\u17be"),
    ("\u17d2\u178a", "\u17d2\u178f"),
)


@dataclass(frozen=True)
class Finding:
    """A known mistake: its id in the catalogues, the fields of its texts, the line repaired."""

    id: str
    fields: Mapping[str, str] = field(default_factory=dict)
    repaired: str | None = None


@dataclass(frozen=True)
class Row:
    """One known mistake: Python's exception and words."""

    id: str
    error: type[BaseException]
    pattern: str = ""


TABLE = (
    Row(
        "indent.expected", IndentationError, r"expected an indented block(?: after (?P<after>.+))?"
    ),
    Row("indent.mixed", TabError),
    Row("indent.unexpected", IndentationError, r"unexpected indent"),
    Row("indent.unmatched", IndentationError, r"unindent does not match"),
    Row("quote.open", SyntaxError, r"unterminated string literal|EOL while scanning"),
    Row("quote.triple", SyntaxError, r"unterminated triple-quoted"),
    Row(
        "fstring.brace",
        SyntaxError,
        r"f-string: (?:expecting '}'|single '}'|empty|valid expression)",
    ),
    Row("fstring.other", SyntaxError, r"f-string"),
    Row("paren.open", SyntaxError, r"'(?P<mark>[(\[{])' was never closed"),
    Row("paren.extra", SyntaxError, r"unmatched '(?P<mark>[)\]}])'"),
    Row("paren.pair", SyntaxError, r"parenthesis '(?P<mark>.)' does not match .* '(?P<other>.)'"),
    Row("colon.missing", SyntaxError, r"expected ':'"),
    Row("print.parens", SyntaxError, r"Missing parentheses in call to '(?P<name>\w+)'"),
    Row("equals.single", SyntaxError, r"Maybe you meant '==' or"),
    Row("comma.missing", SyntaxError, r"Perhaps you forgot a comma"),
    Row("assign.left", SyntaxError, r"cannot assign to (?P<left>.+?)(?: here)?[.]?(?: Maybe.*)?$"),
    Row("number.zeros", SyntaxError, r"leading zeros"),
    Row("number.name", SyntaxError, r"invalid decimal literal"),
    Row("return.outside", SyntaxError, r"'(?P<word>return|yield|await)' outside"),
    Row("break.outside", SyntaxError, r"'(?P<word>break|continue)' (?:outside|not properly)"),
    Row("backslash", SyntaxError, r"after line continuation"),
    Row("argument.order", SyntaxError, r"positional argument follows keyword"),
    Row("name.local", UnboundLocalError, r"variable '(?P<name>\w+)'"),
    Row("text.plus.number", TypeError, r'can only concatenate str \(not "(?P<kind>\w+)"\)'),
    Row("list.plus", TypeError, r'can only concatenate list \(not "(?P<kind>\w+)"\)'),
    Row(
        "none.operand", TypeError, r"unsupported operand type\(s\) for (?P<sign>\S+): .*'NoneType'"
    ),
    Row(
        "number.plus.text",
        TypeError,
        r"for (?P<sign>\S+): (?:'(?:int|float)' and 'str'|'str' and '(?:int|float)')",
    ),
    Row("operand", TypeError, r"for (?P<sign>\S+): '(?P<left>\w+)' and '(?P<right>\w+)'"),
    Row(
        "compare",
        TypeError,
        r"'(?P<sign>\S+)' not supported between .*'(?P<left>\w+)' and '(?P<right>\w+)'",
    ),
    Row("call.none", TypeError, r"'NoneType' object is not callable"),
    Row("call.value", TypeError, r"'(?P<kind>\w+)' object is not callable"),
    Row(
        "call.missing",
        TypeError,
        r"(?P<name>\w+)\(\) missing \d+ required .*argument[s]?: (?P<missing>.+)",
    ),
    Row(
        "call.extra",
        TypeError,
        r"(?P<name>\w+)\(\) takes (?P<takes>.+?) positional arguments? but (?P<given>\d+)",
    ),
    Row(
        "call.extra",
        TypeError,
        r"(?P<name>\w+)(?:\(\))? expected (?:at most )?(?P<takes>\d+) .*, got (?P<given>\d+)",
    ),
    Row(
        "call.extra",
        TypeError,
        r"(?P<name>\w+)\(\) takes (?P<takes>.+?) arguments? \((?P<given>\d+) given\)",
    ),
    Row("call.keyword", TypeError, r"'(?P<word>\w+)' is an invalid keyword argument"),
    Row("call.keyword", TypeError, r"unexpected keyword argument '(?P<word>\w+)'"),
    Row("none.index", TypeError, r"'NoneType' object is not subscriptable"),
    Row("index.kind", TypeError, r"'(?P<kind>\w+)' object is not subscriptable"),
    Row(
        "index.text",
        TypeError,
        r"(?P<kind>list|tuple|string) ind(?:ices|ex) must be integers.*not '?(?P<given>\w+)",
    ),
    Row("loop.kind", TypeError, r"'(?P<kind>\w+)' object is not iterable"),
    Row("text.fixed", TypeError, r"'(?P<kind>str|tuple)' object does not support item assignment"),
    Row("whole.number", TypeError, r"'(?P<kind>\w+)' object cannot be interpreted as an integer"),
    Row("len.kind", TypeError, r"object of type '(?P<kind>\w+)' has no len"),
    Row("key.list", TypeError, r"unhashable type: '(?P<kind>\w+)'"),
    Row("int.kind", TypeError, r"(?P<name>int|float)\(\) argument must be .*not '(?P<kind>\w+)'"),
    Row("int.empty", ValueError, r"invalid literal for int\(\) with base 10: '\s*'"),
    Row(
        "int.point",
        ValueError,
        r"invalid literal for int\(\) with base 10: '(?P<given>[\d០-៩]*[.,][\d០-៩]+)'",
    ),
    Row("int.text", ValueError, r"invalid literal for int\(\) with base 10: (?P<given>'.*')"),
    Row("float.text", ValueError, r"could not convert string to float: (?P<given>'.*')"),
    Row(
        "unpack.few",
        ValueError,
        r"not enough values to unpack \(expected (?:at least )?(?P<takes>\d+), got (?P<given>\d+)",
    ),
    Row("unpack.many", ValueError, r"too many values to unpack \(expected (?P<takes>\d+)"),
    Row(
        "not.in.list",
        ValueError,
        r"(?:is not in list|x not in list|not in (?:list|tuple|deque))|substring not found",
    ),
    Row("range.step", ValueError, r"range\(\) arg 3 must not be zero"),
    Row(
        "index.range", IndexError, r"(?P<kind>list|string|tuple) (?:assignment )?index out of range"
    ),
    Row("empty.pop", IndexError, r"pop from empty"),
    Row("key.missing", KeyError, r"(?P<key>.+)"),
    Row("none.attribute", AttributeError, r"'NoneType' object has no attribute '(?P<name>\w+)'"),
    Row("divide.zero", ZeroDivisionError),
    Row("module.missing", ModuleNotFoundError, r"No module named '(?P<name>[^']+)'"),
    Row("import.name", ImportError, r"cannot import name '(?P<name>\w+)' from '(?P<module>[^']+)'"),
    Row("file.missing", FileNotFoundError, r"No such file or directory: (?P<name>'.*')"),
    Row("recursion", RecursionError),
    Row("stopped", KeyboardInterrupt),
)


def examine(error: BaseException, names: Mapping[str, Any], line: str = "") -> Finding:
    """The known mistake that `error` is; `other` when it is none.

    `names` are the notebook's names (for spelling), `line` is the source line where it stopped.
    """
    if isinstance(error, SyntaxError):
        found = _keyboard(error, line) or _by_table(error) or _look_at_syntax(line)
        return found or Finding("syntax.other")
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return _unknown_name(error, names)
    if isinstance(error, AttributeError) and "NoneType" not in str(error):
        return _unknown_attribute(error) or Finding("other", {"error": _said(error)})
    return _by_table(error) or Finding("other", {"error": _said(error)})


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _by_table(error: BaseException) -> Finding | None:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    for row in TABLE:
        if isinstance(error, row.error) and (found := re.search(row.pattern, message or "")):
            fields = {name: text or "" for name, text in found.groupdict().items()}
            return Finding(row.id, fields)
    return None


def _keyboard(error: SyntaxError, line: str) -> Finding | None:
    """A character that a Khmer keyboard or a copied text brought in."""
    said = re.search(r"U\+([0-9A-F]{4,6})", error.msg or "")
    character = chr(int(said[1], 16)) if said else ""
    if not character and "decimal literal" in (error.msg or ""):
        character = next((c for c in line if c in KHMER_DIGITS), "")
    if not character:
        return None
    fields = {"char": character, "code": f"U+{ord(character):04X}"}
    if character in INVISIBLE:
        return Finding("keyboard.space", fields, clean(line))
    if character in KHMER_DIGITS:
        return Finding("keyboard.digit", fields, clean(line))
    if character in KHMER_STOPS:
        return Finding("keyboard.stop", fields, clean(line))
    if character in QUOTES:
        return Finding("keyboard.quotes", fields, clean(line))
    repaired = clean(line)
    return Finding("keyboard.other", fields, repaired if repaired != line else None)


def clean(line: str) -> str:
    """The line as an English keyboard would have typed it; what stands in quotes is left alone."""
    fixed: list[str] = []
    closing = ""
    for place, character in enumerate(line):
        plain = QUOTES.get(character, character)
        if closing:
            if character == closing or (plain == QUOTES.get(closing, closing) and plain in "\"'"):
                closing = ""
                fixed.append(plain)
            else:
                fixed.append(character)
        elif plain in "\"'":
            closing = character
            fixed.append(plain)
        elif character in INVISIBLE:
            if fixed and fixed[-1].isalnum() and line[place + 1 : place + 2].isalnum():
                fixed.append(" ")  # it was meant as the space between two words
        elif character in KHMER_DIGITS:
            fixed.append(str(unicodedata.digit(character)))
        else:
            fixed.append(KHMER_STOPS.get(character, LOOK_ALIKES.get(character, character)))
    return "".join(fixed)


def _look_at_syntax(line: str) -> Finding | None:  # noqa: PLR0911  (one return a mistake)
    """Mistakes for which Python only says "invalid syntax"."""
    text = line.strip()
    if text.startswith((">>>", "In [")):
        return Finding("prompt.copied")
    first = re.match(r"\w+", text)
    if first and first[0] in ("else", "elif", "except", "finally"):
        return Finding("else.alone", {"word": first[0]})
    if re.match(r"(If|For|While|Def|Elif|Else|Import|From|Return)\b", text) and first:
        return Finding("keyword.case", {"word": first[0], "right": first[0].lower()})
    if re.search(r"\b(elseif|else if)\b", text):
        return Finding("elif.word")
    assigned = re.match(
        r"(and|as|class|def|del|for|from|global|if|import|in|is|not|or|pass|return|try|while|with)\s*=",
        text,
    )
    if assigned:
        return Finding("keyword.name", {"word": assigned[1]})
    if re.search(r"\+\+|--", text):
        return Finding("plus.plus")
    if re.search(r"[=!<>]\s+=|=[<>]|=!", text):
        return Finding("compare.sign")
    return None


def _unknown_name(error: NameError, names: Mapping[str, Any]) -> Finding:
    found = re.search(r"name '([^']+)' is not defined", str(error))
    name = getattr(error, "name", None) or (found[1] if found else "")
    known = [*(n for n in names if not n.startswith("_")), *dir(builtins)]
    same_look = [other for other in known if other != name and _look(other) == _look(name)]
    if same_look:
        return Finding("name.look", {"name": name, "other": same_look[0]})
    by_case = [other for other in known if other.casefold() == name.casefold()]
    if by_case:
        return Finding("name.case", {"name": name, "other": by_case[0]})
    close = difflib.get_close_matches(name, known, 1, 0.75)
    if close:
        return Finding("name.spelling", {"name": name, "other": close[0]})
    return Finding("name.unknown", {"name": name})


def _look(name: str) -> str:
    for typed, meant in _LOOK_ALIKE_VOWELS:
        name = name.replace(typed, meant)
    return name


def _unknown_attribute(error: AttributeError) -> Finding | None:
    found = re.search(r"'?(\w+)'? (?:object )?has no attribute '(\w+)'", str(error))
    if found is None:
        return None
    owner = getattr(error, "obj", None)
    close = difflib.get_close_matches(found[2], _public(owner), 1, 0.6)
    fields = {"kind": found[1], "name": found[2]}
    if close:
        return Finding("attribute.spelling", {**fields, "other": close[0]})
    return Finding("attribute.unknown", fields)


def _public(owner: object) -> Iterable[str]:
    return [name for name in dir(type(owner)) if not name.startswith("_")]
