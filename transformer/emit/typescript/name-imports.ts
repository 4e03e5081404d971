import ts from "typescript";
import type { GeneratedFunction } from "../../derivative-request.js";
import { editText, type Edit } from "./edit-text.js";
import type { ImportPlan } from "./import-plan.js";

/**
 * The text of a generated function, naming its imports as the file does.
 *
 *   tape = grow(tape, n)   =>   tape = grow_1(tape, n)      in a file that has a `grow` of its own
 */
export function nameImports(generated: GeneratedFunction, imports: ImportPlan): string {
  if (generated.imports.length === 0) return generated.text;
  const file = ts.createSourceFile("generated.ts", generated.text, ts.ScriptTarget.Latest, true);
  const locals = localNames(file);
  const names = new Map<string, string>();
  for (const { module, name, local } of generated.imports) {
    names.set(
      local,
      imports.add(module, name, null, (taken) => locals.has(taken)),
    );
  }
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const name = names.get(node.text);
      // A variable of the function may have the name: only what is called is the import then.
      const isImport = name !== undefined && name !== node.text && isReference(node, locals.has(node.text));
      if (isImport) edits.push({ start: node.getStart(file), end: node.end, text: name });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits.length === 0 ? generated.text : editText(generated.text, edits, "generated.ts").text;
}

function isReference(name: ts.Identifier, calledOnly: boolean): boolean {
  const { parent } = name;
  if (calledOnly) return ts.isCallExpression(parent) && parent.expression === name;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name;
  if (ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isNamedTupleMember(parent)) {
    return parent.name !== name;
  }
  return !ts.isPropertyAssignment(parent) || parent.initializer === name;
}

/** The names of all variables, parameters and functions that a text declares. */
function localNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}
