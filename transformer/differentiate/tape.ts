/**
 * The tape of one call: a record of what its forward sweep keeps for its reverse pass. Where the function ends with
 * an `if`, each branch makes its own, so that a branch which keeps little is as short as it reads:
 *
 *   r, k = if test { yield 1 0 } else { ...; yield p q }; t = parts test k; return r t
 *     =>   r, t = if test { t1 = parts test 0; yield 1 t1 } else { ...; t2 = parts test q; yield p t2 }; return r t
 */
import { makeValue } from "../ir/build.js";
import type { Op, Origin, RecordType, Region, Type, Value } from "../ir/ir.js";

/** The type of a tape: a field for each residual, named in order. */
export function tapeType(
  name: string,
  residuals: readonly { readonly stem: string; readonly type: Type }[],
): RecordType {
  const taken = new Set<string>();
  const fields = residuals.map(({ stem, type }) => {
    let free = stem;
    for (let count = 2; taken.has(free); count++) free = `${stem}${count}`;
    taken.add(free);
    return { name: free, type };
  });
  return { kind: "record", name, fields, isTape: true };
}

export const tapeOrigin: Origin = { span: null, variable: { name: "tape" }, role: "primal" };

/** The operations with the making of the tape behind them, or in the branches that they end with. */
export function makeTape(
  ops: readonly Op[],
  parts: readonly Value[],
  type: RecordType,
): { readonly ops: readonly Op[]; readonly tape: Value } {
  const tape = makeValue(type, tapeOrigin);
  const last = ops.at(-1);
  if (last?.kind !== "if" || last.then.exit.kind === "throw" || last.else.exit.kind === "throw") {
    return { ops: [...ops, { kind: "allocate", results: [tape], initial: { kind: "parts", parts } }], tape };
  }
  const { results } = last;
  const inBranch = (region: Region): Region => {
    if (region.exit.kind !== "yield") return region;
    const { values } = region.exit;
    const made = makeTape(
      region.ops,
      parts.map((part) => values[results.indexOf(part)] ?? part),
      type,
    );
    return { ...region, ops: made.ops, exit: { kind: "yield", values: [...values, made.tape] } };
  };
  const [then, otherwise] = [inBranch(last.then), inBranch(last.else)];
  return { ops: [...ops.slice(0, -1), { ...last, results: [...results, tape], then, else: otherwise }], tape };
}
