/** The declaration files of generated functions: what the users of a library that was built with them see. */
import path from "node:path";
import ts from "typescript";
import { afterEach, expect, test } from "vitest";
import { runCommand } from "../../transformer/surfaces/cli.js";
import { repository, temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

const library = `import { enzyme, type Const, type int } from "enzyme-ts";

/** A node of a tree, which no other file can name. */
interface Branch {
  length: number;
  readonly label: string;
  children: Branch[];
}
export interface Options {
  readonly rate: number;
  readonly verbose: boolean;
  bias?: number;
}
export class Vector {
  constructor(
    public x: number,
    public y: number,
  ) {}
  dot(other: Vector): number {
    return this.x * other.x + this.y * other.y;
  }
}

/**
 * The loss of a model.
 *
 * @enzyme gradient valueAndGradient reverse forwardWithPrimal vjp
 * @param w its weights
 */
export function loss(w: Float64Array, data: Const<readonly number[]>, options: Options, steps: int = 2): number {
  let sum = options.bias ?? 0;
  for (let k = 0; k < steps; k++) for (let i = 0; i < w.length; i++) sum += options.rate * (w[i]! - data[i]!) ** 2;
  return sum;
}

/** @enzyme gradient */
export function alignment(a: Vector, b: Vector): number {
  return a.dot(b) ** 2;
}

/** @enzyme gradient */
export function reach(tree: Branch, scale: number): number {
  let sum = tree.length * scale;
  for (const child of tree.children) sum += reach(child, scale);
  return sum;
}

/** @enzyme jacobian */
export const polar = (r: number, angle: number): [number, number] => [r * Math.cos(angle), r * Math.sin(angle)];

function hidden(x: number): number {
  return x ** 3;
}
export const slope = enzyme(hidden, "gradient");
export const curvature = enzyme(enzyme((x: number, y: number) => hidden(x) * y, "gradient", { wrt: [0] }), "gradient");
`;

const user = `import { Vector, alignment_gradient, curvature, loss_forwardWithPrimal, loss_gradient, loss_reverse } from "./lib.js";
import { loss_valueAndGradient, loss_vjp, polar_jacobian, reach_gradient, slope, type Options } from "./lib.js";

const w = new Float64Array(2);
const options: Options = { rate: 1, verbose: false };
const [dw, dOptions]: [Float64Array, { rate: number; bias?: number | undefined }] = loss_gradient(w, [1, 2], options);
const { value, gradient } = loss_valueAndGradient(w, [1, 2], options, 3);
const nothing: void = loss_reverse(w, dw, [1, 2], options, { rate: 0, bias: 0 }, 2, 0.5);
const { tangent }: { tangent: number } = loss_forwardWithPrimal(w, dw, [1, 2], options, { rate: 1 }, 3);
const pullback: (seed?: number) => [Float64Array, { rate: number; bias?: number | undefined }] = loss_vjp(w, [1], options).pullback;
const [da, db]: [{ x: number; y: number }, { x: number; y: number }] = alignment_gradient(new Vector(1, 2), new Vector(3, 4));
const [dTree, dScale] = reach_gradient({ length: 1, label: "", children: [] }, 2);
const lengths: number[] = dTree.children.map((child) => child.children[0]!.length);
// @ts-expect-error: text carries no derivative
dTree.label;
const [byRadius]: [[number, number], [number, number]] = polar_jacobian(1, 2);
const numbers: number[] = [slope(2), ...curvature(1, 2), ...byRadius, dScale, value, gradient[1].rate];
// @ts-expect-error: the rate is a number
loss_gradient(w, [1, 2], { rate: "fast", verbose: true });
void [dOptions, nothing, tangent, pullback, da, db, lengths, numbers];
`;

const strictest = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, types: [] };
const compilerOptions: ts.CompilerOptions = {
  ...strictest,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

/** What the compiler says, library files included. */
function compile(files: readonly string[], options: ts.CompilerOptions): readonly string[] {
  const program = ts.createProgram(files, { ...compilerOptions, ...options });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(
    ({ file, messageText }) =>
      `${path.basename(file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
  );
}

test("a library that is built from the output declares its derivatives, and its users need nothing else", async () => {
  const project = temporaryProject({
    "package.json": '{ "type": "module" }',
    "tsconfig.json": JSON.stringify({ compilerOptions: { ...strictest, target: "ES2022", module: "NodeNext" } }),
    "src/lib.ts": library,
    "app/user.ts": user,
  });
  projects.push(project);
  let said = "";
  const code = await runCommand(["src/lib.ts", "--out-dir", "generated"], {
    cwd: project.root,
    packageRoot: repository,
    stdout: () => undefined,
    stderr: (text) => (said += text),
    colour: false,
  });
  expect({ code, said: said.replace(/^.*(?:EZ3|help:|\n).*$/gm, "") }).toMatchObject({ code: 0 });
  const at = (file: string): string => path.join(project.root, file);
  expect(compile([at("generated/src/lib.ts")], { declaration: true, outDir: at("app") })).toEqual([]);
  const declared = project.read("app/lib.d.ts");
  // documentation leads from a derivative to its primal
  expect(declared).toContain("/** Gradient of {@link loss} with respect to w and options. */");
  expect(declared).toMatch(
    /export declare function loss_gradient\(w: Float64Array, data: Const<readonly number\[\]>, options: Options, steps\?: int\)/,
  );
  // what is of no concern to a user is not exported
  expect(declared).not.toMatch(/LossTape|loss_pullback/);
  expect(compile([at("app/user.ts")], { noEmit: true, skipLibCheck: false })).toEqual([]);
});
