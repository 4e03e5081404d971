/** Imports of a CommonJS file: `const { f } = require("./f.js")`. */
import ts from "typescript";
import { requiredModule } from "../../syntax/javascript.js";
import { mentions } from "../../syntax/find-requests.js";
import type { Edit } from "./edit-text.js";
import { firstPlace, quoteOf, removal, type ImportPlan, type Layout } from "./import-plan.js";

/** One statement that requires modules. */
interface Required {
  readonly statement: ts.VariableStatement;
  readonly declaration: ts.VariableDeclaration;
  readonly module: string;
}

/**
 * What is new is required in statements of its own, behind those that are there; what nobody uses any more of this
 * package is dropped.
 *
 *   const { enzyme } = require("enzyme-ts");   =>   const { f_gradient } = require("./f.js");
 */
export function planRequires(sourceFile: ts.SourceFile, layout: Layout, eol: string): ImportPlan {
  const required = requiresOf(sourceFile);
  const fresh = new Map<string, { readonly name: string; readonly local: string }[]>();
  const dropped = new Set<ts.Node>();
  const locals = new Set<string>();

  const known = (module: string, name: string): readonly string[] => [
    ...required.filter((one) => one.module === module).flatMap(({ declaration }) => localsOf(declaration, name)),
    ...(fresh.get(module) ?? []).filter((one) => one.name === name).map(({ local }) => local),
  ];

  return {
    add(module, name, _beside, isHidden = () => false) {
      const before = known(module, name).find((local) => !isHidden(local));
      if (before !== undefined) return before;
      const stem = name === "default" ? "imported" : name;
      let local = stem;
      const isTaken = (): boolean => locals.has(local) || isHidden(local) || mentions(sourceFile.text, local);
      for (let suffix = 1; isTaken(); suffix++) local = `${stem}_${suffix}`;
      locals.add(local);
      fresh.set(module, [...(fresh.get(module) ?? []), { name, local }]);
      return local;
    },
    drop(binding) {
      dropped.add(binding);
    },
    edits() {
      const quote = quoteOf(sourceFile);
      const added = [...fresh].map(([module, names]) => {
        const list = names.map(({ name, local }) => (name === local ? name : `${name}: ${local}`)).join(", ");
        return `const { ${list} } = require(${quote}${module}${quote});`;
      });
      const edits: Edit[] = [];
      for (const one of required) {
        const edit = withoutDropped(sourceFile, one, dropped, layout);
        if (edit !== null) edits.push(edit);
      }
      if (added.length === 0) return edits;
      const last = required.at(-1)?.statement;
      const at = last?.end ?? firstPlace(sourceFile);
      const separator = layout === "keepLines" ? " " : eol;
      const text = last === undefined ? `${added.join(separator)}${separator}` : separator + added.join(separator);
      // A statement that falls away may end just here: one edit for both.
      const before = edits.findIndex((edit) => edit.start < at && edit.end >= at);
      const edit = edits[before];
      if (edit === undefined) edits.push({ start: at, end: at, text });
      else edits[before] = { ...edit, text: edit.text + text.trimStart() + (edit.end > at ? eol : "") };
      return edits;
    },
  };
}

function requiresOf(sourceFile: ts.SourceFile): readonly Required[] {
  return sourceFile.statements.filter(ts.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.flatMap((declaration) => {
      const module = requiredModule(declaration);
      return module === null ? [] : [{ statement, declaration, module: module.text }];
    }),
  );
}

/** How `const { name: local } = require(...)` calls an export. */
function localsOf({ name: binding }: ts.VariableDeclaration, name: string): readonly string[] {
  if (!ts.isObjectBindingPattern(binding)) return [];
  return binding.elements.flatMap((element) => {
    const key = element.propertyName ?? element.name;
    return ts.isIdentifier(key) && key.text === name && ts.isIdentifier(element.name) ? [element.name.text] : [];
  });
}

/** Other modules are required for their effects as well, and stay. */
function withoutDropped(
  sourceFile: ts.SourceFile,
  { statement, declaration, module }: Required,
  dropped: ReadonlySet<ts.Node>,
  layout: Layout,
): Edit | null {
  if (!/^enzyme-ts(\/|$)/.test(module) || statement.declarationList.declarations.length > 1) return null;
  const { name } = declaration;
  if (!ts.isObjectBindingPattern(name)) return dropped.has(declaration) ? removal(sourceFile, statement, layout) : null;
  const kept = name.elements.filter((element) => !dropped.has(element));
  if (kept.length === name.elements.length) return null;
  if (kept.length === 0) return removal(sourceFile, statement, layout);
  const list = kept.map((element) => element.getText(sourceFile)).join(", ");
  return { start: name.getStart(sourceFile), end: name.end, text: `{ ${list} }` };
}
