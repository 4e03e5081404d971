/**
 * From requests to generated text; the road of one of them:
 *
 *   lower -> simplify -> derive (analyze, both sweeps, remove what nobody needs, simplify) -> lay out -> emit
 */
import type ts from "typescript";
import { analyzeAliases } from "./analyze/aliases.js";
import type { Compilation } from "./compilation.js";
import type { DerivativeRequest, GeneratedFunction } from "./derivative-request.js";
import { derive } from "./derive/derive.js";
import { nestedParts } from "./derive/nested.js";
import { makeSeen, refuseWrittenDetached } from "./derive/prepare-primal.js";
import { show, simplifyPrimal, laidOut } from "./derive/stages.js";
import { refuseWrittenModuleValues } from "./derive/written-module-values.js";
import { firstLine } from "./diagnostics/diagnostic.js";
import { mayOverwriteArgument } from "./differentiate/calls.js";
import type { Derived } from "./differentiate/derivative.js";
import type { NamesOfFile } from "./differentiate/derivatives.js";
import type { Source } from "./differentiate/explain-memory.js";
import { Refusal } from "./differentiate/refusal.js";
import { emitDerivative, capturedIn } from "./emit-derivative.js";
import { lowerFunction } from "./frontend/lower-function.js";
import { reportUnusedRules } from "./frontend/own-rules.js";
import { createLoweringSession, type CalledDerivative, type LoweringSession } from "./frontend/session.js";
import { freeKey, nameOfKey } from "./ir/function-keys.js";
import type { IRFunction, Value } from "./ir/ir.js";
import { inlineCallsWhere } from "./simplify/inline-calls.js";
import { mentions } from "./syntax/find-requests.js";
import { memoryOf } from "./syntax/memory-marker.js";
import { blameTypeErrors } from "./syntax/type-errors.js";
import { visibleNames } from "./syntax/visible-names.js";

/** Answers every request that can be answered; what stands in the way of the others is reported. */
export function deriveFunctions(
  requests: readonly DerivativeRequest[],
  program: ts.Program,
  compilation: Compilation,
  outputs: ReadonlySet<ts.SourceFile> = new Set(),
): readonly GeneratedFunction[] {
  const called = new Map<DerivativeRequest, CalledDerivative | null>();
  const byMacro = new Map<ts.CallExpression, DerivativeRequest>();
  for (const request of requests) {
    for (const origin of request.origins) if (origin.kind === "macro") byMacro.set(origin.call, request);
  }
  const session = createLoweringSession(program, compilation, {
    isMacro: (node) => byMacro.has(node),
    derivativeOf: (macro, outputFile) => {
      const request = byMacro.get(macro);
      return request === undefined ? null : derivativeToCall(request, outputFile);
    },
  });
  const primals = new Map<string, IRFunction | null>();
  const source = sourceOf(program);
  const originals = new Map<string, IRFunction>();
  const copied = new Map<ts.SourceFile, Map<string, string>>();
  const reserved = new Map<ts.SourceFile, Set<string>>();
  const namesIn = (file: ts.SourceFile): Set<string> => {
    const known = reserved.get(file);
    if (known !== undefined) return known;
    const names = new Set(visibleNames(file));
    for (const request of requests) if (request.standsIn === file) names.add(request.name);
    reserved.set(file, names);
    return names;
  };
  const copiesIn = (file: ts.SourceFile): Map<string, string> => {
    const copies = copied.get(file) ?? new Map<string, string>();
    copied.set(file, copies);
    return copies;
  };
  const primalOf = (request: DerivativeRequest): IRFunction | null => {
    const { primal: at, standsIn } = request;
    const place = `${at.sourceFile.fileName} ${at.node.pos} ${standsIn.fileName}`;
    if (!primals.has(place)) primals.set(place, lowerPrimal(request, session, source, compilation));
    return primals.get(place) ?? null;
  };
  const answers = new Map<DerivativeRequest, Derived | null>();
  const answer = (request: DerivativeRequest, primal: IRFunction): Derived | null => {
    const known = answers.get(request);
    if (known !== undefined) return known;
    const { standsIn } = request;
    const names = namesIn(standsIn);
    const taken: NamesOfFile = {
      has: (name) => names.has(name) || mentions(standsIn.text, name),
      add: (name) => names.add(name),
    };
    const derived = derive(primal, request, compilation, { originals, source, names: taken });
    answers.set(request, derived);
    return derived;
  };

  /** The derivative as a function that another primal calls. */
  const derivativeToCall = (request: DerivativeRequest, outputFile: ts.SourceFile): CalledDerivative | null => {
    const known = called.get(request);
    if (known !== undefined) return known;
    called.set(request, null);
    const primal = primalOf(request);
    const derived = primal === null ? null : answer(request, primal);
    if (primal === null || derived === null) return null;
    const { main, pullback: pass } = nestedParts(derived, primal, compilation);
    const isTaken = (key: string): boolean => compilation.functions.has(key);
    const fn = { ...main, name: freeKey(main.name, isTaken) };
    const pullback = pass === null ? null : { ...pass, name: freeKey(`${main.name}_pullback`, isTaken) };
    for (const one of pullback === null ? [fn] : [fn, pullback]) compilation.functions.set(one.name, one);
    // Beside the caller it is called by its name, and so are its helpers; what the user gets of a pullback is put together.
    const copies = copiesIn(request.standsIn);
    const beside = pullback === null ? [fn, ...derived.helpers] : derived.helpers;
    if (request.standsIn === outputFile) for (const { name } of beside) copies.set(name, nameOfKey(name));
    const symbols = request.primal.captures.filter(({ kind }) => kind === "value").map(({ symbol }) => symbol);
    const captured = new Map<number, ts.Symbol>();
    capturedIn(fn, primal, request.primal).forEach(({ position }, k) => {
      const symbol = symbols[k];
      if (symbol !== undefined) captured.set(position, symbol);
    });
    const made = { fn, captured, pullback };
    called.set(request, made);
    return made;
  };

  const generated = requests.flatMap((request): readonly GeneratedFunction[] => {
    try {
      const primal = primalOf(request);
      const derived = primal === null ? null : answer(request, primal);
      if (primal === null || derived === null) return [];
      const { standsIn } = request;
      return [
        emitDerivative(laidOut(derived, compilation), primal, request, namesIn(standsIn), copiesIn(standsIn), session),
      ];
    } catch (fault) {
      if (fault instanceof Refusal) {
        compilation.report(fault.code, fault.span ?? request.primal.nameSpan, fault.details);
        return [];
      }
      const text = firstLine(fault);
      compilation.report("EZ9001", request.primal.nameSpan, { name: request.primal.name, text });
      return [];
    }
  });
  blameTypeErrors(session.examined, program, compilation);
  if (!compilation.hasErrors) reportUnusedRules(session, outputs);
  return generated;
}

/** The primal as IR, simplified: once for all its derivatives. */
function lowerPrimal(
  request: DerivativeRequest,
  session: LoweringSession,
  source: Source,
  compilation: Compilation,
): IRFunction | null {
  const { node, name, captures } = request.primal;
  const bare = lowerFunction(node, name, session, { outputFile: request.standsIn, captures });
  if (bare === null) return null;
  const memory = memoryOf(node);
  const lowered = memory === null ? bare : { ...bare, memory };
  show("lower", lowered, compilation);
  const isOfModule = (value: Value): boolean => session.moduleValues.has(value) && !session.madeAtLoad.has(value);
  refuseWrittenModuleValues(lowered, isOfModule, source.textOf, compilation);
  const simplified = simplifyPrimal(lowered, compilation);
  const aliases = analyzeAliases(simplified, compilation);
  const inlined = inlineCallsWhere(simplified, compilation, (op) => mayOverwriteArgument(op, aliases));
  const primal = inlined === simplified ? simplified : simplifyPrimal(inlined, compilation);
  refuseWrittenDetached(primal, compilation, false);
  return show("primal", makeSeen(primal, compilation), compilation);
}

/** The user's text, for `--explain`. */
function sourceOf(program: ts.Program): Source {
  const fileOf = (name: string): ts.SourceFile => {
    const file = program.getSourceFile(name);
    if (file === undefined) throw new Error(`the program has no file ${name}`);
    return file;
  };
  return {
    lineOf: ({ file, start }) => fileOf(file).getLineAndCharacterOfPosition(start).line + 1,
    textOf: ({ file, start, end }) => fileOf(file).text.slice(start, end),
    nameOf: (file) => {
      const folder = `${program.getCurrentDirectory().replaceAll("\\", "/").replace(/\/$/, "")}/`;
      return file.startsWith(folder) ? file.slice(folder.length) : file;
    },
  };
}
