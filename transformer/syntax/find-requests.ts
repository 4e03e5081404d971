import path from "node:path";
import ts from "typescript";
import type { Compilation } from "../compilation.js";
import type { DerivativeRequest, Primal, RequestMode, RequestOrigin, Step } from "../derivative-request.js";
import { findAnnotations } from "./find-annotations.js";
import { createImplementations } from "./implementations.js";
import { isCommonJs } from "./javascript.js";
import { findMacros, macroNames, type MacroCall } from "./find-macros.js";

/** What a program asks for. */
export interface Requests {
  readonly requests: readonly DerivativeRequest[];
  /** Which request answers which call of the macro. */
  readonly byCall: ReadonlyMap<ts.CallExpression, DerivativeRequest>;
}

/** One derivative in the making: who asks for it so far. */
interface Wanted extends Step {
  readonly primal: Primal;
  readonly inner: readonly Step[];
  readonly standsIn: ts.SourceFile;
  readonly origins: RequestOrigin[];
}

/**
 * Everything that the markers and macros of these files ask for, each derivative once. A bare marker asks for the
 * gradient (or, where the result is no number, for `reverse`) unless a macro names the function.
 */
export function findRequests(
  sourceFiles: readonly ts.SourceFile[],
  program: ts.Program,
  compilation: Compilation,
): Requests {
  const wanted = new Map<string, Wanted>();
  const calls = new Map<ts.CallExpression, string>();
  const primals = new Map<ts.Node, number>();

  const outputs = new Set(sourceFiles);
  const want = (primal: Primal, inner: readonly Step[], step: Step, origin: RequestOrigin): string => {
    const number = primals.get(primal.node) ?? primals.size;
    primals.set(primal.node, number);
    const isAway = origin.kind === "macro" && !outputs.has(primal.sourceFile);
    const standsIn = isAway ? origin.call.getSourceFile() : primal.sourceFile;
    const { mode, wrt, width, sparse } = step;
    const asked: Step = { mode, wrt, width, ...(sparse === true ? { sparse } : {}) };
    const steps = [...inner, asked].map(
      (one) => `${one.mode} ${one.wrt?.join(",") ?? "all"} ${one.width ?? ""} ${one.sparse === true ? "sparse" : ""}`,
    );
    const key = `${number} ${steps.join(" ")} ${standsIn.fileName}`;
    const known = wanted.get(key);
    if (known === undefined) wanted.set(key, { primal, inner, ...asked, standsIn, origins: [origin] });
    else known.origins.push(origin);
    return key;
  };

  const names = macroNames(sourceFiles);
  const implementations = createImplementations(program, compilation.options.packageSources);
  const macros = sourceFiles.flatMap((sourceFile) =>
    findMacros(sourceFile, names, program, compilation, implementations),
  );
  const named = new Set(macros.map((macro) => macro.primal.node));
  for (const sourceFile of sourceFiles) {
    for (const { primal, modes, span } of findAnnotations(sourceFile, program, compilation)) {
      const origin: RequestOrigin = { kind: "annotation", span };
      if (modes.length > 0) {
        for (const mode of modes) want(primal, [], { mode, wrt: null, width: null }, origin);
        continue;
      }
      // Where macros ask for the same, its name is the one that the marker promises.
      const usual = defaultMode(primal, program);
      const asks = (macro: MacroCall): boolean =>
        macro.primal.node === primal.node &&
        macro.mode === usual &&
        macro.wrt === null &&
        macro.width === null &&
        macro.inner.length === 0;
      if (!named.has(primal.node) || macros.some(asks))
        want(primal, [], { mode: usual, wrt: null, width: null }, origin);
    }
  }
  for (const macro of macros) {
    const { call, primal, inner, span } = macro;
    calls.set(call, want(primal, inner, macro, { kind: "macro", call, span }));
  }

  const requests = new Map<string, DerivativeRequest>();
  const taken = new Map<ts.SourceFile, Set<string>>();
  for (const [key, one] of wanted) {
    const name = settleName(one, taken, compilation);
    const exported = one.standsIn === one.primal.sourceFile && isSeenOutside(one.primal, one.origins);
    requests.set(key, { ...one, name, exported });
  }

  const byCall = new Map<ts.CallExpression, DerivativeRequest>();
  for (const [call, key] of calls) {
    const request = requests.get(key);
    if (request !== undefined) byCall.set(call, request);
  }
  return { requests: [...requests.values()], byCall };
}

/** The bare marker: the gradient of a number, `reverse` of anything else. */
function defaultMode(primal: Primal, program: ts.Program): RequestMode {
  const checker = program.getTypeChecker();
  const signature = checker.getSignatureFromDeclaration(primal.node);
  if (signature === undefined) return "gradient";
  const result = checker.getReturnTypeOfSignature(signature);
  // An unknown type is the frontend's to report.
  const scalar = ts.TypeFlags.NumberLike | ts.TypeFlags.Any;
  const members = result.isUnion() ? result.types : result.isIntersection() ? result.types.slice(0, 1) : [result];
  return members.every((member) => (member.flags & scalar) !== 0) ? "gradient" : "reverse";
}

/**
 * Exported where the primal is, where a macro of another file needs it, and where nothing but a marker asks for it:
 * nobody could reach it otherwise. A script has no exports.
 */
function isSeenOutside(primal: Primal, origins: readonly RequestOrigin[]): boolean {
  if (!ts.isExternalModule(primal.sourceFile) && !isCommonJs(primal.sourceFile)) return false;
  if (primal.exported) return true;
  return origins.every((origin) => origin.kind === "annotation" || origin.call.getSourceFile() !== primal.sourceFile);
}

/**
 * `loss_gradient`, `loss_gradient_wrt_0`, `loss_gradient_forward`, `Layout_energy_reverse`. A name that only macros know gives way to one that
 * the user has taken; a marker's name is known to callers, and a clash is an error.
 */
function settleName(wanted: Wanted, taken: Map<ts.SourceFile, Set<string>>, compilation: Compilation): string {
  const { primal, inner, standsIn, origins } = wanted;
  const steps = [...inner, wanted].map(
    (one) =>
      (one.sparse === true ? "sparse_" : "") +
      one.mode +
      (one.wrt === null ? "" : `_wrt_${one.wrt.join("_")}`) +
      (one.width === null ? "" : `_width_${one.width}`),
  );
  const base = [primal.name.replaceAll(".", "_"), ...steps].join("_");
  const here = taken.get(standsIn) ?? new Set<string>();
  taken.set(standsIn, here);
  const marked = origins.find((origin) => origin.kind === "annotation");
  if (marked !== undefined) {
    if (here.has(base) || declaresAtTop(primal.sourceFile, base)) {
      compilation.report("EZ1018", marked.span, { name: base, file: path.posix.basename(primal.sourceFile.fileName) });
    }
    here.add(base);
    return base;
  }
  const files = new Set([standsIn]);
  for (const origin of origins) if (origin.kind === "macro") files.add(origin.call.getSourceFile());
  for (let suffix = 0; ; suffix++) {
    const name = suffix === 0 ? base : `${base}_${suffix}`;
    if (!here.has(name) && ![...files].some((file) => mentions(file.text, name))) {
      here.add(name);
      return name;
    }
  }
}

/** Does an identifier of this name occur in the text (or in a comment: that is close enough)? */
export function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isNamePart(text[at - 1]) && !isNamePart(text[at + name.length])) return true;
  }
  return false;
}

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\p{ID_Continue}$\u200c\u200d]/u.test(character);
}

function declaresAtTop(sourceFile: ts.SourceFile, name: string): boolean {
  if (!mentions(sourceFile.text, name)) return false;
  return sourceFile.statements.some((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.some((declaration) => bindsName(declaration.name, name));
    }
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      if (clause?.name?.text === name) return true;
      const bindings = clause?.namedBindings;
      if (bindings === undefined) return false;
      if (ts.isNamespaceImport(bindings)) return bindings.name.text === name;
      return bindings.elements.some((element) => element.name.text === name);
    }
    return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name;
  });
}

function bindsName(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) => ts.isBindingElement(element) && bindsName(element.name, name));
}
