import type ts from "typescript";
import type { SourceSpan } from "./diagnostics/diagnostic.js";

/** What is generated for a primal: see the table of modes in the README. */
export const modes = [
  "gradient",
  "valueAndGradient",
  "reverse",
  "reverseWithPrimal",
  "forward",
  "forwardWithPrimal",
  "vjp",
  "jacobian",
  "hessian",
  "hvp",
] as const;
export type RequestMode = (typeof modes)[number];

export function isMode(word: string): word is RequestMode {
  return modes.some((mode) => mode === word);
}

/** The modes that can go along several directions at once. */
export const hasWidth = (mode: RequestMode): boolean =>
  mode === "forward" || mode === "forwardWithPrimal" || mode === "hvp" || mode === "vjp";

/** The modes that can answer with a sparse matrix. */
export const canBeSparse = (mode: RequestMode): boolean => mode === "jacobian" || mode === "hessian";

/** How many directions there are at most: more are slower than several sweeps. */
export const mostWidth = 32;

/** A function that a derivative is asked of. */
export interface Primal {
  readonly node: ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;
  readonly sourceFile: ts.SourceFile;
  /** Its name in its file; for a static method its name alone. */
  readonly name: string;
  /** Where the name stands: what diagnostics about the whole function point to. */
  readonly nameSpan: SourceSpan;
  /** Is its declaration exported from its file? Then so is its derivative. */
  readonly exported: boolean;
  /** What it uses of the functions around it, in the order of its uses: const parameters of its derivative. */
  readonly captures: readonly Capture[];
}

/** A variable or a function of an enclosing function. */
export type Capture =
  | { readonly kind: "value"; readonly symbol: ts.Symbol; readonly name: string }
  | {
      readonly kind: "function";
      readonly symbol: ts.Symbol;
      readonly name: string;
      readonly node: ts.FunctionLikeDeclaration;
    }
  /** A const that holds what the macro answers. */
  | { readonly kind: "derivative"; readonly symbol: ts.Symbol; readonly name: string; readonly macro: ts.Expression };

/** Who asks. */
export type RequestOrigin =
  | { readonly kind: "annotation"; readonly span: SourceSpan }
  | { readonly kind: "macro"; readonly call: ts.CallExpression; readonly span: SourceSpan };

/** One differentiation. */
export interface Step {
  readonly mode: RequestMode;
  /** Positions of the parameters that are differentiated (as far as their types carry a derivative); null: all. */
  readonly wrt: readonly number[] | null;
  /** How many directions, or seeds, at once; null: one, as it is. */
  readonly width: number | null;
  /** Of a Jacobian or a Hessian: in compressed rows. */
  readonly sparse?: true;
}

/** One derivative that is asked for, however many markers and macros ask for it. */
export interface DerivativeRequest extends Step {
  readonly primal: Primal;
  /** What the primal is differentiated by first, in this order: `enzyme(enzyme(f, "gradient"), "forward")`. */
  readonly inner: readonly Step[];
  /** The name of the generated function: `loss_gradient`, `loss_gradient_wrt_0`. */
  readonly name: string;
  /**
   * The file that the derivative is appended to: the primal's, where that is among the outputs, and otherwise the one
   * that asks.
   */
  readonly standsIn: ts.SourceFile;
  /** Does the generated function get an `export`? */
  readonly exported: boolean;
  readonly origins: readonly RequestOrigin[];
}

/** An answer: the text of one function (or of a function and those that it needs), to be appended to a file. */
export interface GeneratedFunction {
  readonly request: DerivativeRequest;
  /** The file it is appended to. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
  /** Names that the text needs and the file may not have: imported where they are not. */
  readonly imports: readonly GeneratedImport[];
  /** Its parameters that take what the primal captures, by position. */
  readonly captured: readonly { readonly position: number; readonly name: string }[];
}

export interface GeneratedImport {
  readonly module: string;
  readonly name: string;
  /** How the text calls it. */
  readonly local: string;
}

/** The road from requests to texts: `deriveFunctions` in pipeline.ts, or another one in tests. */
export type DeriveFunctions<Run> = (
  requests: readonly DerivativeRequest[],
  program: ts.Program,
  compilation: Run,
  outputs?: ReadonlySet<ts.SourceFile>,
) => readonly GeneratedFunction[];
