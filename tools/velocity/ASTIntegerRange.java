// Stands in for Velocity's node of ranges: its lists are json-smart's, because AWS shows every list as JSON. Everything
// else about it is as in Velocity 1.7.

package org.apache.velocity.runtime.parser.node;

import net.minidev.json.JSONArray;
import org.apache.velocity.context.InternalContextAdapter;
import org.apache.velocity.runtime.parser.Parser;

public class ASTIntegerRange extends SimpleNode {
    public ASTIntegerRange(int id) {
        super(id);
    }

    public ASTIntegerRange(Parser parser, int id) {
        super(parser, id);
    }

    @Override
    public Object value(InternalContextAdapter context) {
        Object first = jjtGetChild(0).value(context);
        Object last = jjtGetChild(1).value(context);
        if (!(first instanceof Number) || !(last instanceof Number)) {
            return null;
        }
        int from = ((Number) first).intValue();
        int to = ((Number) last).intValue();
        JSONArray list = new JSONArray();
        for (int value = from; from <= to ? value <= to : value >= to; value += from <= to ? 1 : -1) {
            list.add(value);
        }
        return list;
    }
}
