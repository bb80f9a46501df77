// Renders templates with Apache Velocity 1.7, json-path 2.9 and json-smart: one case a line of JSON on standard input, one
// result a line on standard output. What AWS is known to do otherwise, as far as Velocity lets it be configured, is here:
// null shows nothing, #set assigns null, a loop ends after 1000 rounds, lists show as JSON.
// Every case has an engine of its own, because engines remember the macros of all their templates.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import net.minidev.json.JSONArray;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.ReferenceInsertionEventHandler;
import org.apache.velocity.exception.ParseErrorException;
import org.apache.velocity.exception.TemplateInitException;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.parser.ParseException;
import org.apache.velocity.runtime.parser.node.SimpleNode;

public final class Oracle {
    /** What $input is; the parameters are the same in every case. */
    public static final class Input {
        private final String body;
        /** The body as JSON, read when it is first asked for: what a template changes in it stays changed. */
        private DocumentContext json;

        Input(String body) {
            this.body = body;
        }

        private DocumentContext document() {
            if (json == null) {
                json = JsonPath.parse(body);
            }
            return json;
        }

        public String getBody() {
            return body;
        }

        public Object path(String path) {
            try {
                return document().read(path);
            } catch (PathNotFoundException missing) {
                return null;
            }
        }

        public String json(String path) {
            try {
                Object found = document().read(path);
                return JSONValue.toJSONString(found, JSONStyle.LT_COMPRESS);
            } catch (PathNotFoundException missing) {
                return "\"\"";
            }
        }

        public String params(String name) {
            for (Object place : params().values()) {
                Object found = ((Map<?, ?>) place).get(name);
                if (found != null) {
                    return found.toString();
                }
            }
            return "";
        }

        public Map<String, Object> params() {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("path", map("id", "p1"));
            all.put("querystring", map("q", "a b", "id", "q1"));
            all.put("header", map("my-header", "h\"1", "Accept", "*/*"));
            return all;
        }
    }

    /** What $util is. */
    public static final class Util {
        public String escapeJavaScript(Object text) {
            String shown = text == null ? null : shown(text);
            return shown == null ? "" : StringEscapeUtils.escapeJavaScript(shown);
        }

        public Object parseJson(String text) {
            return Configuration.defaultConfiguration().jsonProvider().parse(text);
        }

        public String urlEncode(String text) throws Exception {
            return text == null ? "" : URLEncoder.encode(text, "UTF-8");
        }

        public String urlDecode(String text) throws Exception {
            return text == null ? "" : URLDecoder.decode(text, "UTF-8");
        }

        public String base64Encode(String text) {
            return text == null ? "" : Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        public String base64Decode(String text) {
            return text == null ? "" : new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int index = 0; index < entries.length; index += 2) {
            map.put((String) entries[index], entries[index + 1]);
        }
        return map;
    }

    private static Map<String, Object> context() {
        Map<String, Object> header = map();
        return map("requestId", "r-1", "stage", "prod", "identity", map("sourceIp", "127.0.0.1", "userAgent", "u"),
            "requestOverride", map("path", map(), "header", header, "querystring", map()),
            "responseOverride", map("header", map()));
    }

    /** The text of a value as AWS shows it. */
    private static String shown(Object value) {
        if (value instanceof Object[]) {
            return JSONArray.toJSONString(List.of((Object[]) value));
        }
        if (value instanceof List) {
            return JSONArray.toJSONString((List<?>) value);
        }
        if (value instanceof LinkedHashMap) {
            StringBuilder text = new StringBuilder("{");
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                text.append(text.length() > 1 ? ", " : "");
                text.append(shown(entry.getKey())).append('=').append(shown(entry.getValue()));
            }
            return text.append('}').toString();
        }
        return String.valueOf(value);
    }

    private static RuntimeInstance engine() {
        RuntimeInstance engine = new RuntimeInstance();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("directive.set.null.allowed", "true");
        engine.setProperty("directive.foreach.maxloops", "1000");
        engine.setProperty("parser.pool.size", "2");
        engine.setProperty("velocimacro.library", "");
        engine.init();
        return engine;
    }

    private static JSONObject render(String template, String body) {
        JSONObject result = new JSONObject();
        try {
            RuntimeInstance engine = engine();
            SimpleNode tree = engine.parse(new java.io.StringReader(template), "template");
            VelocityContext context = new VelocityContext();
            context.put("input", new Input(body));
            context.put("util", new Util());
            context.put("context", context());
            context.put("stageVariables", map("host", "example.com", "n", "5"));
            EventCartridge events = new EventCartridge();
            events.addEventHandler((ReferenceInsertionEventHandler) (reference, value) -> {
                if (value == null) {
                    return reference.contains("\\!") ? null : "";
                }
                return value instanceof Object[] || value instanceof List || value instanceof LinkedHashMap ? shown(value) : value;
            });
            events.attachToContext(context);
            StringWriter out = new StringWriter();
            engine.render(context, out, "template", tree);
            result.put("r", out.toString());
        } catch (ParseException | TemplateInitException | ParseErrorException error) {
            result.put("e", "parse");
        } catch (Throwable error) {
            result.put("e", "run");
            result.put("m", String.valueOf(error));
        }
        return result;
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JSONObject given = (JSONObject) JSONValue.parseStrict(line);
            out.println(render((String) given.get("t"), (String) given.get("b")).toJSONString(JSONStyle.LT_COMPRESS));
        }
    }
}
