//! Templates as AWS's guide writes them, what AWS does otherwise than Velocity, and templates that want too much.
//! Thousands of others are compared with Velocity itself: `reference_tests`.

use super::{
    Limits, RenderError, Template,
    testing::{Outcome, World},
};

const BODY: &str =
    r#"{"name":"Bob","age":42,"price":1.10,"nil":null,"list":[1,"two",{"nested":"bar"}],"map":{"foo":"a/b"}}"#;

fn render(template: &str) -> String {
    match World::new(BODY).outcome(template) {
        Outcome::Text(text) => text,
        other => panic!("{template}: {other:?}"),
    }
}

fn failure(template: &str) -> RenderError {
    match World::new(BODY).outcome(template) {
        Outcome::Failed(error) => error,
        other => panic!("{template}: {other:?}"),
    }
}

#[test]
fn a_template_is_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<Template>();
}

#[test]
fn templates_of_the_guide() {
    for (template, expected) in [
        (r#"{"who": $input.json('$.name'), "id": "$input.params('id')"}"#, r#"{"who": "Bob", "id": "p1"}"#),
        ("#set($inputRoot = $input.path('$'))$inputRoot.name is $inputRoot.age", "Bob is 42"),
        ("$input.json('$.missing')|$input.path('$.missing')|$input.json('$.nil')", "\"\"||null"),
        (
            "#foreach($type in $input.params().keySet())#set($p = $input.params().get($type))#foreach($n in \
             $p.keySet())$n=$util.escapeJavaScript($p.get($n))#if($foreach.hasNext),#end#end;#end",
            "id=p1;q=a b,id=q1;my-header=h\\\"1,Accept=*\\/*;",
        ),
        (
            "$context.requestId $context.identity.sourceIp ${stageVariables.host} $stageVariables['n']",
            "r-1 127.0.0.1 example.com 5",
        ),
        ("$input.params().header.get('my-header')", "h\"1"),
        ("$util.urlEncode('{\"some\": \"value\"}')", "%7B%22some%22%3A+%22value%22%7D"),
        ("#set($j = $util.parseJson('{\"a\":{\"b\":[1,2]}}'))$j.a.b[1]", "2"),
        ("$util.base64Decode($util.base64Encode('é'))", "é"),
    ] {
        assert_eq!(render(template), expected, "{template}");
    }
}

#[test]
fn what_aws_does_otherwise() {
    for (template, expected) in [
        // AWS: null shows nothing, and is equal to the empty text.
        ("[$nothing ${nothing.x}$!nothing]", "[ ]"),
        ("#if($nothing == \"\")yes#end#if(\"\" == $nothing)yes#end#if($nothing != '')no#end", "yesyes"),
        ("#set($x = 1)#set($x = $nothing)[$x]", "[]"),
        // AWS: a map shows as Java shows it, a list as compact JSON, in maps too.
        ("$input.path('$.map')", "{foo=a/b}"),
        (
            "#set($m = {'foo': $input.path('$.list')})$m $input.path('$.list').toString()",
            r#"{foo=[1,"two",{"nested":"bar"}]} [1,"two",{"nested":"bar"}]"#,
        ),
        ("#set($l = [1, 'a', true])$l", r#"[1,"a",true]"#),
        ("$input.path('$.price') $input.json('$.price')", "1.1 1.1"),
        // AWS: blanks after the # of #set are let pass.
        ("# set($x = 2)$x", "2"),
        // AWS: a loop ends after 1000 rounds.
        ("#foreach($i in [1..5000])#set($last = $i)#end$last", "1000"),
        // AWS: reflection gives nothing.
        ("[$input.body.getClass()$input.body.class.name]", "[]"),
    ] {
        assert_eq!(render(template), expected, "{template}");
    }
    assert_eq!(World::new(BODY).outcome(r#"#set($x = "a\"b")"#), Outcome::Refused);
}

#[test]
fn overrides_are_written_in_every_way() {
    let template = "#set($context.requestOverride.header.a = 1)#set($context.requestOverride.header['b'] = 2)\
                    #set($context.requestOverride['header']['c'] = 3)$context.requestOverride.header.put('d', 4)\
                    #set($context.responseOverride.status = 201)$context.requestOverride.header \
                    $context.responseOverride.status";
    assert_eq!(render(template), "{a=1, b=2, c=3, d=4} 201");
}

#[test]
fn a_refused_template_names_the_place() {
    let refused = |template: &str| Template::compile(template).err().map(|error| (error.line, error.column));
    assert_eq!(refused("  \n #if($a)\n text"), Some((3, 6)));
    assert_eq!(refused("ab #set($x 1)"), Some((1, 12)));
    assert_eq!(refused("#include('a')"), Some((1, 1)));
    assert_eq!(refused("x\n#parse('a')"), Some((2, 1)));
    assert_eq!(refused("#evaluate('a')"), Some((1, 1)));
    assert!(Template::compile(&"x".repeat(300 * 1024 + 1)).is_err());
}

#[test]
fn hostile_templates_end_within_the_limits() {
    let doubling = "#set($s = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..100])#set($s = $s + $s)#end$s";
    assert_eq!(failure(doubling), RenderError::Memory);
    assert_eq!(
        failure("#set($s = '$s$s')#set($s = 'x')#foreach($i in [1..100])#set($s = \"$s$s\")#end"),
        RenderError::Memory
    );
    assert_eq!(failure("#set($l = [1..2000000000])"), RenderError::Memory);
    assert_eq!(render("#foreach($i in [1..2000000000])#if($i > 3)#break#end$i#end"), "123");
    assert_eq!(failure("#macro(m)#m()#end#m()"), RenderError::Depth);
    assert_eq!(failure("#set($l = [])$l.add($l)"), RenderError::Cycle);
    assert_eq!(failure("#set($m = {})#set($l = [$m])#set($m.x = $l)"), RenderError::Cycle);
    let loops = "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])#end#end#end";
    assert_eq!(failure(loops), RenderError::Steps);
    let digits = "#set($n = 9223372036854775807)#foreach($i in [1..1000])#set($n = $n * $n)#end";
    assert!(matches!(failure(digits), RenderError::Thrown(_)));
    let replaced = "#set($s = 'aaaaaaaaaaaaaaaa')#foreach($i in [1..100])#set($s = $s.replace('a', 'aaaaaaaa'))#end";
    assert_eq!(failure(replaced), RenderError::Memory);
    assert_eq!(failure("$input.path('$.name').repeat(2000000000)"), RenderError::Memory);
    let nested = "#set($l = [1])#foreach($i in [1..1000])#set($l = [$l])#end$l";
    assert_eq!(failure(nested), RenderError::Memory);
    assert_eq!(render("#define($d)x$d#end$d"), "xx$d");
}

/// A list that holds another one twice, and that one another one, has more in it than anybody can look at.
#[test]
fn what_is_shared_many_times_is_not_looked_at_forever() {
    let twice = "#set($l = [1])#set($k = [1])#set($a = {})#set($b = {})#foreach($i in [1..60])#set($l = [$l, $l])\
                 #set($k = [$k, $k])#set($a = {'x': $a, 'y': $a})#set($b = {'x': $b, 'y': $b})#end";
    for use_ in [
        "$l.hashCode()",
        "$a.hashCode()",
        "$l.equals($k)",
        "$a.equals($b)",
        "#if($l == $k)x#end",
        "#set($q = [$l])$q.contains($k)",
        "#set($q = [$l])$q.indexOf($k)",
        "#set($q = [$l])$q.containsAll([$k])",
        "#set($q = [$l])$q.remove($k)",
        "#set($q = {1: $a})$q.containsValue($b)",
        "#set($q = {1: $a})$q.values().contains($b)",
        "#set($q = {$a: 1})#set($r = {$b: 1})$q.keySet().equals($r.keySet())",
        "#set($m = {})$m.put($l, 1)$m.put($k, 1)",
        "#set($m = {$l: 1, $k: 2})",
        "#set($m = {})#foreach($i in [1..20])$m.put($i, 1)#end$m.get($l)",
        "#set($m = {})#foreach($i in [1..20])$m.put($i, 1)#end#set($x = $m[$a])",
        "#set($m = {$l: 1})$m.containsKey($k)",
        "#set($m = {$l: 1})#if($m[$k])x#end",
        "$l.add($k)",
        "$a.put('z', $b)",
        "$l.toString()",
        "#set($s = \"$a\")",
        "$util.escapeJavaScript($l)",
        "#set($context.requestOverride.header.x = $l)",
        "#set($context.requestOverride.header.x = $a)",
    ] {
        let failed = failure(&format!("{twice}{use_}"));
        assert!(matches!(failed, RenderError::Steps | RenderError::Memory), "{use_}: {failed:?}");
    }
}

#[test]
fn long_texts_and_numbers_are_weighed_wherever_they_are_compared() {
    let digits = "9".repeat(15_000);
    let long = "x".repeat(200_000);
    let body = format!(r#"{{"n":{digits},"m":{digits},"s":"{long}a","t":"{long}a"}}"#);
    let names = "#set($n = $input.path('$.n'))#set($m = $input.path('$.m'))#set($s = $input.path('$.s'))\
                 #set($t = $input.path('$.t'))#set($d = {$s: 1})#set($w = {})#foreach($i in [1..20])$!w.put($i, 1)#end";
    for repeated in [
        "$n.hashCode()",
        "#if($n.equals($m))#end",
        "#set($q = [$n])#if($q.equals([$m]))#end",
        "#if($s.equals($t))#end",
        "#set($q = [$s])#if($q.equals([$t]))#end",
        "#if($d.containsKey($t))#end",
        "#if($d.get($t))#end",
        "#if($d[$t])#end",
        "#if($w[$t])#end",
        "#if($w.get($t))#end",
        "#set($x = {$t: 1, $s: 2})",
        "#set($q = [$t])#set($x = $q.hashCode())",
        "#set($q = [$s])#set($x = $q.indexOf($t))",
    ] {
        let rounds = "#foreach($i in [1..1000])#foreach($j in [1..1000])";
        let template = format!("{names}{rounds}{repeated}#end#end");
        let ended = World::new(&body).outcome(&template);
        assert!(matches!(ended, Outcome::Failed(RenderError::Steps | RenderError::Memory)), "{repeated}: {ended:?}");
    }
}

/// References are counted: what leads back to itself has to be parted when the template has ended.
#[test]
fn nothing_is_kept_when_a_template_has_ended() {
    use std::rc::{Rc, Weak};

    use crate::primitives::java::{Map, Object, Text, Value};

    struct Probe;
    impl Object for Probe {
        fn text(&self) -> Text {
            Text::new("probe")
        }
        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    }
    struct Probed(Map, Map);
    impl super::Scope for Probed {
        fn body(&mut self) -> &'static str {
            r#"{"list": [1], "map": {"a": {"b": []}}, "other": [[1]]}"#
        }
        fn parameter(&mut self, _: &str) -> Option<Text> {
            None
        }
        fn parameters(&mut self, _: super::Place) -> Map {
            Map::new()
        }
        fn context(&mut self, names: &[Text]) -> (Value, usize) {
            let (probe, header) = (&self.0, &self.1);
            match names {
                [name, ..] if name == "header" => (Value::Map(header.clone()), 1),
                [name, ..] => (probe.get(name).unwrap_or_default(), 1),
                [] => (Value::Null, 0),
            }
        }
        fn stage_variable(&mut self, _: &str) -> Option<Text> {
            None
        }
        fn stage_variables(&mut self) -> Map {
            Map::new()
        }
    }
    let run = |template: &str| {
        let probe: Rc<dyn Object> = Rc::new(Probe);
        let weak: Weak<dyn Object> = Rc::downgrade(&probe);
        let header = Map::write_once();
        let mut scope = Probed(Map::of([("probe".into(), Value::Object(probe))]), header.clone());
        let mut out = String::new();
        let ended = Template::compile(template).unwrap().render(&mut scope, &Limits::default(), &mut out);
        drop(scope);
        assert!(!matches!(ended, Err(RenderError::Thrown(_))), "{template}: {ended:?}");
        assert!(weak.upgrade().is_none() || header.get("p").is_some(), "{template} keeps the probe");
        header
    };
    let list = "#set($list = $input.path('$.list'))";
    let probe = "$list.add($context.probe)";
    for rest in [
        "",
        "$list.add($input.path('$.map'))",
        "$list.add($input.path('$.other'))$input.path('$.other').add($input.path('$.map'))",
        "#set($l = [$input.path('$.map')])$list.add($l)",
        "$input.path('$.other').addAll($list)$input.path('$.map').put('l', $list)",
        "$input.path('$.map').putAll({'x': $list})$list.set(0, $input.path('$.other'))",
        "#set($list[0] = $input.path('$.map.a'))",
        "#set($other = $util.parseJson('{\"a\":[[]]}'))$list.add($other)$other.a.add($input.path('$.map'))",
        "$list.add($input.path('$.map').entrySet().iterator().next())",
        "$list.add($list.iterator())",
        "#foreach($i in [1])#set($foreach.l = $list)$list.add($foreach)#end",
        "#foreach($i in [1])$foreach.put('l', [$foreach, $context.probe])#end",
        "#define($d)$list#end$list.add($d)",
        "#macro(m $x)#define($d)$x#end#set($k = [$context.probe])$k.add($d)$list.add($k)#end#m($list)",
        "#set($context.header.l = $list)$input.path('$.other').add($context.header)",
        "$list.add($input.path('$.map'))$list.add($list)",
    ] {
        run(&format!("{list}{probe}{rest}"));
        run(&format!("{list}{rest}{probe}"));
    }
    let header = run(
        "#set($l = ['a'])$l.add(['b'])#set($m = {'k': $l})$m.put('p', $m.k)#set($context.header.x = $m)$l.add([1])",
    );
    let kept = header.get("x").map(|value| value.to_text());
    assert_eq!(kept, Some(Ok(r#"{k=["a",["b"],[1]], p=["a",["b"],[1]]}"#.to_owned())), "what outlives it is whole");
}

#[test]
fn what_random_templates_found_stays_found() {
    for (template, expected) in [
        // Two blocks are compared as what they are, not by their texts.
        ("#define($x)a#define($item)b#set($y = $x == $!item)#end$item#end$x", "ab"),
        ("#define($x)a#end#set($y = $x)#if($x == $y)same#end#define($z)a#end#if($x == $z) other#end", "same"),
        // The text of a block is made of the variables where it was made, not where a loop holds one of them at null.
        ("#define($b)#foreach($i in ['x'])$i#end#end#foreach($i in [$none])$b.toString()#end", "x"),
        // A change of the parameters is not seen in what is asked for next.
        ("#set($p = $input.params().path)$!p.put('k', 1)$p $input.params().path", "{id=p1, k=1} {id=p1}"),
        ("#define($a)#if([{$a: 1}] == 2)x#{else}y#end#end$a", "y"),
    ] {
        assert_eq!(render(template), expected, "{template}");
    }
}

#[test]
fn what_a_request_brings_is_weighed() {
    let outcome = |body: &str, template: &str| {
        let template = Template::compile(template).unwrap();
        template.render(&mut World::new(body), &Limits::default(), &mut String::new())
    };
    // As many lists as a body of 10 MB can hold.
    let lists = format!("[{}]", "[]".repeat(5_000_000));
    assert_eq!(outcome(&lists, "$input.path('$[0]')"), Err(RenderError::Memory));
    assert_eq!(outcome(&lists[..1_000_000], "$util.parseJson($input.body)"), Err(parse_error(1_000_000)));
    let fewer = format!("[{}]", "[]".repeat(500_000));
    assert_eq!(outcome(&fewer, "$input.path('$[0]').size()"), Ok(()));
    assert_eq!(outcome(&fewer, "$input.path('$[0]').add(1)"), Err(RenderError::Memory), "all of it becomes objects");
    // A pattern of classes, each of all letters: what it takes to compile is charged before.
    let letters = "\\\\p{L}".repeat(2_000);
    let pattern = |times: usize| format!("{{\"p\":\"{}\"}}", &letters[..6 * times]);
    let template = "#foreach($i in [1..1000])#set($p = $input.path('$.p') + $i)$p.matches($p)#end";
    assert!(matches!(outcome(&pattern(1_000), template), Err(RenderError::Steps | RenderError::Memory)));
    assert_eq!(outcome(&pattern(2), template), Ok(()));
    let path = "#foreach($i in [1..1000])$input.path(\"$[?(@.p =~ /$i$input.path('$.p')/)]\")#end";
    assert_eq!(outcome(&pattern(200), path), Err(RenderError::Steps));
}

fn parse_error(position: usize) -> RenderError {
    RenderError::Thrown(crate::primitives::java::Thrown::new("ParseException", format!("not JSON at byte {position}")))
}

#[test]
fn deep_sources_are_refused() {
    for (open, close) in [("(", ")"), ("!", ""), ("[", "]"), ("{1:", "}")] {
        let source = format!("#set($x = {}1{})", open.repeat(100_000), close.repeat(100_000));
        assert!(Template::compile(&source).is_err(), "{open}");
    }
    for part in ["#if(true)", "#foreach($i in $x)", "#define($x)", "#@m()", "#macro(m)", "$a.b($a.b(", "$a[$a["] {
        assert!(Template::compile(&part.repeat(10_000)).is_err(), "{part}");
    }
    let backslashes = "\\".repeat(200_000) + "x";
    assert!(Template::compile(&backslashes).is_ok());
}

#[test]
fn output_is_bounded() {
    let template = Template::compile("#foreach($i in [1..100])0123456789#end").unwrap();
    let limits = Limits { output: 500, ..Limits::default() };
    let mut out = String::new();
    assert_eq!(template.render(&mut World::new("{}"), &limits, &mut out), Err(RenderError::Memory));
    assert!(out.len() <= 500);
}

#[test]
fn an_override_is_set_once() {
    use crate::primitives::java::{Map, Text, Value};
    struct Once(Map);
    impl super::Scope for Once {
        fn body(&mut self) -> &'static str {
            "{}"
        }
        fn parameter(&mut self, _: &str) -> Option<Text> {
            None
        }
        fn parameters(&mut self, _: super::Place) -> Map {
            Map::new()
        }
        fn context(&mut self, _: &[Text]) -> (Value, usize) {
            (Value::Map(self.0.clone()), 0)
        }
        fn stage_variable(&mut self, _: &str) -> Option<Text> {
            None
        }
        fn stage_variables(&mut self) -> Map {
            Map::new()
        }
    }
    let render = |template: &str| {
        let template = Template::compile(template).unwrap();
        template.render(&mut Once(Map::write_once()), &Limits::default(), &mut String::new())
    };
    assert_eq!(render("#set($context.a = 1)#set($context.b = 1)"), Ok(()));
    let twice = Err(RenderError::OverriddenTwice("a".into()));
    assert_eq!(render("#set($context.a = 1)$context.put('a', 2)"), twice);
    assert_eq!(render("#set($context.a = 1)#set($context['a'] = 2)"), twice);
    // Another template may set it anew, once.
    let shared = Map::write_once();
    let render = |template: &str| {
        let template = Template::compile(template).unwrap();
        shared.begin_template();
        template.render(&mut Once(shared.clone()), &Limits::default(), &mut String::new())
    };
    for _ in 0..3 {
        assert_eq!(render("#set($context.b = 0)#set($context.a = 1)"), Ok(()));
        assert_eq!(render("#set($context.c = 0)#set($context.a = 2)#set($context.a = 3)"), twice);
    }
    assert_eq!((shared.len(), shared.get("a")), (3, Some(Value::from(2))));
}
