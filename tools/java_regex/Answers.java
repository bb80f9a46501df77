/**
 * What java.util.regex answers: one line of JSON a case, for rust/src/primitives/java_regex to be compared with.
 *
 * <pre>java tools/java_regex/Answers.java cases < tools/java_regex/cases.txt
 * java tools/java_regex/Answers.java random SEED COUNT</pre>
 *
 * A line is [pattern, -1] for a pattern that Java refuses, else [pattern, input, whole, matches, replaced, split]: whether the
 * whole input matches, the places of each match and its groups in characters (-1 for a group without one), what replaceAll gives
 * for a fixed replacement, what split gives. Random cases leave the last two out.
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

public final class Answers {
  private static final String[] LETTERS = {"a", "b", "c", "A", "B", "1", "2", " ", "\n", "\r", "é", "É", "_", "😀", "-", "\u0301"};
  private static final String[] PLAIN = {"a", "b", "c", "a", "b", "ab", "A", "1", "é", "É", "😀", "_", " ", "-"};
  private static final String[] CLASSES = {
    ".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\v", "\\R", "\\p{L}", "\\p{Lu}", "\\P{Ll}", "\\p{Alpha}", "\\p{Upper}",
    "\\p{Lower}", "\\p{Punct}", "\\p{IsLatin}", "\\p{javaLowerCase}", "\\p{IsAlphabetic}", "\\pN", "\\p{InBasicLatin}", "\\x61",
    "\\u0062", "\\0141", "\\n", "\\Qa\\E", "\\Q.b\\E"
  };
  private static final String[] IN_CLASS = {
    "a", "b", "c", "a-c", "A-B", "b-z", "0-9", "\\d", "\\w", "\\s", "\\p{L}", "\\P{Lu}", "é", "É", "à-ÿ", "😀", "_", "\\-", "\\n",
    "[ab]", "[^b]", "\\u0061-c", "\\Qb-\\E", "."
  };
  private static final String[] POSITIONS = {"^", "$", "\\A", "\\z", "\\Z", "\\b", "\\B", "\\G"};
  private static final String[] TIMES = {"?", "*", "+", "{2}", "{1,2}", "{0,2}", "{2,}", "{0}", "{1,}"};
  private static final String[] FLAGS = {"i", "m", "s", "u", "x", "d", "U", "iu", "im", "i-s", "-i"};

  private final Random random;
  private int groups;

  private Answers(long seed) {
    random = new Random(seed);
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  private String alternatives(int depth) {
    StringBuilder out = new StringBuilder(sequence(depth));
    while (random.nextInt(4) == 0) {
      out.append('|').append(random.nextInt(8) == 0 ? "" : sequence(depth));
    }
    return out.toString();
  }

  private String sequence(int depth) {
    StringBuilder out = new StringBuilder();
    int parts = 1 + random.nextInt(3);
    for (int part = 0; part < parts; part++) {
      out.append(repeated(depth));
    }
    return out.toString();
  }

  private String repeated(int depth) {
    String atom = atom(depth);
    if (random.nextInt(5) < 2) {
      atom += one(TIMES) + switch (random.nextInt(6)) { case 0 -> "?"; case 1 -> "+"; default -> ""; };
    }
    return atom;
  }

  private String atom(int depth) {
    int kind = random.nextInt(depth > 0 ? 16 : 9);
    return switch (kind) {
      case 0, 1, 2, 3 -> one(PLAIN);
      case 4, 5 -> one(CLASSES);
      case 6 -> bracket();
      case 7 -> random.nextInt(2) == 0 ? one(POSITIONS) : one(PLAIN);
      case 8 -> groups > 0 ? "\\" + (1 + random.nextInt(groups)) : one(PLAIN);
      case 9, 10, 11 -> {
        groups++;
        String name = random.nextInt(6) == 0 ? "?<n" + groups + ">" : "";
        yield "(" + name + alternatives(depth - 1) + ")";
      }
      case 12 -> "(?:" + alternatives(depth - 1) + ")";
      case 13 -> "(?>" + alternatives(depth - 1) + ")";
      case 14 -> "(?" + one(new String[] {"=", "!", "<=", "<!"}) + alternatives(depth - 1) + ")";
      default -> "(?" + one(FLAGS) + (random.nextInt(2) == 0 ? ")" : ":" + alternatives(depth - 1) + ")");
    };
  }

  private String bracket() {
    StringBuilder out = new StringBuilder(random.nextInt(3) == 0 ? "[^" : "[");
    int items = 1 + random.nextInt(3);
    for (int item = 0; item < items; item++) {
      out.append(one(IN_CLASS));
    }
    if (random.nextInt(4) == 0) {
      out.append("&&").append(random.nextInt(2) == 0 ? bracket() : one(IN_CLASS));
    }
    return out.append(']').toString();
  }

  private String input() {
    StringBuilder out = new StringBuilder();
    int length = random.nextInt(9);
    for (int place = 0; place < length; place++) {
      out.append(random.nextInt(3) == 0 ? one(LETTERS) : one(new String[] {"a", "b", "c", "ab"}));
    }
    return out.toString();
  }

  private void randomCases(int count, PrintStream out) {
    for (int number = 0; number < count; number++) {
      groups = 0;
      String pattern = alternatives(3);
      if (random.nextInt(4) == 0) {
        pattern = "(?" + one(FLAGS) + ")" + pattern;
      }
      for (int input = 0; input < 2; input++) {
        String line = answer(pattern, input(), false);
        if (line != null) {
          out.println(line);
        }
      }
    }
  }

  private static boolean insidePair(String text, int at) {
    return at > 0 && at < text.length() && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
  }

  private static String answer(String pattern, String input, boolean all) {
    Pattern compiled;
    try {
      compiled = Pattern.compile(pattern);
    } catch (PatternSyntaxException refused) {
      return "[" + json(pattern) + ",-1]";
    }
    try {
      StringBuilder out = new StringBuilder("[" + json(pattern) + "," + json(input));
      out.append(compiled.matcher(input).matches() ? ",1,[" : ",0,[");
      Matcher matcher = compiled.matcher(input);
      String between = "";
      while (matcher.find()) {
        // Our texts have no such place.
        if (insidePair(input, matcher.start()) || insidePair(input, matcher.end())) {
          if (matcher.start() == matcher.end()) {
            continue;
          }
          return null;
        }
        out.append(between);
        for (int group = 0; group <= matcher.groupCount(); group++) {
          out.append(group == 0 ? "[" : ",").append(place(input, matcher.start(group)));
          out.append(",").append(place(input, matcher.end(group)));
        }
        out.append("]");
        between = ",";
      }
      out.append("]");
      if (all) {
        String replacement = compiled.matcher("").groupCount() > 0 ? "<$0:$1>" : "<$0>";
        out.append(",").append(json(input.replaceAll(pattern, replacement)));
        for (int limit : new int[] {0, -1, 2}) {
          String separator = ",[";
          for (String text : input.split(pattern, limit)) {
            out.append(separator).append(json(text));
            separator = ",";
          }
          out.append(separator.equals(",") ? "]" : ",[]");
        }
      }
      return out.append("]").toString();
    } catch (StackOverflowError tooDeep) {
      return null;
    }
  }

  private static int place(String text, int at) {
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static String json(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char unit : text.toCharArray()) {
      switch (unit) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        default -> {
          if (unit < ' ' || unit == 0x2028 || unit == 0x2029 || unit == 0x85) {
            out.append(String.format("\\u%04x", (int) unit));
          } else {
            out.append(unit);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private static String unescape(String text) {
    return text.replace("<n>", "\n").replace("<r>", "\r").replace("<nel>", "\u0085").replace("<ls>", "\u2028");
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    if (arguments[0].equals("random")) {
      new Answers(Long.parseLong(arguments[1])).randomCases(Integer.parseInt(arguments[2]), out);
    } else {
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty() || line.startsWith("# ")) {
          continue;
        }
        String[] parts = line.split("\t", -1);
        for (int input = 1; input < Math.max(parts.length, 2); input++) {
          String answered = answer(unescape(parts[0]), input < parts.length ? unescape(parts[input]) : "", true);
          if (answered != null) {
            out.println(answered);
          }
        }
      }
    }
    out.flush();
  }
}
