import type { Compilation } from "../../transformer/compilation.js";
import type { DeriveFunctions } from "../../transformer/derivative-request.js";

/**
 * Stands in for the engine where a surface is tested alone: a function of the right name and parameters that returns
 * a number. A primal whose name holds "bad" is refused; one whose name holds "tape" imports.
 */
export const fakeDerive: DeriveFunctions<Compilation> = (requests, _program, compilation) =>
  requests.flatMap((request) => {
    const { primal, name, exported } = request;
    if (primal.name.includes("bad")) {
      compilation.report("EZ2001", primal.nameSpan, { what: "a bad function", advice: "write a good one" });
      return [];
    }
    const parameters = primal.node.parameters.map((parameter) => parameter.getText()).join(", ");
    const taped = primal.name.includes("tape");
    const result = taped ? "grow(new Float64Array(1), 2).length" : "42";
    const text = `${exported ? "export " : ""}function ${name}(${parameters}): number {\n  return ${result};\n}`;
    const imports = taped ? [{ module: "enzyme-ts/tape", name: "grow", local: "grow" }] : [];
    return [{ request, file: request.standsIn.fileName, name, text, imports, captured: [] }];
  });
