/** TypeScript programs for tests: files of this repository, with texts of our own laid over or added. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { constShape, type Shape } from "./shape.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const inRoot = (name: string): string => path.join(root, name);

export const baseOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  // What is generated imports its two helpers by the name of the package.
  paths: { "enzyme-ts": [inRoot("src/index.ts")], "enzyme-ts/*": [inRoot("src/*.ts")] },
  types: [],
  noEmit: true,
  skipLibCheck: true,
};

/** The strictest options that generated code has to satisfy. */
export const strictestOptions: ts.CompilerOptions = {
  ...baseOptions,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noPropertyAccessFromIndexSignature: true,
};

/** Parsed files by name and text, so that many small programs share the library and each other's files. */
const parsed = new Map<string, { readonly text: string; readonly file: ts.SourceFile }>();

/** `overlay` maps absolute names to texts; everything else is read from disk. */
export function createProgram(
  rootNames: readonly string[],
  overlay: ReadonlyMap<string, string> = new Map(),
  options: ts.CompilerOptions = baseOptions,
  oldProgram?: ts.Program,
): ts.Program {
  const host = ts.createCompilerHost(options);
  const readFile = (name: string): string | undefined => overlay.get(name) ?? ts.sys.readFile(name);
  const fullHost: ts.CompilerHost = {
    ...host,
    readFile,
    fileExists: (name) => overlay.has(name) || ts.sys.fileExists(name),
    getSourceFile: (name, languageVersion) => {
      const known = parsed.get(name);
      // Library files never change; others may, under the same name.
      const text = known !== undefined && /node_modules/.test(name) ? known.text : readFile(name);
      if (text === undefined) return undefined;
      if (known !== undefined && known.text === text) return known.file;
      const file = ts.createSourceFile(name, text, languageVersion, true);
      parsed.set(name, { text, file });
      return file;
    },
  };
  return ts.createProgram({ rootNames, options, host: fullHost, ...(oldProgram === undefined ? {} : { oldProgram }) });
}

/** Where numbers are differentiable, by the declared type; written apart from the transformer's own reading of types. */
export function shapeOf(type: ts.Type, checker: ts.TypeChecker, known = new Map<ts.Type, Shape>()): Shape {
  const has = (flag: ts.TypeFlags): boolean => (type.flags & flag) !== 0;
  const hidden = [...type.getProperties(), ...checker.getPropertiesOfType(checker.getApparentType(type))];
  if (hidden.some(({ name }) => name.startsWith("__@constBrand"))) return constShape;
  const bound = has(ts.TypeFlags.TypeParameter) ? checker.getBaseConstraintOfType(type) : undefined;
  if (bound !== undefined && bound !== type) return shapeOf(bound, checker, known);
  if (type.isUnion()) {
    const shapes = type.types
      .filter((one) => (one.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0)
      .map((one) => shapeOf(one, checker, known));
    // Keys of all members: a value has those of its own.
    const records = shapes.flatMap((shape) => (shape.kind === "record" ? [shape.fields] : []));
    if (records.length > 1)
      return haveUnlike(records) ? { kind: "held" } : { kind: "record", fields: mergedFields(records) };
    return shapes.find((shape) => shape.kind !== "const") ?? constShape;
  }
  if (has(ts.TypeFlags.Number)) return { kind: "number" };
  if (!has(ts.TypeFlags.Object) && !type.isIntersection()) return constShape;
  const name = type.getSymbol()?.name ?? "";
  if (name === "Float64Array" || name === "Float32Array") return { kind: "array", element: { kind: "number" } };
  if (checker.isTupleType(type)) {
    const elements = checker.getTypeArguments(type as ts.TypeReference).map((one) => shapeOf(one, checker, known));
    return elements.every(({ kind }) => kind === "const") ? constShape : { kind: "tuple", elements };
  }
  const base = type.isClass() ? checker.getBaseTypes(type).find((one) => one.getSymbol()?.name === "Array") : undefined;
  if (base !== undefined) return shapeOf(base, checker, known);
  if (name === "Array" || name === "ReadonlyArray" || name === "ArrayLike") {
    const index = type.getNumberIndexType();
    const element = index === undefined ? constShape : shapeOf(index, checker, known);
    return element.kind === "const" ? constShape : { kind: "array", element };
  }
  if (type.getCallSignatures().length > 0 || /Array$|^Date$|^(?:Readonly)?(?:Map|Set)$|^RegExp$|^Error$/.test(name))
    return constShape;
  if (type.getSymbol()?.declarations?.some(isBase) === true) return { kind: "held" };
  const open = type.getProperties().length === 0 ? type.getStringIndexType() : undefined;
  if (open !== undefined) {
    const element = shapeOf(open, checker, known);
    return element.kind === "const" ? constShape : { kind: "dictionary", element };
  }
  const before = known.get(type);
  if (before !== undefined) return before;
  const fields: Record<string, Shape> = {};
  const record: Shape = { kind: "record", fields };
  known.set(type, record);
  for (const property of type.getProperties()) {
    // What a getter says follows from the fields. Fields of a mapped type are declared nowhere.
    if (property.valueDeclaration !== undefined && ts.isAccessor(property.valueDeclaration)) continue;
    const shape = shapeOf(checker.getTypeOfSymbol(property), checker, known);
    if (shape.kind !== "const") fields[property.name] = shape;
  }
  return Object.keys(fields).length === 0 ? constShape : record;
}

/** An abstract class, or an interface with methods: the classes below it have more than it says. */
const isBase = (declaration: ts.Declaration): boolean =>
  ts.isClassLike(declaration)
    ? (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) !== 0
    : ts.isInterfaceDeclaration(declaration) && declaration.members.some(ts.isMethodSignature);

/** Does one name stand for unlike things? */
function haveUnlike(records: readonly Readonly<Record<string, Shape>>[]): boolean {
  const kinds = new Map<string, string>();
  return records.some((fields) =>
    Object.entries(fields).some(([name, { kind }]) => {
      const before = kinds.get(name);
      kinds.set(name, kind);
      return before !== undefined && before !== kind;
    }),
  );
}

/** The fields of several records, looked up when they are asked for: the records may not be complete yet. */
function mergedFields(records: readonly Readonly<Record<string, Shape>>[]): Readonly<Record<string, Shape>> {
  const find = (key: string): Shape | undefined =>
    records.map((fields) => fields[key]).find((shape) => shape !== undefined);
  return new Proxy<Record<string, Shape>>(
    {},
    {
      get: (_, key) => find(String(key)),
      ownKeys: () => [...new Set(records.flatMap((fields) => Object.keys(fields)))],
      getOwnPropertyDescriptor: (_, key) => ({ value: find(String(key)), enumerable: true, configurable: true }),
    },
  );
}

/** An exported function of a file, and the shapes of its parameters and result. */
export interface FunctionShape {
  readonly name: string;
  readonly parameters: readonly Shape[];
  readonly result: Shape;
  /** The last parameter takes all arguments that are left; in examples they are one array. */
  readonly rest?: boolean;
}

export function functionShapes(program: ts.Program, fileName: string): readonly FunctionShape[] {
  const file = program.getSourceFile(fileName);
  if (file === undefined) throw new Error(`${fileName} is not in the program`);
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(file);
  const found: FunctionShape[] = [];
  for (const exported of symbol === undefined ? [] : checker.getExportsOfModule(symbol)) {
    const declaration = exported.valueDeclaration ?? exported.declarations?.[0];
    if (declaration === undefined) continue;
    const [signature] = checker.getTypeOfSymbolAtLocation(exported, declaration).getCallSignatures();
    if (signature === undefined) continue;
    found.push({
      name: exported.name,
      parameters: signature.parameters.map((parameter) => {
        const at = parameter.valueDeclaration ?? declaration;
        return shapeOf(checker.getTypeOfSymbolAtLocation(parameter, at), checker);
      }),
      result: shapeOf(signature.getReturnType(), checker),
      rest: ts.isFunctionDeclaration(declaration) && declaration.parameters.at(-1)?.dotDotDotToken !== undefined,
    });
  }
  return found;
}
