// Stands in for Velocity's node of `==`: to AWS null is equal to the empty text. Everything else about it is as in
// Velocity 1.7: numbers by value, objects of related classes by equals, anything else by its text.

package org.apache.velocity.runtime.parser.node;

import org.apache.velocity.context.InternalContextAdapter;
import org.apache.velocity.runtime.parser.Parser;

public class ASTEQNode extends SimpleNode {
    public ASTEQNode(int id) {
        super(id);
    }

    public ASTEQNode(Parser parser, int id) {
        super(parser, id);
    }

    @Override
    public boolean evaluate(InternalContextAdapter context) {
        return same(jjtGetChild(0).value(context), jjtGetChild(1).value(context));
    }

    @Override
    public Object value(InternalContextAdapter context) {
        return evaluate(context);
    }

    private static boolean same(Object left, Object right) {
        if (left instanceof Number && right instanceof Number) {
            return MathUtils.compare((Number) left, (Number) right) == 0;
        }
        if (left != null && right != null
            && (left.getClass().isInstance(right) || right.getClass().isInstance(left))) {
            return left.equals(right);
        }
        String leftText = left == null ? null : left.toString();
        String rightText = right == null ? null : right.toString();
        return (leftText == null ? "" : leftText).equals(rightText == null ? "" : rightText);
    }
}
