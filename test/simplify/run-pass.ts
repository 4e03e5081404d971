import { Compilation } from "../../transformer/compilation.js";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { parseFunctions } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { verify } from "../../transformer/ir/verify.js";
import type { Pass } from "../../transformer/simplify/simplify.js";

/** Runs passes on the last function of a text (the others are its callees), and prints what becomes of it. */
export function run(text: string, ...passes: readonly Pass[]): string {
  const compilation = new Compilation({ checks: true });
  let fn: IRFunction | null = null;
  for (const [name, one] of parseFunctions(text)) {
    verify(one, "parse");
    compilation.functions.set(name, one);
    fn = one;
  }
  if (fn === null) throw new Error("no function");
  const before = print(fn);
  let after = fn;
  for (const pass of passes) {
    after = pass(after, compilation);
    verify(after, pass.name, compilation.functions);
  }
  if (print(fn) !== before) throw new Error("the input was changed");
  if (after === fn) return "unchanged";
  return `\n${print(after)}`;
}
