"""Templates made by a seeded grammar: every construct of the language in every place, and words in an order of no sense."""

# ruff: noqa: E501 - words of the grammar, and the shapes it makes of them

from __future__ import annotations

import random
from collections.abc import Callable

_NAMES = ("a", "b", "c", "item", "x", "y")
_STRINGS = ("", "a", "b", "ab", "true", "12", "a,b,,c,", "Hello World", " pad ", "é", "it''s", "x.y", "42")
_NUMBERS = ("0", "1", "2", "3", "-1", "5", "10", "2147483647", "2147483648", "9223372036854775807", "-7")
_FLOATS = ("0.5", "1.0", "-2.25", "1e3", ".5", "3.14159", "1E-7", "100.0")
_PATHS = (
    "$.name",
    "$.age",
    "$.list",
    "$.map",
    "$.items",
    "$.nil",
    "$.missing",
    "$.map.n.m",
    "$.list[1]",
    "$.text",
    "$.huge",
    "$.long",
    "$.big",
    "$.pi",
    "$.exact",
    "$.yes",
    "$.empty",
    "$.none",
    "$",
    "$.items[0].name",
)
_BLANKS = ("", "", "", " ", "\n", "  \n", "\t", " \t\n", "\r\n")
_WORDS = (
    "$",
    "$a",
    "${a}",
    "$!a",
    "$!{a}",
    "\\$a",
    "\\\\$a",
    "$a.b",
    "#",
    "##c\n",
    "#*c*#",
    "#[[r $a]]#",
    "#if",
    "(",
    ")",
    "#end",
    "#else",
    "#set($a=1)",
    "#{end}",
    "\\#if",
    "\\\\#if",
    "\\#foo",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ".",
    "..",
    "1",
    "'",
    '"',
    " ",
    "\n",
    "text",
    "#foo",
    "#foo()",
    "#@foo()",
    "$a[0]",
    "$a.",
    "$.",
    "$[",
    "$!",
    "${",
    "$!{",
    "#foreach($i in [1..2])",
    "#stop",
    "#break",
    "true",
    "$true",
    "!",
    "=",
    "$1",
    "#1",
    "$\\!a",
    "#set ( $b = 2 )",
    "#{if}(true)",
    "#{else}",
    "-",
    "$a-b",
    "$a_b",
    "#elseif(true)",
    "#define($d)",
    "$d",
    "#literal()",
    "$$a",
    "##",
    "#$a",
    "$#end",
    "é",
    "$é",
)


class Grammar:
    """One template a call of :meth:`template`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same templates for a seed
        self._macros: list[str] = []
        self._loops = 0

    def template(self) -> str:
        self._macros = []
        if self._random.random() < 0.2:
            return "".join(self._pick(_WORDS) for _ in range(self._random.randint(1, 8)))
        head = "".join(self._set(2) for _ in range(self._random.randint(0, 3)))
        return head + self._block(3)

    def _pick(self, choices: tuple[str, ...] | list[str]) -> str:
        return self._random.choice(choices)

    def _one(self, *choices: Callable[[int], str], depth: int) -> str:
        return self._random.choice(choices)(depth)

    def _blank(self) -> str:
        return self._pick(_BLANKS)

    def _block(self, depth: int) -> str:
        return "".join(self._statement(depth) for _ in range(self._random.randint(1, 4)))

    def _statement(self, depth: int) -> str:
        simple = (self._text, self._reference_text, self._reference_text, self._set)
        nested = (self._if, self._foreach, self._define, self._macro, self._call, self._ended)
        choices = simple + nested if depth > 0 else simple
        return self._random.choice(choices)(depth - 1)

    def _text(self, _: int) -> str:
        return self._pick(
            (
                "x",
                " ",
                "\n",
                "a b ",
                '{"k": ',
                "}",
                ", ",
                "##c\n",
                "#*c*#",
                "$ ",
                "# ",
                "\\",
                "5$ ",
                "#[[$a#if]]#",
                "\\#if",
                "\\#zz",
            )
        )

    def _reference_text(self, depth: int) -> str:
        escape = self._pick(("", "", "", "", "", "\\", "\\\\", "\\\\\\"))
        return escape + self._reference(max(depth, 0)) + self._pick(("", " ", ".", "\n", "-", ",", "}"))

    def _reference(self, depth: int) -> str:
        inner = self._path(depth)
        return self._pick(("$%s", "$%s", "$!%s", "${%s}", "$!{%s}")) % inner

    def _path(self, depth: int) -> str:
        roll = self._random.random()
        if roll < 0.25:
            return self._input(depth)
        name = self._pick(_NAMES)
        if roll < 0.32:
            name = self._pick(
                (
                    "context.requestId",
                    "context.identity.sourceIp",
                    "context",
                    "context.stage",
                    "stageVariables.host",
                    "stageVariables['n']",
                    "stageVariables.nope",
                    "context.nope.x",
                )
            )
        if self._loops and roll < 0.45:
            return self._pick(
                (
                    "foreach.index",
                    "foreach.count",
                    "foreach.hasNext",
                    "foreach.first",
                    "foreach.last",
                    "velocityCount",
                    "foreach.parent.index",
                    "foreach.hasNext()",
                    "foreach.getCount()",
                    "velocityHasNext",
                    "foreach.parent.count",
                    "foreach.topmost.index",
                    "foreach.parent.parent.hasNext",
                )
            )
        return name + "".join(self._step(depth) for _ in range(self._pick(("", "", "1", "2", "3")).__len__()))

    def _input(self, depth: int) -> str:
        path = self._pick(_PATHS)
        return self._pick(
            (
                f"input.path('{path}')",
                f"input.json('{path}')",
                f'input.path("{path}")',
                "input.body",
                "input.params('id')",
                "input.params().header.get('my-header')",
                "input.params('nope')",
                "input.params().path",
                f"util.escapeJavaScript({self._argument(depth)})",
                f"util.urlEncode({self._string()})",
                f"util.base64Encode({self._string()})",
                "util.parseJson('{\"a\":[1,2.50,{}]}')",
                "util.urlDecode('a+b%20c')",
                "util.base64Decode('YWI=')",
            )
        )

    def _step(self, depth: int) -> str:
        argument = self._argument
        return self._random.choice(
            (
                lambda: ".size()",
                lambda: ".length()",
                lambda: ".name",
                lambda: ".isEmpty()",
                lambda: ".empty",
                lambda: ".toString()",
                lambda: f"[{self._index(depth)}]",
                lambda: f".get({argument(depth)})",
                lambda: ".keySet()",
                lambda: ".values()",
                lambda: ".entrySet()",
                lambda: f".contains({argument(depth)})",
                lambda: f".containsKey({argument(depth)})",
                lambda: ".toUpperCase()",
                lambda: ".toLowerCase()",
                lambda: ".trim()",
                lambda: f".equals({argument(depth)})",
                lambda: f".substring({self._pick(('0', '1', '2'))})",
                lambda: f".indexOf({argument(depth)})",
                lambda: (
                    f".split({self._pick((chr(39) + ',' + chr(39), chr(39) + '' + chr(39), chr(39) + 'l+' + chr(39)))})"
                ),
                lambda: f".replace({self._string()}, {self._string()})",
                lambda: f".replaceAll('[a-l]', {self._string()})",
                lambda: ".intValue()",
                lambda: ".charAt(0)",
                lambda: f".add({argument(depth)})",
                lambda: f".put({argument(depth)}, {argument(depth)})",
                lambda: ".remove(0)",
                lambda: f".remove({self._string()})",
                lambda: ".key",
                lambda: ".value",
                lambda: ".nope",
                lambda: ".nope(1)",
                lambda: ".items",
                lambda: f".concat({self._string()})",
                lambda: f".startsWith({self._string()})",
                lambda: ".doubleValue()",
                lambda: ".map",
                lambda: f".compareTo({argument(depth)})",
                lambda: f".indexOf({argument(depth)}, 1)",
                lambda: ".subList(0, 1)",
                lambda: f".lastIndexOf({argument(depth)})",
                lambda: f".equalsIgnoreCase({self._string()})",
                lambda: ".parseInt('12')",
                lambda: f".matches({self._string()})",
                lambda: ".longValue()",
                lambda: f".addAll({argument(depth)})",
                lambda: f".set(0, {argument(depth)})",
                lambda: f".getOrDefault({argument(depth)}, 'd')",
                lambda: ".isBlank()",
                lambda: f".replaceFirst('[a-l]', {self._string()})",
                lambda: f".compareToIgnoreCase({self._string()})",
                lambda: f".{self._pick(('strip', 'stripLeading', 'stripIndent', 'translateEscapes', 'hashCode'))}()",
                lambda: f".indent({self._pick(_NUMBERS[:4])})",
                lambda: f".repeat({self._pick(_NUMBERS[:3])})",
                lambda: f".codePointCount(0, {self._pick(_NUMBERS[:3])})",
                lambda: f".join('-', {argument(depth)})",
                lambda: f".replace({self._string()}, {argument(depth)}, {argument(depth)})",
                lambda: f".putIfAbsent({argument(depth)}, {argument(depth)})",
                lambda: f".containsValue({argument(depth)})",
                lambda: f".containsAll({argument(depth)})",
                lambda: f".removeAll({argument(depth)})",
                lambda: f".retainAll({argument(depth)})",
                lambda: f".putAll({argument(depth)})",
                lambda: ".entrySet().iterator().next()",
                lambda: f".decode({self._string()})",
                lambda: f".parseInt('12', {self._pick(_NUMBERS)})",
                lambda: f".toString({self._pick(_NUMBERS)}, 16)",
                lambda: f".{self._pick(('max', 'min', 'sum', 'compare', 'rotateLeft'))}({argument(0)}, {argument(0)})",
                lambda: f".{self._pick(('bitCount', 'reverse', 'highestOneBit', 'toHexString'))}({argument(0)})",
                lambda: f".valueOf({argument(depth)})",
                lambda: ".clone()",
            )
        )()

    def _index(self, depth: int) -> str:
        return self._pick(("0", "1", "-1", "'a'", '"name"', "$a", " 0 ", "'list'", "true"))

    def _string(self) -> str:
        text = self._pick(_STRINGS)
        if self._random.random() < 0.25:
            return (
                '"'
                + self._pick(
                    (
                        "$a",
                        "${b}x",
                        "$!c-",
                        "a $item b",
                        "#if($a)y#end",
                        "$x.size()",
                        "##c",
                        "100$",
                        "#set($a=3)$a",
                        "$",
                        "#",
                    )
                )
                + '"'
            )
        return f"'{text}'" if self._random.random() < 0.6 else '"' + text.replace("''", "'") + '"'

    def _argument(self, depth: int) -> str:
        roll = self._random.random()
        if depth <= 0 or roll < 0.5:
            return self._pick(
                (self._string(), self._pick(_NUMBERS), "$" + self._pick(_NAMES), "true", self._pick(_FLOATS))
            )
        if roll < 0.7:
            return self._reference(depth - 1)
        return self._literal(depth - 1)

    def _literal(self, depth: int) -> str:
        item = self._argument
        return self._random.choice(
            (
                lambda: "[" + ", ".join(item(depth) for _ in range(self._random.randint(0, 3))) + "]",
                lambda: (
                    "{" + ",".join(f"{item(depth)} : {item(depth)}" for _ in range(self._random.randint(0, 3))) + "}"
                ),
                lambda: f"[{self._pick(('0', '1', '3', '-2'))}..{self._pick(('0', '2', '5'))}]",
                lambda: "$input.path('" + self._pick(_PATHS) + "')",
                self._string,
            )
        )()

    def _expression(self, depth: int) -> str:
        roll = self._random.random()
        if depth <= 0 or roll < 0.4:
            value = self._random.choice(
                (lambda: self._argument(1), lambda: self._literal(1), lambda: self._reference(1))
            )()
            return self._pick(("", " ")) + value + self._pick(("", " "))
        if roll < 0.75:
            operator = self._pick(
                ("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "eq", "ne", "lt", "gt", "le", "ge")
            )
            return f"{self._expression(depth - 1)} {operator} {self._expression(depth - 1)}"
        if roll < 0.85:
            return (
                f"{self._expression(depth - 1)} {self._pick(('&&', '||', 'and', 'or'))} {self._expression(depth - 1)}"
            )
        if roll < 0.93:
            return f"{self._pick(('!', ' not ', '! '))}{self._expression(depth - 1).strip()}"
        return f"({self._expression(depth - 1)})"

    def _set(self, depth: int) -> str:
        name = self._pick(_NAMES)
        target = self._pick(
            (
                "$%s",
                "$%s",
                "$%s",
                "$%s",
                "$%s",
                "$%s.k",
                "$%s['k']",
                "$%s[0]",
                "$context.requestOverride.header.%s",
                "${%s}",
                "$!%s",
            )
        )
        start = self._pick(("#set(", "#set( ", "#set (", "  #set(", "#{set}("))
        return f"{start}{target % name}{self._pick((' = ', '='))}{self._expression(max(depth, 1))}){self._blank()}"

    def _if(self, depth: int) -> str:
        parts = [f"#if({self._expression(2)}){self._blank()}{self._block(depth)}"]
        if self._random.random() < 0.3:
            parts.append(f"#elseif ({self._expression(1)}){self._blank()}{self._block(depth)}")
        if self._random.random() < 0.4:
            parts.append(self._pick(("#else", "#{else}")) + self._pick(("", " ", "\n", " \n")) + self._block(depth))
        return "".join(parts) + self._pick(("#end", "#{end}")) + self._blank()

    def _foreach(self, depth: int) -> str:
        over = self._random.choice((lambda: self._literal(1), lambda: self._literal(1), lambda: self._reference(1)))()
        if over[0] in "'\"":
            over = "[1..3]"
        self._loops += 1
        body = self._block(depth)
        if self._random.random() < 0.1:
            body += "#break"
        self._loops -= 1
        return f"#foreach($item in {over}){self._blank()}{body}#end{self._blank()}"

    def _define(self, depth: int) -> str:
        name = self._pick(_NAMES)
        return f"#define(${name}){self._blank()}{self._block(depth)}#end${name}"

    def _ended(self, depth: int) -> str:
        """What ends a loop, a macro, a block or all of it, within something else."""
        end = self._pick(("#break", "#{break}", "#stop", "#break($foreach.parent)", "#break($foreach)"))
        inner = f"#if({self._expression(1)}){self._blank()}{end}#end"
        return self._pick(("#m1()%s", "#@m2()%s#end", "#foreach($item in [1..3])%s$item#end", "%s")) % inner

    def _macro(self, depth: int) -> str:
        name = self._pick(("m1", "m2"))
        self._macros.append(name)
        parameters = self._pick(("", " $a", " $x $y", " $b $item"))
        body = self._block(depth) + self._pick(("", "", "$!bodyContent", "$a$x"))
        return f"#macro({name}{parameters}){self._blank()}{body}#end{self._blank()}"

    def _call(self, depth: int) -> str:
        name = self._pick([*self._macros, "m1"])
        arguments = " ".join(self._argument(1) for _ in range(self._random.randint(0, 2)))
        if self._random.random() < 0.25:
            return f"#@{name}({arguments}){self._block(depth)}#end"
        return f"#{name}({arguments}){self._blank()}"
