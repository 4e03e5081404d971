/** What is declared `int` or `Const` takes no derivative along: an active value in such a place would be cut, silently. */
import type ts from "typescript";
import { analyzeActivity, type Activity } from "../analyze/activity.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { fieldOf, isReference, type Field, type IRFunction, type Type, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { brandOf } from "../syntax/type-of.js";
import type { Cursor } from "./environment.js";
import { refuse, type LoweringSession } from "./session.js";

/** A value that went into a place of such a declaration. */
export interface ConstSink {
  readonly value: Value;
  readonly name: string;
  readonly declared: string;
  readonly node: ts.Node;
  /** A variable gives out again what it is given; what is read from a field is const. */
  readonly isField?: true;
}

/** Notes what is assigned to a variable that is declared `int` or `Const`. */
export function noteAssignment(cursor: Cursor, type: ts.Type, name: string, value: Value, node: ts.Node): void {
  const brand = brandOf(type);
  if (brand === null) return;
  cursor.session.sinks.push({ value, name, declared: brand === "int" ? "int" : "Const", node });
}

/** Notes a number that is stored where integers are kept: an `int[]`, a field of type `int`. */
export function noteNarrowing(cursor: Cursor, expected: Type | null, value: Value, node: ts.Node): void {
  if (expected?.kind !== "integer" || value.type.kind !== "number") return;
  cursor.session.sinks.push({ value, name: node.getText(), declared: "int", node });
}

/** Notes what goes into a field of an object. */
export function noteField(cursor: Cursor, field: Field, value: Value, node: ts.Node): void {
  if (field.isConst !== true) return noteNarrowing(cursor, field.type, value, node);
  cursor.session.sinks.push({ value, name: field.name, declared: "Const", node, isField: true });
}

/** Reports the sinks that an active value reaches, in a primal and all it calls; false if there is one. */
export function checkSinks(session: LoweringSession): boolean {
  let clean = true;
  for (const { fn, sinks } of session.lowered.splice(0)) {
    const loads = constLoads(fn);
    if (sinks.length === 0 && loads.length === 0) continue;
    const aliases = analyzeAliases(fn, session.compilation);
    const activity = analyzeActivity(fn, aliases, { outputsInMemory: true });
    const found = sinks.filter(
      ({ value, isField }) =>
        activity.isVaried(value) || (isField && isReference(value.type) && activity.holdsVaried(value)),
    );
    for (const { name, declared, node } of found) refuse(session, "EZ1012", node, { name, type: declared });
    if (found.length > 0) clean = false;
    const cut =
      found.length > 0 ? undefined : loads.find((one) => one.results.some((value) => isCut(value, activity, aliases)));
    if (cut === undefined) continue;
    session.failures++;
    session.compilation.report("EZ1012", cut.results[0]?.origin.span ?? fn.span, { name: cut.name, type: "Const" });
    clean = false;
  }
  return clean;
}

/** What a function reads from fields that are declared `Const`. */
function constLoads(fn: IRFunction): readonly { readonly results: readonly Value[]; readonly name: string }[] {
  const loads: { readonly results: readonly Value[]; readonly name: string }[] = [];
  walk(fn.body, (op) => {
    const field = op.kind === "load" ? fieldOf(op.at) : null;
    if (field?.isConst === true) loads.push({ results: op.results, name: field.name });
  });
  return loads;
}

/** Would something active come out of a const field, where it has no shadow? */
function isCut(value: Value, activity: Activity, aliases: Aliases): boolean {
  if (!isReference(value.type)) return activity.isVaried(value);
  return activity.holdsVaried(value) && isWritten(aliases.classOf(value), value.type, aliases);
}

/** Does the function write memory that a reference leads to? */
function isWritten(memory: MemoryClass, type: Type, aliases: Aliases, seen = new Set<MemoryClass>()): boolean {
  if (type.kind === "optional") return isWritten(memory, type.of, aliases, seen);
  if (seen.has(memory)) return false;
  seen.add(memory);
  if (memory.written) return true;
  const keys =
    type.kind === "record"
      ? type.fields.map(({ name, type: part }) => [name, part] as const)
      : type.kind === "array"
        ? [["element", type.element] as const]
        : type.kind === "tuple"
          ? type.elements.flatMap((part, k) => [[k, part] as const, ["element", part] as const])
          : [];
  return keys.some(([key, part]) => {
    const content = isReference(part) ? aliases.contentOf(memory, key) : null;
    return content !== null && isWritten(content, part, aliases, seen);
  });
}
