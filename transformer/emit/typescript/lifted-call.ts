import ts from "typescript";
import { isJavaScript } from "../../syntax/javascript.js";
import type { GeneratedFunction } from "../../derivative-request.js";

/**
 * What takes the place of a macro whose function captures variables: an arrow function that hands them over.
 *
 *   enzyme((x: number) => model(x, options), "gradient")   =>   (x: number) => inline_gradient(x, options)
 */
export function liftedCall({ name, text, captured }: GeneratedFunction, call: ts.CallExpression): string {
  const file = ts.createSourceFile("generated.ts", text, ts.ScriptTarget.Latest, true);
  const fn = file.statements.filter(ts.isFunctionDeclaration).find((one) => one.name?.text === name);
  if (fn === undefined) throw new Error(`the text of ${name} does not declare it`);
  const handed = new Map(captured.map((one) => [one.position, one.name]));
  const taken = new Set([name, ...handed.values()]);
  const parameters: string[] = [];
  const optionalFrom = firstOptional(fn.parameters, handed);
  const args = fn.parameters.map((parameter, position) => {
    const captive = handed.get(position);
    if (captive !== undefined) return captive;
    const own = freeName(parameter.name.getText(file), taken);
    taken.add(own);
    const type = isJavaScript(call.getSourceFile().fileName)
      ? ""
      : `${position >= optionalFrom ? "?" : ""}: ${parameter.type?.getText(file) ?? "number"}`;
    parameters.push(`${own}${type}`);
    return own;
  });
  const arrow = `(${parameters.join(", ")}) => ${name}(${args.join(", ")})`;
  return standsAlone(call) ? arrow : `(${arrow})`;
}

/** The position from which on arguments may be left out; what is handed over stands between them, and is always there. */
function firstOptional(parameters: readonly ts.ParameterDeclaration[], handed: ReadonlyMap<number, string>): number {
  let first = parameters.length;
  for (let position = first - 1; position >= 0; position--) {
    const parameter = parameters[position];
    if (parameter === undefined || handed.has(position)) continue;
    const isOptional =
      parameter.initializer !== undefined ||
      parameter.questionToken !== undefined ||
      (parameter.type !== undefined && /\|\s*undefined$/.test(parameter.type.getText()));
    if (!isOptional) break;
    first = position;
  }
  return first;
}

function freeName(stem: string, taken: ReadonlySet<string>): string {
  let name = stem;
  for (let count = 1; taken.has(name); count++) name = `${stem}${count}`;
  return name;
}

/** Needs an arrow function no parentheses in the place of this call? */
function standsAlone(call: ts.CallExpression): boolean {
  const { parent } = call;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
    return true;
  if (ts.isReturnStatement(parent) || ts.isParenthesizedExpression(parent) || ts.isArrayLiteralExpression(parent))
    return true;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.expression !== call;
  return ts.isArrowFunction(parent) || ts.isExportAssignment(parent);
}
