import { readFileSync } from "node:fs";
import { it } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { Derivatives } from "../../transformer/differentiate/derivatives.js";
import { differentiateReverse } from "../../transformer/differentiate/reverse.js";
import { parseFunctions } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { simplify } from "../../transformer/simplify/simplify.js";
import { emitFunction } from "../../transformer/emit/typescript/emit-function.js";

it("prints", () => {
  const fns = parseFunctions(readFileSync(process.env["IRFILE"] ?? "/tmp/simplify/a.ir", "utf8"));
  const c = new Compilation({ checks: true });
  for (const [n, f] of fns) c.functions.set(n, f);
  for (const f of fns.values()) {
    const primal = simplify(f, c);
    c.functions.set(f.name, primal);
    const d = differentiateReverse(primal, primal.results.length ? "gradient" : "reverse", primal.name + "_gradient", c, new Derivatives(() => false));
    const fn = simplify(removeDead(d.fn, c), c);
    if (process.env["SHOWIR"]) console.log(print(fn));
    const emit = (f: typeof fn): string => emitFunction(f, { exported: true, reservedNames: new Set(), uncheckedIndexedAccess: false, language: "typescript", doc: null }).text;
    console.log(emit(primal)); console.log(emit(fn));
  }
});
