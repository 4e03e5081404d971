/** A random program: the marked function, the functions beside it, its declarations, and arguments to run it with. */
import { randomNumbers } from "../support/random.js";
import { closureStatements } from "./closures.js";
import { containerStatements } from "./containers.js";
import { controlStatements } from "./control.js";
import { Picks, type ProgramChoices } from "./choices.js";
import { declarationsFor } from "./library.js";
import { listStatements } from "./lists.js";
import { numberFeatures } from "./numbers.js";
import { indented, Renderer, type StatementFeature, type Variable } from "./renderer.js";
import { scalarStatements } from "./scalars.js";
import { structureStatements } from "./structures.js";
import {
  floats,
  integer,
  list,
  number,
  numbers,
  optional,
  record,
  records,
  text,
  tuple,
  boolean,
  type Type,
} from "./types.js";

const statementFeatures: readonly StatementFeature[] = [
  ...scalarStatements,
  ...listStatements,
  ...structureStatements,
  ...controlStatements,
  ...closureStatements,
  ...containerStatements,
];
export { numberFeatures, statementFeatures };
export const featureNames: readonly string[] = [...numberFeatures, ...statementFeatures].map(({ name }) => name);

interface Parameter {
  readonly name: string;
  readonly type: Type;
  /** Written behind the name, where it is not the type's own spelling. */
  readonly spelled?: string;
  readonly fixed?: boolean;
  /** Stands behind all others, and may be left out. */
  readonly last?: boolean;
  readonly absent?: boolean;
}

const points = (length: number): Type => list(record("Point"), "Array", length);
const parameterForms: readonly Parameter[] = [
  { name: "y", type: number },
  { name: "a", type: floats },
  { name: "b", type: numbers },
  { name: "n", type: integer(3) },
  { name: "m", type: list(numbers, "Array", 2) },
  { name: "p", type: record("Point") },
  { name: "body", type: record("Body") },
  { name: "bodies", type: list(record("Body"), "Array", 3) },
  { name: "points", type: points(3) },
  { name: "model", type: record("Model") },
  { name: "level", type: text },
  { name: "settings", type: record("Settings") },
  { name: "pair", type: tuple(number, number) },
  { name: "path", type: list(tuple(number, number), "Array", 3) },
  { name: "flag", type: boolean },
  { name: "fixed", type: list(number, "ReadonlyArray", 4) },
  { name: "w", type: list(floats, "Array", 2) },
  { name: "order", type: list(integer(3), "Int32Array", 4), fixed: true },
  { name: "vec", type: record("Vec") },
  { name: "single", type: list(number, "Float32Array", 4) },
  { name: "data", type: floats, spelled: "Const<Float64Array>", fixed: true },
  { name: "gain", type: number, spelled: " = 0.75", last: true },
  { name: "shift", type: optional(number), spelled: "?: number", last: true },
  { name: "scale", type: number, spelled: " = x * 0.5", last: true, absent: true },
  { name: "extra", type: optional(record("Point")), spelled: "?: Point", last: true, absent: true },
];

export interface RandomProgram {
  readonly text: string;
  /** The same without macros, which run only when they are transformed. */
  readonly plain: string;
  readonly features: ReadonlySet<string>;
  readonly name: string;
  /** Makes the arguments anew; `classes` is the module. Each variant is another point. */
  readonly args: (variant: number, classes: Readonly<Record<string, unknown>>) => readonly unknown[];
  /** Positions that options of the macro make const; null: the marker asks for all modes. */
  readonly narrowed: readonly number[] | null;
  readonly result: Type | null;
}

const resultForms: readonly (Type | null)[] = [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  floats,
  record("Point"),
  tuple(number, number),
  null,
];

export function renderProgram(choices: ProgramChoices, modes: readonly string[]): RandomProgram {
  const form = new Picks(choices.form);
  const parameters = parametersOf(choices.parameters);
  const answersByWriting = parameters.some(
    ({ type, fixed }) => (type === floats || type === numbers) && fixed !== true,
  );
  const result = form.of(answersByWriting ? resultForms : resultForms.filter((one) => one !== null));
  const isScalar = result?.kind === "number";
  const narrowable = parameters.flatMap(({ fixed, type }, k) =>
    k > 0 && fixed !== true && type.kind !== "text" && type.kind !== "boolean" && type.kind !== "integer" ? [k] : [],
  );
  const narrowed =
    isScalar && narrowable.length > 0 && form.below(5) === 0 ? narrowable.filter(() => form.below(2) === 0) : null;

  const sharesRows = form.below(8) === 0;

  const r = new Renderer(numberFeatures, statementFeatures, [], result);
  const helpers = choices.helpers.map((statements, k) => helper(r, statements, k));
  const offered = r.scope.callables;
  r.scope = {
    ...r.scope,
    variables: parameters.map((one, k) => variableOf(one, narrowed?.includes(k) === true)),
    callables: offered,
  };
  const heads = parameters.map(({ name, type, spelled }) => {
    if (spelled === undefined) return `${name}: ${r.spell(type)}`;
    if (spelled.startsWith("Const")) r.use("Const");
    if (spelled.includes("Point")) r.use("Point");
    return /^[ ?]/.test(spelled) ? `${name}${spelled}` : `${name}: ${spelled}`;
  });
  const resultText = result === null ? "void" : r.spell(result);
  const body = indented([...firstLines(parameters, isScalar), ...r.statements(choices.body)]);
  const last = result === null ? [] : indented([r.returned(choices.result)]);

  const used = r.allUsed();
  const imports = ["enzyme", "Const", "int"].filter((name) => (name === "enzyme" ? narrowed !== null : used.has(name)));
  const macros = (narrowed === null ? [] : modes).map(
    (mode) => `export const narrowed_${mode} = enzyme(f, "${mode}", { const: [${(narrowed ?? []).join(", ")}] });`,
  );
  const source = [
    ...(imports.length === 0
      ? []
      : [
          `import { ${imports.map((name) => (name === "enzyme" ? name : `type ${name}`)).join(", ")} } from "enzyme-ts";\n`,
        ]),
    ...declarationsFor(r.used),
    ...helpers,
    ...(narrowed === null
      ? [`/** @enzyme ${(isScalar ? modes : modes.filter((mode) => !/gradient/i.test(mode))).join(" ")} */`]
      : []),
    `export function f(${heads.join(", ")}): ${resultText} {`,
    ...body,
    ...last,
    "}",
    "",
  ].join("\n");
  return {
    text: [source, ...macros, ""].join("\n"),
    plain: source,
    features: new Set([...r.features, ...parameters.map(({ name }) => `parameter ${name}`)]),
    name: narrowed === null ? "f" : "narrowed",
    args: (variant, classes) => {
      const random = randomNumbers(17 + variant);
      const values = parameters.map((one) => (one.absent === true ? undefined : argument(one.type, random, classes)));
      // Rows and objects may be there twice.
      const shared = values.find((value) => Array.isArray(value) && typeof value[0] === "object") as
        unknown[] | undefined;
      if (sharesRows && shared !== undefined) shared[1] = shared[0];
      return values;
    },
    narrowed,
    result,
  };
}

/** x first, then those that were drawn, then those that may be left out. */
function parametersOf(drawn: readonly number[]): readonly Parameter[] {
  const first: Parameter = { name: "x", type: number };
  const all = drawn.map((k) => parameterForms[k % parameterForms.length] ?? first);
  const chosen = parameterForms.filter((one) => all.includes(one));
  return [first, ...chosen.filter(({ last }) => last !== true), ...chosen.filter(({ last }) => last === true)];
}

const variableOf = ({ name, type, fixed }: Parameter, isConst: boolean): Variable => ({
  name,
  type,
  assignable: (type.kind === "number" || type.kind === "record") && fixed !== true && !isConst,
  writable: fixed !== true && !isConst && !(type.kind === "list" && type.container === "ReadonlyArray"),
});

/** Something for a function that answers through its arguments to write. */
function firstLines(parameters: readonly Parameter[], isScalar: boolean): readonly string[] {
  if (isScalar) return [];
  const written = parameters.find(({ type }) => type === floats || type === numbers);
  return written === undefined || written.fixed === true ? [] : [`${written.name}[1] += Math.sin(x);`];
}

/** A function beside the marked one, of random statements. */
function helper(r: Renderer, statements: ProgramChoices["body"], k: number): string {
  const name = `helper${k}`;
  const isRecursive = statements.length > 1 && k === 1;
  const parameters: readonly Type[] = isRecursive ? [number, integer(2), floats] : [number, numbers];
  const lines = r.within({ result: number, loops: [], variables: [], depth: 1 }, () => {
    r.declare("u", number, { assignable: true });
    if (isRecursive) r.declare("depth", integer(2));
    r.declare("r", isRecursive ? floats : numbers);
    const body = r.statements(statements);
    const value = r.atom({ pick: 0, more: statements[0]?.more ?? 0, parts: [] });
    if (!isRecursive) return indented([...body, `return ${value};`]);
    return indented([
      `if (depth <= 0) return Math.sin(u) + r[1];`,
      ...body,
      `return 0.5 * ${name}(Math.sin(${value}), depth - 1, r) + u;`,
    ]);
  });
  r.offer({ name, parameters, result: "number" });
  const depth = isRecursive ? `, depth: ${r.use("int")}` : "";
  return `function ${name}(u: number${depth}, r: ${isRecursive ? "Float64Array" : "number[]"}): number {\n${lines.join("\n")}\n}\n`;
}

function argument(type: Type, random: () => number, classes: Readonly<Record<string, unknown>>): unknown {
  const inner = (one: Type): unknown => argument(one, random, classes);
  switch (type.kind) {
    case "number":
      return Math.round((3 * random() - 1.5) * 1e4) / 1e4 + 1e-5;
    case "boolean":
      return random() < 0.5;
    case "text":
      return random() < 0.5 ? "low" : "mid";
    case "integer":
      return type.most;
    case "optional":
      return random() < 0.6 ? inner(type.of) : undefined;
    case "tuple":
      return type.elements.map(inner);
    case "record": {
      const { fields, constructed } = records[type.name];
      const values = fields.map((field) => [field.name, field.name === "label" ? "one" : inner(field.type)] as const);
      const made = classes[type.name];
      if (constructed === true && typeof made === "function") {
        return Reflect.construct(
          made,
          values.map(([, value]) => value),
        ) as unknown;
      }
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    }
    case "list": {
      const length = type.length ?? 3;
      const values = Array.from({ length }, (_, k) =>
        type.element.kind === "integer" ? (3 * k + 1) % 4 : inner(type.element),
      );
      if (type.container === "Float64Array") return Float64Array.from(values, Number);
      if (type.container === "Float32Array") return Float32Array.from(values, Number);
      return type.container === "Int32Array" ? Int32Array.from(values, Number) : values;
    }
  }
}
