import { Definitions } from "../analyze/definitions.js";
import type { IRFunction, OpaqueOp, Region, Value } from "../ir/ir.js";
import { constantOp, rewriteRegion, Substitution, withBody, withRegions, yieldedBy } from "./rewrite.js";

/**
 * Answers what class an instance is of, where it is known what made it.
 *
 *   s = if c { new Box x } else { new Disc x }; t = s instanceof Box     =>     s = ..; t = c
 *
 * Safe because an instance stays one of the class that made it. What may be something else as well, as a parameter or what
 * a loop carries, is asked.
 */
export function foldClassTests(fn: IRFunction): IRFunction {
  const definitions = new Definitions(fn);
  const substitution = new Substitution();
  const inside = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out) => {
      definitions.update(op);
      const [result] = op.results;
      if (op.kind !== "opaque" || result === undefined) return void out.push(withRegions(op, inside));
      const answer = answerOf(op, definitions);
      if (answer === null) return void out.push(op);
      if (answer.kind === "known") return void out.push(constantOp(answer.holds, result));
      if (answer.holds) substitution.replace(result, answer.test);
      else out.push({ kind: "apply", results: op.results, primitive: "not", args: [answer.test] });
    });
  return withBody(fn, inside(fn.body));
}

/** `holds`: the answer itself, or whether it is the one of the test rather than its opposite. */
type Answer =
  | { readonly kind: "known"; readonly holds: boolean }
  | { readonly kind: "test"; readonly test: Value; readonly holds: boolean };

function answerOf({ asksFor, operands }: OpaqueOp, definitions: Definitions): Answer | null {
  const [instance] = operands;
  return asksFor === undefined || instance === undefined ? null : classOf(instance, asksFor, definitions);
}

function classOf(instance: Value, asked: object, definitions: Definitions): Answer | null {
  const definition = definitions.of(instance);
  if (definition?.kind !== "result") return null;
  const { op, position } = definition;
  switch (op.kind) {
    case "unwrap":
      return classOf(op.value, asked, definitions);
    case "allocate": {
      const classes = op.initial.kind === "parts" ? op.initial.maker?.classes : undefined;
      return classes === undefined ? null : { kind: "known", holds: classes.has(asked) };
    }
    case "if": {
      const [then, otherwise] = [op.then, op.else].map((branch) => {
        const yielded = yieldedBy(branch)?.[position];
        return yielded === undefined ? null : classOf(yielded, asked, definitions);
      });
      if (then?.kind !== "known" || otherwise?.kind !== "known") return null;
      if (then.holds === otherwise.holds) return then;
      return { kind: "test", test: op.test, holds: then.holds };
    }
    default:
      return null;
  }
}
