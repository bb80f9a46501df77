/**
 * What json-path 2.9 answers with its default options: one line of JSON a case, for rust/src/primitives/jsonpath.
 *
 * <pre>java -cp json-path-2.9.0.jar:json-smart-2.5.0.jar:… tools/jsonpath/Answers.java cases < tools/jsonpath/cases.txt
 * java … tools/jsonpath/Answers.java random SEED COUNT</pre>
 *
 * A line is [document, path, answer]: the answer is the JSON of what was found, or "!" and the kind of failure: "!path" for a path
 * that is refused, "!missing" for PathNotFoundException, "!other" for another exception.
 */
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.minidev.json.JSONArray;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;

public final class Answers {
  private static final String[] DOCUMENTS = {
    "{\"store\":{\"book\":[{\"category\":\"reference\",\"author\":\"Nigel Rees\",\"title\":\"Sayings\",\"price\":8.95,\"tags\":[\"a\",\"b\"]},"
        + "{\"category\":\"fiction\",\"author\":\"Evelyn Waugh\",\"title\":\"Sword\",\"price\":12.99,\"isbn\":null},"
        + "{\"category\":\"fiction\",\"author\":\"Herman Melville\",\"title\":\"Moby Dick\",\"isbn\":\"0-553\",\"price\":8.99,\"tags\":[]}],"
        + "\"bicycle\":{\"color\":\"red\",\"price\":19.95}},\"expensive\":10}",
    "{\"a\":{\"b\":{\"c\":1,\"d\":[1,2,3]},\"b2\":[{\"c\":2},{\"c\":\"2\"},{\"c\":null},{\"d\":5},7,\"x\"]},\"c\":[[1,2],[3,4],[]],\"e\":\"text\",\"n\":null,\"t\":true}",
    "[1,\"two\",3.5,null,true,{\"a\":1,\"b\":[10,20,30]},[4,5,6],{\"a\":\"1\",\"b\":{}}]",
    "{\"nums\":[3,1,2.5,-4],\"neg\":[-1,-2],\"words\":[\"x\",\"y\",\"z\"],\"mixed\":[1,\"1\",true,null,[1],{\"k\":1}],\"empty\":[],\"obj\":{},\"é\":\"ü\",\"a b\":1,\"a.b\":2}",
  };
  private static final String[] NAMES = {"a", "b", "c", "d", "store", "book", "price", "category", "author", "title", "isbn", "tags", "bicycle", "nums", "words", "mixed", "e", "n", "b2", "missing", "k"};
  private static final String[] OPERATORS = {"==", "!=", "<", "<=", ">", ">=", "=~", "in", "nin", "subsetof", "anyof", "noneof", "size", "empty", "contains", "===", "!==", "all"};
  private static final String[] LITERALS = {"1", "2", "8.95", "10", "'fiction'", "\"red\"", "'1'", "null", "true", "false", "[1,2,3]", "['fiction','a']", "[1,'1',true]", "{\"k\":1}", "/.*i.*/", "/FIC.*/i", "[]", "0", "-1", "'x'", "[1]"};
  private static final String[] FUNCTIONS = {"length()", "min()", "max()", "avg()", "stddev()", "sum()", "keys()", "concat()", "first()", "last()", "index(1)", "size()", "concat(\"-\", $.e)", "sum($.nums)", "append(7)", "index(-2)", "length($..price)"};

  private final Random random;

  private Answers(long seed) {
    random = new Random(seed);
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  private String path(String root, int depth) {
    StringBuilder out = new StringBuilder(root);
    int steps = random.nextInt(4) + (root.equals("$") ? 1 : 0);
    for (int step = 0; step < steps; step++) {
      out.append(step(depth));
    }
    if (random.nextInt(8) == 0) {
      out.append('.').append(one(FUNCTIONS));
    }
    return out.toString();
  }

  private String step(int depth) {
    return switch (random.nextInt(depth > 0 ? 16 : 12)) {
      case 0, 1, 2, 3 -> "." + one(NAMES);
      case 4 -> "['" + one(NAMES) + "']";
      case 5 -> "['" + one(NAMES) + "','" + one(NAMES) + "']";
      case 6 -> "[" + (random.nextInt(7) - 2) + "]";
      case 7 -> random.nextInt(2) == 0 ? "[*]" : ".*";
      case 8 -> "[" + random.nextInt(3) + "," + (random.nextInt(4) - 1) + "]";
      case 9 -> "[" + end() + ":" + end() + "]";
      case 10 -> ".." + one(NAMES);
      case 11 -> random.nextInt(2) == 0 ? "..*" : "..[" + random.nextInt(3) + "]";
      case 12 -> new String[] {".nums", ".mixed", ".store.book", ".a.b2", "[5]", ".b"}[random.nextInt(6)];
      default -> (random.nextInt(4) == 0 ? ".." : "") + "[?(" + test(depth - 1) + ")]";
    };
  }

  private String end() {
    return random.nextInt(3) == 0 ? "" : String.valueOf(random.nextInt(6) - 2);
  }

  private String test(int depth) {
    String one = switch (random.nextInt(8)) {
      case 0 -> operand(depth);
      case 1 -> "!" + path("@", 0);
      case 2 -> "!(" + comparison(depth) + ")";
      default -> comparison(depth);
    };
    return switch (random.nextInt(6)) {
      case 0 -> one + " && " + comparison(depth);
      case 1 -> one + " || " + comparison(depth);
      default -> one;
    };
  }

  private String comparison(int depth) {
    String blank = random.nextInt(4) == 0 ? "" : " ";
    String operator = one(OPERATORS);
    if (Character.isLetter(operator.charAt(0))) {
      blank = " ";
    }
    return operand(depth) + blank + operator + blank + (random.nextInt(4) == 0 ? operand(depth) : one(LITERALS));
  }

  private String operand(int depth) {
    return random.nextInt(6) == 0 ? path("$", 0) : random.nextInt(8) == 0 ? one(LITERALS) : path("@", Math.max(0, depth));
  }

  private static String plain(Object value) {
    return JSONValue.toJSONString(shown(value), JSONStyle.LT_COMPRESS);
  }

  /** Sets are written as lists are. */
  private static Object shown(Object value) {
    if (value instanceof Map || value instanceof List || !(value instanceof Collection<?> set)) {
      return value;
    }
    JSONArray list = new JSONArray();
    list.addAll(set);
    return list;
  }

  private static String answer(String document, String path) {
    JsonPath compiled;
    try {
      compiled = JsonPath.compile(path);
    } catch (InvalidPathException | IllegalArgumentException refused) {
      return "\"!path\"";
    } catch (RuntimeException refused) {
      return "\"!path\"";
    }
    try {
      return plain(compiled.read(Configuration.defaultConfiguration().jsonProvider().parse(document)));
    } catch (PathNotFoundException missing) {
      return "\"!missing\"";
    } catch (RuntimeException other) {
      return "\"!other\"";
    } catch (StackOverflowError tooDeep) {
      return null;
    }
  }

  private static void line(PrintStream out, int document, String text, String path) {
    String answered = answer(text, path);
    if (answered != null) {
      String shown = document < 0 ? JSONValue.toJSONString(text) : String.valueOf(document);
      out.println("[" + shown + "," + JSONValue.toJSONString(path, JSONStyle.LT_COMPRESS) + "," + answered + "]");
    }
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String document : DOCUMENTS) {
      out.println(JSONValue.toJSONString(document, JSONStyle.LT_COMPRESS));
    }
    if (arguments[0].equals("random")) {
      Answers made = new Answers(Long.parseLong(arguments[1]));
      int count = Integer.parseInt(arguments[2]);
      for (int number = 0; number < count; number++) {
        String path = made.path("$", 2);
        int document = made.random.nextInt(DOCUMENTS.length);
        line(out, document, DOCUMENTS[document], path);
      }
    } else {
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty() && !line.startsWith("# ")) {
          for (int document = 0; document < DOCUMENTS.length; document++) {
            line(out, document, DOCUMENTS[document], line);
          }
        }
      }
    }
    out.flush();
  }
}
