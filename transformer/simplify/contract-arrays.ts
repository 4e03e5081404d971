import type { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import {
  numberType,
  type AccumulateOp,
  type IRFunction,
  type LoadOp,
  type Op,
  type Region,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { constantOp, countUses, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * Lets a variable stand for an array of derivatives of which every iteration uses one element and leaves it zero.
 *
 *   for i { accumulate da[i] d; t = load da[i]; store da[i] 0; ... t ... }   =>   for i { ... d ... }
 *
 * The array is made here, all zeros, and nobody else has it: its only uses are accesses to one element in one region,
 * of which the last stores zero. So the element is zero before each iteration. An element that may be beyond the end
 * stays, for there nothing is added.
 */
export function contractArrays(fn: IRFunction, _compilation: Compilation): IRFunction {
  if (fn.derivation === null) return fn;
  const contracted = findContracted(fn);
  if (contracted.size === 0) return fn;
  const substitution = new Substitution();
  const visit = (region: Region): Region => {
    const elements = new Map<Value, Value>();
    return rewriteRegion(region, substitution, (op, out) => {
      if (!isAccess(op) || !contracted.has(op.at.base)) out.push(withRegions(op, visit));
      else replace(op, elements, substitution, out);
    });
  };
  return withBody(fn, visit(fn.body));
}

type Access = LoadOp | StoreOp | AccumulateOp;

const isAccess = (op: Op): op is Access => op.kind === "load" || op.kind === "store" || op.kind === "accumulate";

/** `elements`: what the element of each array holds; nothing where it is zero. */
function replace(op: Access, elements: Map<Value, Value>, substitution: Substitution, out: Op[]): void {
  const { base } = op.at;
  const held = elements.get(base);
  switch (op.kind) {
    case "load": {
      const [result] = op.results;
      if (result === undefined) return;
      if (held !== undefined) substitution.replace(result, held);
      else out.push(constantOp(0, result));
      return;
    }
    case "store":
      elements.set(base, op.value);
      return;
    case "accumulate": {
      if (held === undefined) {
        elements.set(base, op.value);
        return;
      }
      const sum = makeValue(numberType, base.origin);
      out.push({ kind: "apply", results: [sum], primitive: "add", args: [held, op.value] });
      elements.set(base, sum);
      return;
    }
  }
}

function findContracted(fn: IRFunction): ReadonlySet<Value> {
  const made = new Set<Value>();
  const accesses = new Map<Value, { readonly region: Region; readonly ops: Access[] }>();
  const strays = new Set<Value>();
  const mayBeBeyond = new Set<Value>();
  const zeros = new Set<Value>();
  walk(fn.body, (op, region) => {
    const [result] = op.results;
    if (op.kind === "constant" && op.value === 0 && result !== undefined) zeros.add(result);
    if (op.kind === "apply" && op.primitive === "orZero") for (const arg of op.args) mayBeBeyond.add(arg);
    if (op.kind === "allocate" && op.initial.kind === "zeros" && result !== undefined && isOfAdjoints(result))
      made.add(result);
    if (!isAccess(op) || op.at.kind !== "element" || !made.has(op.at.base)) return;
    const { base, index } = op.at;
    const known = accesses.get(base);
    const [first] = known?.ops ?? [];
    if (known === undefined) accesses.set(base, { region, ops: [op] });
    else if (known.region !== region || first?.at.kind !== "element" || first.at.index !== index) strays.add(base);
    else known.ops.push(op);
  });
  if (accesses.size === 0) return new Set();
  const uses = countUses(fn);
  const found = new Set<Value>();
  for (const [array, { ops }] of accesses) {
    const last = ops.at(-1);
    if (strays.has(array) || uses.get(array) !== ops.length || last?.kind !== "store" || !zeros.has(last.value))
      continue;
    if (ops.every((op) => op.kind !== "load" || op.results.every((value) => !mayBeBeyond.has(value)))) found.add(array);
  }
  return found;
}

const isOfAdjoints = ({ type, origin }: Value): boolean =>
  origin.role === "adjoint" && type.kind === "array" && type.storage === "Float64Array";
