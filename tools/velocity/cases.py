"""Templates written by hand for the comparison with Velocity, and the differences that are meant."""

from __future__ import annotations

_REFERENCES = (
    "$a ${a} $!a $!{a}", "#set($a='x')$a ${a} $!a $!{a}y ${a}y", "#set($a='x')\\$a \\\\$a \\\\\\$a \\$!a \\${a}", "\\$a \\\\$a \\\\\\$a \\$!a",
    "$\\!a", "$\\\\!a", "$\\!{a}", "#set($a='x')$\\!a", "$$a $$", "$ a", "a$", "$", "$1", "$1.5", "$-", "$_a", "#set($_a=1)$_a",
    "#set($a-b=1)$a-b", "#set($a_b=1)$a_b", "$a.", "$a. b", "$a.b.", "$a..b", "$a.1", "$a.b()x", "$a.b(){x}", "${a.b}", "${a.b()}",
    "${a", "${a.b", "$!{a", "${}", "${ a}", "${a }", "$a[0]", "$a[", "$a[]", "$[0]", "$![0]", "$.", "$a.b(", "$a.b()", "$a.b( )",
    "$a.b(1,2)", "$a.b(1 ,2 )", "$a.b(1+2)", "$a.b(true,false)", "$a.true", "$true", "#set($true=1)", "é$a", "$é", "$aé", "#$a", "$#a",
    "#set($m={'k':{'l':[1,2,{'z':9}]}})$m.k.l[2].z ${m.k.l[0]} $m['k']['l'][1] $m.k.l.get(0) $m.k.get('l').size()",
    "#set($l=[1,2,3])$l[0] $l[-1] $l[2] ${l[1]} $l.get(1)", "#set($l=[1])$l[5]", "#set($l=[1])$l.get(5)", "#set($l=[1])$l['x']",
    "#set($s='abc')$s[0] $s[-1]", "#set($n=5)$n[-1]", "#set($m={'a':1})$m[-1]", "#set($i=1)#set($l=[5,6])$l[$i] $l[ $i ]",
    "#set($m={1:'one','1':'text',true:'t'})$m[1] $m['1'] $m[true] $m.get(1) $m.get(true)", "$input.body", "$!input.body", "$input.body.x",
    "$input.json('$')", "$input.json('$.map')", "$input.json('$.text')", "$input.json('$.nil')", "$input.json('$.missing')",
    "$input.path('$.list')", "$input.path('$.map')", "$input.path('$')", "$input.path('$.missing')", "$input.path('$.date').length()",
    "$input.path('$.huge') $input.path('$.long') $input.path('$.exact') $input.path('$.big') $input.path('$.pi')",
    "$input.params('id') $input.params('q') $input.params('my-header') $input.params('none')|", "$input.params()",
    "$input.params().path.id $input.params().header.Accept", "$util.escapeJavaScript($input.body)", "$util.escapeJavaScript($none)|",
    "$util.urlEncode('a b&c=d/é~*')", "$util.urlDecode('a%20b+c%C3%A9')", "$util.base64Encode('é')", "$util.base64Decode('w6k=')",
    "$util.parseJson('{\"a\":[1,2.50,{\"b\":null}]}')", "$util.parseJson('[1,2]').size()", "$util.parseJson('5') $util.parseJson('\"x\"')",
    "$util.parseJson('{a:1,}')", "$util.parseJson('[1')", "$context.requestId $context.nope $context.identity $context",
    "$context.get('stage') $context['stage'] $context.identity['sourceIp'] $context.keySet()", "$stageVariables $stageVariables.keySet()",
    "$stageVariables.host ${stageVariables.host} $stageVariables['n'] ${stageVariables['n']} $stageVariables.get('n') $stageVariables.no",
)  # fmt: skip

_SETS = (
    "#set($a=1)$a", "#set( $a = 1 )$a", "#set ($a=1)$a", "#set  ($a=1)$a", "#set\t($a=1)$a", "#set\n($a=1)", "#{set}($a=1)$a", "#set $a=1",
    "#set($a 1)", "#set($a=)", "#set(a=1)", "#set($a==1)", "#set($a=1", "#set($a=1))", "#set($a.b=1)$a", "#set(${a}=1)$a|${a}",
    "#set($!a=1)$a", "#set($!{a}=1)$a", "#set($a=$b)$a|", "#set($a=1)#set($a=$b)$a|", "#set($m={})#set($m.x=1)#set($m['y']=2)$m",
    "#set($m={})#set($m.x=$none)$m", "#set($l=[1,2])#set($l[0]=9)#set($l[-1]=8)$l", "#set($l=[1])#set($l[3]=9)$l", "#set($s='x')#set($s.y=1)$s",
    "#set($m={'a':{}})#set($m.a.b=1)#set($m.a.c.d=1)$m", "  #set($a=1)  \n  x", "a #set($a=1)\nb", "\n  #set($a=1)\n  x", "#set($a=1) x",
    "#set($a=1)\r\nx", "#set($a=1)\rx", "#set($a=1)\n\nx", "#set($a=1)#set($b=2)\n#set($c=3)\n$a$b$c", "$a #set($a=1) $a", "$a#set($a=1)$a",
    "#set($a=[])$a", "#set($a=[1,'two',3.5,true,$none,[1],{'k':'v'}])$a", "#set($a={})$a", "#set($a={ })$a", "#set($a={'k':1,'l':'x'})$a",
    "#set($a={'k' : 1 , 'l' : [1 , 2 ]})$a", "#set($a={'k'})", "#set($a={'k':})", "#set($a=[1,])", "#set($a=[,])", "#set($a=[1 2])",
    "#set($a=[1..5])$a", "#set($a=[5..1])$a", "#set($a=[-1..1])$a", "#set($a=[ 1 .. 3 ])$a", "#set($x=3)#set($a=[1..$x])$a", "#set($a=[$n..2])$a|",
    "#set($a=['a'..'c'])", "#set($a=[1...3])", "#set($a=[1.5..3])", "#set($a=[1..3.5])", "#set($a=[[1..2],[3..4]])$a", "#set($a=1..3)",
    "# set($a=1)", "#set($a='it''s')$a", "#set($a=\"say \"\"hi\"\"\")$a", "#set($a='\\'')", "#set($a=\"a\\\"b\")", "#set($a=\"\\u0041\\u00e9\")$a",
    "#set($a='\\u0041')$a", "#set($a=\"\\u00\")", "#set($a=\"x\ny\")$a", "#set($a='x\ny')$a", "#set($a=\"\\n\")$a", "#set($a='')|$a|",
    "#set($b='B')#set($a=\"x$b\")$a", "#set($b='B')#set($a=\"x${b}y\")$a", "#set($b='B')#set($a='x$b')$a", "#set($a=\"$none\")[$a]",
    "#set($a=\"#if(true)t#end\")$a", "#set($a=\"#foreach($i in [1..3])$i,#end\")$a", "#set($a=\"#set($b=5)\")$a$b", "#set($a=\"$\")$a",
    "#set($a=\"#\")$a", "#set($a=\"x #\")$a", "#set($a=\"##x\")[$a]", "#set($a=\"a ## b\")[$a]", "#set($a=\"$b \")[$a]", "#set($a=\"#if(\")",
    "#set($a=\"#end\")", "#set($a=\"${\")", "#set($a=\"\\$b\")$a", "#set($b=1)#set($a=\"\\$b\")$a", "#set($a=\"$b.c()\")$a", "#set($a=\" $b\")[$a]",
    "#set($a=\"#stop\")x$a", "#foreach($i in [1..3])#set($a=\"#break\")x#end", "#set($a=\"#macro(m)y#end\")#m()", "#set($a=\"#m()\")#macro(m)y#end$a",
)  # fmt: skip

_ARITHMETIC = (
    "1 + 2", "1 - 2", "2 * 3", "7 / 2", "-7 / 2", "7 % 3", "-7 % 3", "1 / 0", "1 % 0", "1.0 / 0", "1.5 + 1", "1 + 2 * 3", "(1 + 2) * 3",
    "2147483647 + 1", "-2147483648 - 1", "9223372036854775807 + 1", "-9223372036854775808 - 1", "9223372036854775807 * 2",
    "9223372036854775808", "9223372036854775808 - 1", "9223372036854775808 / 3", "9223372036854775808 % 7", "9223372036854775808 + 0.5",
    "9223372036854775808 * 0.1", "0.1 + 0.2", "1e3 + 1", "1e3", "1E-7", "100.0 * 100000.0", "1.0E10", ".5", "5.", "-.5", "1e400", "1-2", "1 -2",
    "1- 2", "$x-1", "$x - 1", "$x-$x", "$x + $x", "'a' + 'b'", "'a' + 1", "1 + 'a'", "1 + 1 + 'a'", "'a' + 1 + 1", "'a' + $none", "$none + 'a'",
    "'a' + $none.b('x')", "'a' + ( $none )", "($none - 1) + 'a'", "$none - 1 + 'a'", "$none + $none", "$none + 1", "'a' - 'b'", "'a' * 2", "true + 'a'",
    "true + 1", "[1] + 'a'", "{'k':1} + 'a'", "2147483647 * 2147483647", "2147483648 * 2147483648 * 2147483648", "1 / 3", "1.0 / 3", "10 / 4 * 2",
    "$input.path('$.long') + 1", "$input.path('$.long') * 2", "$input.path('$.long') / 3", "$input.path('$.long') % 3", "$input.path('$.huge') + 1",
    "$input.path('$.huge') * $input.path('$.huge')", "$input.path('$.huge') - 0.5", "$input.path('$.exact') + 1", "$input.path('$.big') * 10",
    "$input.path('$.huge') / -7", "$input.path('$.huge') % -7", "-$x", "+1", "1 +", "* 2", "1 2", "(1", "1)", "1 ++ 2", "!1", "1 = 2",
)  # fmt: skip

_CONDITIONS = (
    "true", "false", "$none", "!$none", "not $none", "! not true", "1", "'a'", "''", "[]", "[1]", "{}", "$x", "$input.path('$.yes')",
    "$input.path('$.no')", "$input.path('$.empty')", "1 == 1", "1 == 1.0", "1 == '1'", "'a' == 'a'", "'a' == \"a\"", "1 != 2", "1 eq 1",
    "1 ne 1", "1 < 2", "2 <= 2", "3 > 2", "3 >= 4", "1 lt 2", "1 le 1", "1 gt 1", "1 ge 1", "'a' < 'b'", "$none < 1", "1 < $none",
    "$none == $none", "$none == ''", "'' == $none", "$none != ''", "$none == 'a'", "$none != 'a'", "true == 'true'", "true == true",
    "[1] == [1]", "[1] == '[1]'", "{'a':1} == {'a':1}", "$x == 5", "$x == '5'", "true && false", "true || false", "true and false",
    "true or false", "!true && false", "!(true && false)", "true && 1", "$x && true", "1 == 1 && 2 == 2", "1 == 2 || 2 == 2", "1 + 1 == 2",
    "1 == 1 == true", "(1 == 1)", "9223372036854775808 > 1", "9223372036854775808 == 9223372036854775808.0", "1.5 > 1", "$input.path('$.nil')",
    "$input.path('$.age') == 42", "$input.path('$.age') == $input.path('$.age')", "$input.path('$.long') > 0.1", "true &&", "&& true", "true true",
)  # fmt: skip

_DIRECTIVES = (
    "#if(true)a#end", "#if(true) a #end b", "#if(true)\na\n#end\nb", "#if(true)  \na\n  #end  \nb", "#if(false)a#{else}b#end", "#if(false)a#else b#end",
    "#if(false)a#else\nb\n#end\nc", "#if(false)a#elseif(true)b#else c#end", "#if(false)a#elseif(false)b#elseif(true)c#end", "#if (true)a#end",
    "#{if}(true)a#{end}", "#if(true)a#{end}b", "#if(true)#if(false)x#else y#end#end", "#if true", "#if()", "#if(true)", "#end", "#else", "#elseif(true)",
    "#if(true)a#end#end", "#if(true)a#else b#else c#end", "#ifx(true)", "#endx", "#elsex", "#IF(true)", "#foreach($i in [1..3])$i#end",
    "#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end", "#foreach($i in [1..3])\n$i\n#end\nx", "#foreach( $i in [1..3] )$foreach.index $foreach.count $foreach.first $foreach.last;#end",
    "#foreach($i in [1..2])$velocityCount $velocityHasNext;#end$velocityCount", "#foreach($i in [])x#end|", "#foreach($i in $none)x#end|", "#foreach($i in 'abc')x#end|",
    "#foreach($i in 5)x#end|", "#foreach($i in {'a':1,'b':2})$i,#end", "#foreach($k in $input.path('$.map').keySet())$k,#end",
    "#foreach($e in $input.path('$').entrySet())$e.key=$e.value;#end", "#foreach($e in $input.path('$.map').entrySet())$e.getKey()=$e.getValue() $e;#end",
    "#foreach($i in $input.path('$.items'))$i.id:$i.name#if($foreach.hasNext),#end#end", "#foreach($i in $input.path('$.list'))[$i]#end",
    "#foreach($i in $input.path('$.list'))#if($i)$i#{else}none#end,#end", "#foreach($i in [$none,1])#set($i='x')$i#end", "#foreach($i in [$none])#set($i=$none)#set($i='x')$i#end",
    "#foreach($i in [1..2])#foreach($j in [1..2])$foreach.parent.count.$foreach.count $i$j,#end#end", "#foreach($i in [1..2])#foreach($j in [1..2])$foreach.topmost.count#end#end",
    "#set($i='o')#foreach($i in [1..2])$i#end$i", "#foreach($i in [1..5])#if($i==3)#break#end$i#end", "#foreach($i in [1..5])#if($i==3)#stop#end$i#end x",
    "#foreach($i in [1..3])#foreach($j in [1..3])#if($j==2)#break($foreach.parent)#end$i$j #end#end", "#foreach($i in [1..3])#foreach($j in [1..3])#if($j==2)#break#end$i$j #end#end",
    "#break x", "a#stop b", "#stop('x')", "#stop(1,2)", "#break('x')", "#break($none)", "#stop()", "x#break()y", "#foreach($i in [1..1001])#set($n=$i)#end$n",
    "#foreach($i)x#end", "#foreach()x#end", "#foreach($i of [1])$i#end", "#foreach($i, $x, [1])$i#end", "#foreach('i' in [1])$i#end", "#foreach($i in [1])", "#foreach $i in [1]",
    "#set($l=[1,2])#foreach($i in $l)$l.add(3)#end", "#set($l=[1,2])#foreach($i in $l)$l.remove(0)#end$l", "#set($m={'a':1})#foreach($i in $m)$m.put('b',2)#end",
    "#foreach($i in [1..2])#set($foreach.x=$i)$foreach.x#end$!foreach", "#foreach($i in [1..2])$foreach.hasNext() $foreach.isFirst() $foreach.getIndex();#end",
    "#define($d)x$a#end$d#set($a=1)$d", "#define($d)\nx\n#end\n$d", "#define($d)$d#end$d", "#define($a)$b#end#define($b)$a#end$a", "#define(d)x#end", "#define()x#end", "#define($a $b)x#end",
    "#define(${d})x#end$d", "#define($!d)x#end$d", "#define($d)x#end$d.length() $d.toString() #if($d)y#end#if($d=='x')z#end #set($s=$d+'y')$s", "#define($d)x#break y#end$d|",
    "#define($d)x#stop y#end$d|", "#define($d)$i#end#foreach($i in [1..3])$d#end", "#macro(m)x#end#m()", "#macro(m)x#end#m", "#macro(m)x#end#{m}()", "#macro(m)x#end#{m}y", "#m()#macro(m)x#end",
    "#macro(m $a)[$a]#end#m(1)#m('x')#m($none)#m()", "#macro(m $a $b)[$a$b]#end#m(1 2)#m(1,2)#m(1 , 2)#m(1)", "#macro(m $a)#set($a=5)$a#end#set($x=1)#m($x)$x$a", "#macro(m $a)$a#set($x=2)$a#end#set($x=1)#m($x)",
    "#macro(m $a)\\$a $!a ${a}#end#m($q)#m('v')", "#macro(m)$bodyContent$bodyContent#end#@m()b#end", "#macro(m $a)<$a>$!bodyContent</$a>#end#@m('x')y#end#m('z')", "#@none()x#end", "#@none", "#none", "#none()", "#none($a 'x')",
    "#{none}", "#none(x)", "#macro(m)x#end#m(x)", "#macro()x#end", "#macro m x#end", "#macro('m')x#end", "#macro(m)x", "#macro(m)1#end#macro(m)2#end#m()", "#macro(m)#macro(n)y#end#end#n()", "#macro(m $a)#n($a)#end#macro(n $a)[$a]#end#m(5)",
    "#macro(m $n)$n#if($n>0)#set($k=$n-1)#m($k)#end#end#m(3)", "#macro(m)#m()#end#m()", "#macro(m)x#break y#end#m()|", "#macro(m)x#stop y#end#m()|", "#foreach($i in [1..3])#m()#end#macro(m)$i#break#end",
    "#macro(m)\nx\n#end\n#m()\ny", "#macro(m)  x  #end #m() y", "#macro(m $a)$a.size()#end#m([1,2])#m({'a':1})#m([1..4])", "#macro(m $a)#foreach($i in $a)$i#end#end#m([1..3])", "#macro(m $x)#set($x='l')$x#end#set($x='g')#m('p')$x",
    "#literal()$a #if(x)y#end", "#literal() $a #set($x=1) #end", "#literal()\\$a#end", "#[[ $a #if ]]#", "#[[x]]#y", "#[[", "#[[ ]] ]]#", "#[[#[[x]]#]]#", "$#[[x]]#", "a#[[b]]#c",
    "## c\nx", "x ## c\ny", "x ## c", "## $\nx", "## $", "#* c *#x", "#* c", "#* $", "#** c *#x", "#**#x", "#*#x", "#* #* *# *#", "a#*b*#c", "a ##\nb", "#if(true)##c\nx#end", "#set($a=1)##c\n$a", "$a##c\nb", "$##c\nb", "$#*c*#b",
    "\\#if(true)x", "\\\\#if(true)x#end", "\\\\\\#if(true)", "\\#foo", "\\\\#foo", "\\#set($a=1)", "\\#end", "\\#else", "\\#{if}", "\\#macro", "\\#m()#macro(m)x#end\\#m()\\\\#m()", "\\", "\\\\", "a\\b", "a\\\\b", "a\\\\", "\\\\x", "\\#", "\\##x",
    "#", "##", "# ", "#1", "#-", "#(", "#)", "#{", "#}", "#.", "a#", "#a.b", "#a-b", "#set", "#foreach", "#define", "#macro", "#literal", "( ) { } [ ] , : ; \" ' = + - * / % < > ! & |", "{\"a\": \"$none\"}", "<a b=\"c\">$a</a>",
    "#if(true)$a.b#end", "#if($a)#elseif($b)#end|", "#if(true)#end|", "#if( true )x#end", "#if(\ntrue\n)x#end", "#if($x.y.z('a', 'b').c)1#{else}2#end", "#if(true)a #else b #end c",
)  # fmt: skip

_STRINGS = (
    "length()", "isEmpty()", "empty", "trim()", "toUpperCase()", "toLowerCase()", "hashCode()", "toString()", "charAt(0)", "charAt(1)", "charAt(99)", "charAt(-1)",
    "substring(1)", "substring(1,3)", "substring(3,1)", "substring(99)", "substring(0,99)", "substring('x')", "indexOf('l')", "indexOf('l',3)", "indexOf('zz')", "indexOf('')",
    "indexOf(108)", "lastIndexOf('l')", "lastIndexOf('l',2)", "lastIndexOf('')", "contains('ell')", "contains('')", "contains(1)", "contains($none)", "startsWith('He')", "startsWith('l',2)",
    "endsWith('ld')", "endsWith('')", "equals('Hello World')", "equals($none)", "equals(1)", "equalsIgnoreCase('hello world')", "equalsIgnoreCase($none)", "concat('!')", "concat($none)",
    "concat(1)", "replace('l','L')", "replace('','-')", "replace('l','')", "replaceAll('l+','<$0>')", "replaceAll('(l)(o)','$2$1')", "replaceAll('[','x')", "replaceAll('l','$9')",
    "replaceFirst('l','L')", "replaceAll('(?<=l)o','0')", "replaceAll('\\s','_')", "replaceAll('\\w+','w')", "replaceAll('(?i)HELLO','x')", "matches('Hello.*')", "matches('Hello')", "matches('(\\w+) (\\w+)')",
    "split(' ')[0]", "split('l')[1]", "split('l').size()", "split('l',2)[1]", "split('l',2).size()", "split('').size()", "split('x').get(0)", "split('o')[9]", "compareTo('Hello')", "compareTo('Zello')",
    "compareTo(1)", "compareTo($none)", "compareToIgnoreCase('hello world')", "codePointAt(0)", "isBlank()", "strip()", "repeat(3)", "repeat(-1)", "repeat(0)", "intern()", "regionMatches(0,'Hello',0,3)", "regionMatches(true,0,'HELLO',0,5)",
    "contentEquals('Hello World')", "valueOf(5)", "valueOf(true)", "valueOf('x')", "nope()", "length(1)", "class.foo", "toCharArray().size()", "charAt(0).toString()", "charAt(4).equals('o')", "join('-',['a','b'])", "subSequence(0,3)",
)  # fmt: skip

_LISTS = (
    "size()", "isEmpty()", "empty", "get(0)", "get('0')", "get(-1)", "contains(1)", "contains('two')", "contains($none)", "indexOf('two')", "indexOf(9)", "lastIndexOf(1)", "add(5)", "add(0,5)", "add(99,5)", "addAll([7,8])",
    "addAll(1,[7,8])", "addAll($none)", "remove(0)", "remove('two')", "remove(99)", "removeAll([1])", "retainAll([1])", "clear()", "set(0,'x')", "set(99,'x')", "subList(0,2)", "subList(2,1)", "subList(0,99)", "toString()", "hashCode()",
    "equals([1,'two',3.0,$none])", "containsAll([1])", "toJSONString()", "appendElement(4)", "iterator().next()", "iterator().hasNext()", "toArray().size()", "nope()", "x", "size", "clone()",
)  # fmt: skip

_MAPS = (
    "size()", "isEmpty()", "empty", "get('a')", "get('zz')", "get($none)", "a", "b", "b.c", "zz", "put('a',9)", "put('z',9)", "put('z',$none)", "putAll({'x':1})", "putAll($none)", "remove('a')", "remove('zz')", "remove('a',1)",
    "containsKey('a')", "containsKey('zz')", "containsValue(1)", "keySet()", "keySet().size()", "keySet().contains('a')", "keySet().iterator().next()", "keySet()[0]", "values()", "values().size()", "entrySet()", "entrySet().size()",
    "entrySet().iterator().next().key", "getOrDefault('zz','d')", "putIfAbsent('a',5)", "putIfAbsent('n',5)", "replace('a',5)", "replace('zz',5)", "clear()", "toString()", "hashCode()", "equals({'a':1,'b':{'c':2}})", "nope()", "size", "keySet",
)  # fmt: skip

_NUMBERS = (
    "5.intValue()", "toString()", "intValue()", "longValue()", "doubleValue()", "floatValue()", "shortValue()", "byteValue()", "hashCode()", "equals(5)", "equals('5')", "compareTo(5)", "compareTo(6)", "compareTo('5')",
    "compareTo($none)", "parseInt('12')", "parseInt('x')", "parseInt('ff',16)", "parseInt($none)", "valueOf('7')", "valueOf(7)", "toHexString(255)", "toBinaryString(5)", "max(1,9)", "min(1,9)", "isNaN()", "nope()", "length()",
)  # fmt: skip

_NUMBER_VALUES = ("5", "5.0", "9223372036854775807", "9223372036854775808", "$input.path('$.long')", "$input.path('$.exact')", "1.5")


def _cases() -> list[tuple[str, int]]:
    templates = [*_REFERENCES, *_SETS, *_DIRECTIVES]
    templates += [f"#set($x=5)#set($r={expression})[$r]" for expression in _ARITHMETIC]
    templates += [f"#set($x=5)#if({condition})y#{{else}}n#end" for condition in _CONDITIONS]
    templates += [f"#set($v={condition})$v" for condition in _CONDITIONS]
    templates += [f"#set($s='Hello World')$s.{method}|$s" for method in _STRINGS]
    templates += [f"#set($s='')$s.{method}" for method in _STRINGS]
    templates += [f"#set($s='é😀ß')$s.{method}" for method in _STRINGS[:30]]
    templates += [f"#set($l=[1,'two',3.0,$none])$l.{method}|$l" for method in _LISTS]
    templates += [f"#set($l=$input.path('$.list'))$l.{method}|$l" for method in _LISTS]
    templates += [f"#set($m={{'a':1,'b':{{'c':2}},'n':$none}})$m.{method}|$m" for method in _MAPS]
    templates += [f"#set($n={value})$n.{method}" for value in _NUMBER_VALUES for method in _NUMBERS]
    templates += [f"#set($b=true)$b.{method}" for method in ("toString()", "equals(true)", "booleanValue()", "compareTo(false)", "hashCode()", "x")]
    cases = [(template, 0) for template in templates]
    cases += [(template, body) for template in _REFERENCES if "input" in template for body in (1, 2, 3)]
    return list(dict.fromkeys(cases))


CASES = _cases()

_HEXADECIMAL = "toHexString of a fraction is not among the methods"
_LITERAL = "the list of a template is an ArrayList, which the comparison replaces by json-smart's to have AWS's text of it"

#: The differences that are meant: the reason, and what we give.
EXPLAINED: dict[tuple[str, int], tuple[str, str]] = {
    ("# set($a=1)", 0): ("AWS lets blanks after the # of #set pass", ""),
    ("#set($l=[1,'two',3.0,$none])$l.toJSONString()|$l", 0): (_LITERAL, '|[1,"two",3.0,null]'),
    ("#set($l=[1,'two',3.0,$none])$l.appendElement(4)|$l", 0): (_LITERAL, '|[1,"two",3.0,null]'),
    ("#set($n=5.0)$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
    ("#set($n=$input.path('$.exact'))$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
    ("#set($n=1.5)$n.toHexString(255)", 0): (_HEXADECIMAL, ""),
}
