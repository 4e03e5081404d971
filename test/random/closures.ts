/** Functions made inside: closures over variables that change, inner recursion, functions given back. */
import type { Statement } from "./choices.js";
import { indented, type Renderer, type StatementFeature } from "./renderer.js";
import { integer, number, type Type } from "./types.js";

type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });
const isNumber = ({ kind }: Type): boolean => kind === "number";
const result: Type = { kind: "number" };

export const closureStatements: readonly StatementFeature[] = [
  feature("arrow functions", 3, (r, one) => {
    const g = r.fresh("g");
    const u = r.fresh("u");
    const text = r.within({ result, loops: [] }, () => {
      r.declare(u, number, { assignable: true });
      return r.number(r.value(one, 0));
    });
    r.offer({ name: g, parameters: [number], result: "number" });
    return [`const ${g} = (${u}: number): number => ${text};`];
  }),
  feature("inner functions with statements", 3, (r, one) => {
    if (r.scope.depth > 2) return null;
    const g = r.fresh("g");
    const [u, v] = [r.fresh("u"), r.fresh("u")];
    const isArrow = one.more % 2 === 0;
    const lines = r.within({ result, loops: [], depth: 2 }, () => {
      r.declare(u, number, { assignable: true });
      r.declare(v, number, { assignable: true });
      return indented([...r.statements(one.blocks[0] ?? []), `return ${r.number(r.value(one, 0))};`]);
    });
    r.offer({ name: g, parameters: [number, number], result: "number" });
    const head = isArrow
      ? `const ${g} = (${u}: number, ${v} = 0.5): number => {`
      : `function ${g}(${u}: number, ${v}: number): number {`;
    return [head, ...lines, isArrow ? "};" : "}"];
  }),
  feature("closures that change what they capture", 3, (r, one) => {
    if (r.scope.depth > 2) return null;
    const g = r.fresh("g");
    const u = r.fresh("u");
    const target = r.place(isNumber, one.more, ({ assignable }) => assignable);
    const lines = r.within({ result: null, loops: [], depth: 2 }, () => {
      r.declare(u, number);
      return indented([
        ...(target === null ? [] : [`${target.written} += 0.25 * ${r.kept(r.value(one, 0))};`]),
        ...r.statements(one.blocks[0] ?? []),
      ]);
    });
    r.offer({ name: g, parameters: [number], result: null });
    return [`const ${g} = (${u}: number): void => {`, ...lines, "};"];
  }),
  feature("calls of closures", 5, (r, one) => {
    const { callables } = r.scope;
    if (callables.length === 0) return null;
    const { name, parameters, result: kind } = r.picks(one).of([...callables].reverse());
    const call = `${name}(${r.arguments(parameters, r.value(one, 0)).join(", ")})`;
    if (kind === null) return [`${call};`];
    const variable = r.declare(r.fresh("v"), number, { assignable: true });
    return [`let ${variable} = Math.sin(${call});`];
  }),
  feature("inner recursion", 1, (r, one) => {
    const walk = r.fresh("walk");
    const [k, u] = [r.fresh("k"), r.fresh("u")];
    const [base, step] = r.within({ result, loops: [], callables: [], variables: [] }, () => {
      r.declare(u, number);
      return [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    });
    r.offer({ name: walk, parameters: [integer(3), number], result: "number" });
    return [
      `function ${walk}(${k}: number, ${u}: number): number {`,
      `  if (${k} <= 0) return ${base};`,
      `  return Math.sin(${walk}(${k} - 1, 0.75 * ${u})) + 0.25 * ${step};`,
      "}",
    ];
  }),
  feature("functions given back", 1.5, (r, one) => {
    const g = r.fresh("g");
    const a = r.kept(r.value(one, 0));
    r.offer({ name: g, parameters: [number], result: "number" });
    if (one.pick % 2 === 0) return [`const ${g} = ${r.use("line")}(${a});`];
    const [k, t] = [r.fresh("k"), r.fresh("t")];
    return [`const ${g} = ((${k}: number) => (${t}: number): number => ${k} * ${t} + 0.25)(${a});`];
  }),
  feature("counters that closures keep", 1, (r, one) => {
    const [next, seen] = [r.fresh("next"), r.fresh("seen")];
    const a = r.kept(r.value(one, 0));
    r.declare(seen, number);
    r.offer({ name: next, parameters: [], result: "number" });
    return [
      `let ${seen} = ${a};`,
      `const ${next} = (): number => {`,
      `  ${seen} = Math.sin(${seen} * 1.5 + 0.25);`,
      `  return ${seen};`,
      "};",
    ];
  }),
];
