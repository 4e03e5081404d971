/** Errors of a derivative where the function itself may go on. */
import type ts from "typescript";
import { pure } from "../ir/effects.js";
import type { Value } from "../ir/ir.js";
import { inner, originOf, outcome, type Cursor } from "./environment.js";
import { fork, gather, leaf, thrown } from "./flow.js";

/** What a derivative cannot follow ends there, whatever the function would do. */
export function throwWhere(cursor: Cursor, test: Value, message: string, node: ts.Node): void {
  const [then, otherwise] = [inner(cursor), inner(cursor)];
  const value: Value = { type: { kind: "opaque", text: "RangeError" }, origin: originOf(node) };
  then.block.append({
    kind: "opaque",
    results: [value],
    template: `new RangeError(${JSON.stringify(message)})`,
    operands: [],
    effects: pure,
  });
  gather(fork(cursor, test, thrown(then, value), leaf(otherwise, outcome("followed"))), []);
}
