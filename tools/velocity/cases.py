"""Templates written by hand for the comparison with Velocity (``cases.txt``), and the differences that are meant."""

from __future__ import annotations

import json
from pathlib import Path

_NUMBER_VALUES = (
    "5",
    "5.0",
    "9223372036854775807",
    "9223372036854775808",
    "$input.path('$.long')",
    "$input.path('$.exact')",
    "1.5",
)
_BOOLEANS = (
    *("toString()", "equals(true)", "booleanValue()", "compareTo(false)", "hashCode()", "x", "equals('true')"),
    *("compareTo($none)", "compareTo(1)", "compare(true,false)", "hashCode(true)", "parseBoolean('TRUE')"),
    *(
        "parseBoolean($none)",
        "valueOf('true')",
        "valueOf(false)",
        "valueOf($none)",
        "getBoolean('x')",
        "toString(false)",
    ),
    *("logicalAnd(true,false)", "logicalOr(true,false)", "logicalXor(true,true)"),
)


def _sections() -> dict[str, list[str]]:
    """The lines of ``cases.txt``, each a JSON string, by their heading: whole templates, expressions, or methods."""
    sections: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "cases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        else:
            current.append(json.loads(line))
    return sections


def _cases() -> list[tuple[str, int]]:
    of = _sections()
    templates = [*of["references"], *of["sets"], *of["directives"]]
    templates += [f"#set($x=5)#set($r={expression})[$r]" for expression in of["arithmetic"]]
    templates += [f"#set($x=5)#if({condition})y#{{else}}n#end" for condition in of["conditions"]]
    templates += [f"#set($v={condition})$v" for condition in of["conditions"]]
    templates += [f"#set($s='Hello World')$s.{method}|$s" for method in of["strings"]]
    templates += [f"#set($s='')$s.{method}" for method in of["strings"]]
    templates += [f"#set($s='é😀ß')$s.{method}" for method in of["strings"][:30]]
    templates += [f"#set($l=[1,'two',3.0,$none])$l.{method}|$l" for method in of["lists"]]
    templates += [f"#set($l=$input.path('$.list'))$l.{method}|$l" for method in of["lists"]]
    templates += [f"#set($m={{'a':1,'b':{{'c':2}},'n':$none}})$m.{method}|$m" for method in of["maps"]]
    templates += [f"#set($n={value})$n.{method}" for value in _NUMBER_VALUES for method in of["numbers"]]
    templates += [f"#set($b=true)$b.{method}" for method in _BOOLEANS]
    cases = [(template, 0) for template in templates]
    cases += [(template, body) for template in of["references"] if "input" in template for body in (1, 2, 3)]
    return list(dict.fromkeys(cases))


CASES = _cases()

_HEXADECIMAL = "toHexString of a fraction is not among the methods"
_LITERAL = (
    "the list of a template is an ArrayList, which the comparison replaces by json-smart's to have AWS's text of it"
)

#: The differences that are meant: the reason, and what we give.
EXPLAINED: dict[tuple[str, int], tuple[str, str]] = {
    ("# set($a=1)", 0): ("AWS lets blanks after the # of #set pass", ""),
    ("#set($l=[1,'two',3.0,$none])$l.toJSONString()|$l", 0): (_LITERAL, '|[1,"two",3.0,null]'),
    ("#set($l=[1,'two',3.0,$none])$l.appendElement(4)|$l", 0): (_LITERAL, '|[1,"two",3.0,null]'),
    ("#set($n=5.0)$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
    ("#set($n=$input.path('$.exact'))$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
    ("#set($n=1.5)$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
}
