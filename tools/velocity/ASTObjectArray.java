// Stands in for Velocity's node of list literals: its lists are json-smart's, because AWS shows every list as JSON. Everything
// else about it is as in Velocity 1.7.

package org.apache.velocity.runtime.parser.node;

import net.minidev.json.JSONArray;
import org.apache.velocity.context.InternalContextAdapter;
import org.apache.velocity.runtime.parser.Parser;

public class ASTObjectArray extends SimpleNode {
    public ASTObjectArray(int id) {
        super(id);
    }

    public ASTObjectArray(Parser parser, int id) {
        super(parser, id);
    }

    @Override
    public Object value(InternalContextAdapter context) {
        JSONArray list = new JSONArray();
        for (int index = 0; index < jjtGetNumChildren(); index++) {
            list.add(jjtGetChild(index).value(context));
        }
        return list;
    }
}
