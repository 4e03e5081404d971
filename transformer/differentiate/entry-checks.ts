/**
 * What a derivative checks before it starts, where a silent wrong answer would follow otherwise: an
 * array or object that the primal writes is no other argument, and a shadow has the length of its array.
 */
import type { Aliases } from "../analyze/aliases.js";
import { isAssignable } from "../ir/assignable.js";
import { type Block } from "../ir/build.js";
import { booleanType, inventedOrigin, type Parameter, type Type, type Value } from "../ir/ir.js";

/** Throws where an array or object that is written, or what it holds, is another argument too, or a view of its memory. */
export function checkDistinct(block: Block, name: string, params: readonly Parameter[], aliases: Aliases): void {
  const containers = params.filter(({ value }) => isContainer(value.type));
  const checked = new Set<string>();
  for (const written of containers) {
    if (![...aliases.reachedFrom(written.value)].some((memory) => memory.written)) continue;
    for (const other of containers) {
      const pair = [written.name, other.name].sort().join(" ");
      if (other === written || checked.has(pair) || !mayShare(written.value.type, other.value.type)) continue;
      checked.add(pair);
      const haveBuffers = [written, other].every(({ value: { type } }) => type.kind === "array" && !isPlainArray(type));
      const same = haveBuffers ? "$0.buffer === $1.buffer" : "$0 === $1";
      throwIf(
        block,
        same,
        [written.value, other.value],
        `${name}: ${written.name} and ${other.name} must not share memory`,
      );
    }
  }
}

/** Throws where a shadow that was handed in is shorter or longer than its array. */
export function checkShadow(block: Block, name: string, param: Parameter, shadow: Value): void {
  if (param.value.type.kind !== "array") return;
  throwIf(
    block,
    "$0.length !== $1.length",
    [shadow, param.value],
    `${name}: the shadow of ${param.name} must have its length`,
  );
}

/** Throws where arrays or objects that are written, one for each direction, share memory. */
export function checkApart(block: Block, name: string, of: string, lanes: readonly Value[]): void {
  const isBuffer = lanes.every(({ type }) => type.kind === "array" && !isPlainArray(type));
  const memory = lanes.map((_, k) => (isBuffer ? `$${k}.buffer` : `$${k}`));
  const test = `new Set([${memory.join(", ")}]).size < ${lanes.length}`;
  throwIf(block, test, lanes, `${name}: the directions of ${of} must not share memory`);
}

function throwIf(block: Block, test: string, operands: readonly Value[], message: string): void {
  const condition: Value = { type: booleanType, origin: inventedOrigin };
  block.append({
    kind: "opaque",
    results: [condition],
    template: test,
    operands,
    effects: { reads: false, writes: false, observable: false },
  });
  const thrown = block.inner();
  const error: Value = { type: { kind: "opaque", text: "Error" }, origin: inventedOrigin };
  const effects = { reads: false, writes: false, observable: false };
  thrown.append({
    kind: "opaque",
    results: [error],
    template: `new Error(${JSON.stringify(message)})`,
    operands: [],
    effects,
  });
  block.if(condition, thrown.region([], { kind: "throw", value: error }), block.inner().yield([], []), []);
}

const isPlainArray = (type: Type): boolean => type.kind === "array" && type.storage === "Array";

const isContainer = ({ kind }: Type): boolean => kind === "array" || kind === "tuple" || kind === "record";

/** Could two arrays of these types be one, or two views of one buffer, or two objects one? */
function mayShare(a: Type, b: Type): boolean {
  if (a.kind === "record" && b.kind === "record") return isAssignable(a, b, false) || isAssignable(b, a, false);
  if (a.kind === "tuple" && b.kind === "tuple") return isAssignable(a, b, false);
  if (a.kind !== "array" || b.kind !== "array") return false;
  const [first, second] = [a.storage, b.storage];
  if (first === "ArrayLike" || second === "ArrayLike") return true;
  return (first === "Array") === (second === "Array") && (first !== "Array" || a.element.kind === b.element.kind);
}
