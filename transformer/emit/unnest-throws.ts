/**
 * After a branch that throws, the other branch goes on in the region around:
 *
 *   r = if c { throw e } else { B; yield v }; rest   =>   if c { throw e }; B; rest with v for r
 */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { mapExit, rebuild } from "../ir/traverse.js";

export function unnestThrows(fn: IRFunction): IRFunction {
  const map = new Map<Value, Value>();
  const body = structure(fn.body, map);
  return body === fn.body ? fn : { ...fn, body };
}

function structure(region: Region, map: Map<Value, Value>): Region {
  const look = (value: Value): Value => map.get(value) ?? value;
  const ops: Op[] = [];
  let changed = false;
  for (const op of region.ops) {
    const by = { value: look, region: (inner: Region) => structure(inner, map), result: (value: Value) => value };
    const isIf = op.kind === "if" && op.results.length + op.then.ops.length + op.else.ops.length > 0;
    const throwsThen = isIf && op.then.exit.kind === "throw" && op.else.exit.kind === "yield";
    const throwsElse = isIf && op.else.exit.kind === "throw" && op.then.exit.kind === "yield";
    if (isIf && (throwsThen || throwsElse)) {
      const goesOn = structure(throwsThen ? op.else : op.then, map);
      const nothing: Region = { params: [], ops: [], exit: { kind: "yield", values: [] } };
      const leaving = structure(throwsThen ? op.then : op.else, map);
      if (op.results.length > 0 || goesOn.ops.length > 0) {
        changed = true;
        ops.push({
          kind: "if",
          results: [],
          test: look(op.test),
          then: throwsThen ? leaving : nothing,
          else: throwsThen ? nothing : leaving,
        });
        ops.push(...goesOn.ops);
        const { exit } = goesOn;
        op.results.forEach((result, k) => {
          const value = exit.kind === "yield" ? exit.values[k] : undefined;
          if (value !== undefined) map.set(result, look(value));
        });
        continue;
      }
    }
    const next = rebuild(op, by);
    const inner = op.kind === "if" || op.kind === "loop";
    if (inner || map.size > 0) {
      changed = true;
      ops.push(next);
    } else ops.push(op);
  }
  if (!changed && map.size === 0) return region;
  return { params: region.params, ops, exit: mapExit(region.exit, look) };
}
