import ts from "typescript";
import { mentions } from "../../syntax/find-requests.js";
import type { Edit } from "./edit-text.js";

/** How new lines are treated: kept as they are (a build), or made where they read well (generated files). */
export type Layout = "keepLines" | "ownLines";

interface Added {
  readonly name: string;
  readonly local: string;
}

/** What is to change in the imports of one file; turned into edits at the end, one for each declaration. */
export interface ImportPlan {
  /**
   * Imports a name, from an existing declaration of that module where there is one. Returns its local name, which is
   * none that `isHidden` by a variable where the import is used.
   */
  add(module: string, name: string, beside: ts.ImportDeclaration | null, isHidden?: (local: string) => boolean): string;
  /** Drops a binding that nothing uses any more. */
  drop(binding: ts.Node): void;
  edits(): readonly Edit[];
}

/** Plans changes of the imports of a file. */
export function planImports(
  sourceFile: ts.SourceFile,
  options: ts.CompilerOptions,
  layout: Layout,
  eol: string,
): ImportPlan {
  const declarations = sourceFile.statements.filter(ts.isImportDeclaration);
  const additions = new Map<ts.ImportDeclaration, Added[]>();
  const fresh: { readonly module: string; readonly names: Added[]; readonly beside: ts.ImportDeclaration | null }[] =
    [];
  const dropped = new Set<ts.Node>();
  const locals = new Set<string>();

  function freeLocal(name: string, isHidden: (local: string) => boolean): string {
    const stem = name === "default" ? "imported" : name;
    for (let suffix = 0; ; suffix++) {
      const local = suffix === 0 ? stem : `${stem}_${suffix}`;
      if (!locals.has(local) && !isHidden(local) && !mentions(sourceFile.text, local)) {
        locals.add(local);
        return local;
      }
    }
  }

  function existingLocal(module: string, name: string, isHidden: (local: string) => boolean): string | null {
    const known = knownLocals(module, name).find((local) => !isHidden(local));
    return known ?? null;
  }

  function knownLocals(module: string, name: string): readonly string[] {
    const known: string[] = [];
    for (const declaration of declarations) {
      if (moduleOf(declaration) !== module || declaration.importClause === undefined) continue;
      if (isTypeOnly(declaration.importClause)) continue;
      for (const element of namedElements(declaration)) {
        if (!element.isTypeOnly && (element.propertyName ?? element.name).text === name) {
          known.push(element.name.text);
        }
      }
      for (const added of additions.get(declaration) ?? []) if (added.name === name) known.push(added.local);
    }
    for (const declaration of fresh) {
      if (declaration.module !== module) continue;
      for (const added of declaration.names) if (added.name === name) known.push(added.local);
    }
    return known;
  }

  return {
    add(module, name, beside, isHidden = () => false) {
      const known = existingLocal(module, name, isHidden);
      if (known !== null) return known;
      const added = { name, local: freeLocal(name, isHidden) };
      const host = declarations.find((declaration) => moduleOf(declaration) === module && takesNames(declaration));
      if (host !== undefined) {
        additions.set(host, [...(additions.get(host) ?? []), added]);
        return added.local;
      }
      const open = fresh.find((declaration) => declaration.module === module);
      if (open !== undefined) open.names.push(added);
      else fresh.push({ module, names: [added], beside });
      return added.local;
    },
    drop(binding) {
      dropped.add(binding);
    },
    edits() {
      const edits: Edit[] = [];
      for (const statement of sourceFile.statements) {
        if (ts.isImportEqualsDeclaration(statement) && dropped.has(statement)) {
          edits.push(removal(sourceFile, statement, layout));
        } else if (ts.isImportDeclaration(statement)) {
          const edit = editDeclaration(sourceFile, statement, additions.get(statement) ?? [], dropped, options, layout);
          if (edit !== null) edits.push(edit);
        }
      }
      const placed = new Map<number, string[]>();
      const quote = quoteOf(sourceFile);
      for (const { module, names, beside } of fresh) {
        const text = `import { ${names.map(printAdded).join(", ")} } from ${quote}${module}${quote};`;
        const after = beside ?? declarations[declarations.length - 1];
        const at = after === undefined ? firstPlace(sourceFile) : after.end;
        const piece =
          after === undefined
            ? layout === "keepLines"
              ? `${text} `
              : `${text}${eol}${eol}`
            : layout === "keepLines"
              ? ` ${text}`
              : `${eol}${text}`;
        placed.set(at, [...(placed.get(at) ?? []), piece]);
      }
      for (const [at, pieces] of placed) {
        const text = pieces.join("");
        // A removed or rewritten import may end just here: one edit for both.
        const before = edits.findIndex((edit) => edit.start < at && edit.end >= at);
        const edit = edits[before];
        if (edit === undefined) edits.push({ start: at, end: at, text });
        else
          edits[before] = {
            ...edit,
            text: `${edit.text}${edit.text === "" ? text.trimStart() : text}${edit.end > at ? eol : ""}`,
          };
      }
      return edits;
    },
  };
}

function moduleOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : "";
}

function isTypeOnly(clause: ts.ImportClause): boolean {
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function namedElements(declaration: ts.ImportDeclaration): readonly ts.ImportSpecifier[] {
  const bindings = declaration.importClause?.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
}

/** Can names be added to this declaration? Not beside `* as M`, nor to `import type`. */
function takesNames(declaration: ts.ImportDeclaration): boolean {
  const clause = declaration.importClause;
  if (clause === undefined || clause.phaseModifier !== undefined) return false;
  return clause.namedBindings === undefined || ts.isNamedImports(clause.namedBindings);
}

function printAdded({ name, local }: Added): string {
  return name === local ? name : `${name} as ${local}`;
}

/** The quotes that the file uses for its imports. */
export function quoteOf(sourceFile: ts.SourceFile): string {
  for (const statement of sourceFile.statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      const specifier = statement.moduleSpecifier;
      if (specifier !== undefined) return sourceFile.text[specifier.getStart(sourceFile)] ?? '"';
    }
  }
  return '"';
}

/** Ahead of the first statement and its documentation, behind directives such as "use strict". */
export function firstPlace(sourceFile: ts.SourceFile): number {
  const first = sourceFile.statements.find(
    (statement) => !(ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression)),
  );
  if (first === undefined) return sourceFile.text.length;
  const comments = ts.getLeadingCommentRanges(sourceFile.text, first.pos) ?? [];
  const last = comments[comments.length - 1];
  if (last !== undefined && sourceFile.text.startsWith("/**", last.pos)) return last.pos;
  return first.getStart(sourceFile);
}

function editDeclaration(
  sourceFile: ts.SourceFile,
  declaration: ts.ImportDeclaration,
  added: readonly Added[],
  dropped: ReadonlySet<ts.Node>,
  options: ts.CompilerOptions,
  layout: Layout,
): Edit | null {
  const clause = declaration.importClause;
  if (clause === undefined) return null;
  const bindings = clause.namedBindings;
  const elements = namedElements(declaration);
  const kept = elements.filter((element) => !dropped.has(element));
  const losesDefault = clause.name !== undefined && dropped.has(clause);
  const losesNamespace = bindings !== undefined && ts.isNamespaceImport(bindings) && dropped.has(bindings);
  const loses = losesDefault || losesNamespace || kept.length < elements.length;
  if (!loses && added.length === 0) return null;

  const last = elements[elements.length - 1];
  if (!loses && last !== undefined) {
    return { start: last.end, end: last.end, text: added.map((name) => `, ${printAdded(name)}`).join("") };
  }

  const { text } = sourceFile;
  const start = declaration.getStart(sourceFile);
  const onlyTypes = added.length === 0 && kept.length > 0 && kept.every((element) => element.isTypeOnly);
  const noDefault = clause.name === undefined || losesDefault;
  const parts: string[] = [];
  if (clause.name !== undefined && !losesDefault) parts.push(clause.name.text);
  if (bindings !== undefined && ts.isNamespaceImport(bindings) && !losesNamespace)
    parts.push(bindings.getText(sourceFile));
  const makeTypeImport = onlyTypes && noDefault && !isTypeOnly(clause);
  const names = [
    ...kept.map((element) => {
      const own = element.getText(sourceFile);
      return makeTypeImport ? own.replace(/^type\s+/, "") : own;
    }),
    ...added.map(printAdded),
  ];
  if (names.length > 0) parts.push(`{ ${names.join(", ")} }`);
  const tail = text.slice(declaration.moduleSpecifier.getStart(sourceFile), declaration.end);
  if (parts.length === 0) {
    // The user's own module may be imported for its effects as well; ours has none.
    if (options.verbatimModuleSyntax === true && !moduleOf(declaration).startsWith("enzyme-ts")) {
      return replacement(sourceFile, start, declaration.end, `import ${tail}`, layout);
    }
    return removal(sourceFile, declaration, layout);
  }
  const keyword = isTypeOnly(clause) || makeTypeImport ? "import type" : "import";
  return replacement(sourceFile, start, declaration.end, `${keyword} ${parts.join(", ")} from ${tail}`, layout);
}

/** A replacement with as many line ends as what it replaces. */
export function replacement(sourceFile: ts.SourceFile, start: number, end: number, text: string, layout: Layout): Edit {
  if (layout === "ownLines") return { start, end, text };
  const lineEnds = (part: string): string[] => part.match(/\r\n|\r|\n/g) ?? [];
  const owed = lineEnds(sourceFile.text.slice(start, end)).slice(lineEnds(text).length);
  return { start, end, text: text + owed.join("") };
}

/** A statement taken out, with its line where lines may go. */
export function removal(sourceFile: ts.SourceFile, statement: ts.Statement, layout: Layout): Edit {
  const start = statement.getStart(sourceFile);
  if (layout === "keepLines") return replacement(sourceFile, start, statement.end, "", layout);
  const lineEnd = /^[ \t]*(\r\n|\r|\n)/.exec(sourceFile.text.slice(statement.end));
  return { start, end: statement.end + (lineEnd?.[0].length ?? 0), text: "" };
}
