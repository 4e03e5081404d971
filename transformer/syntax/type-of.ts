/** ts.Type -> IR type. */
import ts from "typescript";
import type { Field, FloatStorage, IntegerStorage, RecordType, Type } from "../ir/ir.js";
import { booleanType, carriesDerivative, integerType, numberType } from "../ir/ir.js";
import { joinTypes, optionalOf } from "../ir/join-types.js";
import { isRecursive } from "../ir/recursive.js";
import { unionRecord } from "../ir/union-record.js";
import { concreteClasses, readHierarchy, type Hierarchy } from "./class-hierarchy.js";
import { inOrderOfConstructor, instanceOf } from "./instance.js";

/** Reads types of one program; what it has read once it remembers. */
export interface TypeReader {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly known: Map<ts.Type, Type | null>;
  /** Instances of just one class, where others below override its methods. */
  readonly exact: Map<ts.Type, Type | null>;
  /** Unions of records: the same members may come under an alias, and without. */
  readonly unions: { readonly types: readonly ts.Type[]; record: Open<RecordType> }[];
  /** Read when somebody asks for it. */
  readonly hierarchy: () => Hierarchy;
  /** How deep inside types the reading is: a generic type can hold ever larger ones. */
  depth: number;
}

/** A record whose parts are still being read: what is inside may lead back to it. */
type Open<T> = { -readonly [K in keyof T]: T[K] };

const maximalDepth = 40;

export function createTypeReader(program: ts.Program): TypeReader {
  let hierarchy: Hierarchy | null = null;
  return {
    program,
    checker: program.getTypeChecker(),
    known: new Map(),
    exact: new Map(),
    unions: [],
    hierarchy: () => (hierarchy ??= readHierarchy(program)),
    depth: 0,
  };
}

const floatStorages: Readonly<Record<string, FloatStorage>> = {
  Float64Array: "Float64Array",
  Float32Array: "Float32Array",
};
const integerStorages: Readonly<Record<string, IntegerStorage>> = {
  Int8Array: "Int8Array",
  Uint8Array: "Uint8Array",
  Uint8ClampedArray: "Uint8ClampedArray",
  Int16Array: "Int16Array",
  Uint16Array: "Uint16Array",
  Int32Array: "Int32Array",
  Uint32Array: "Uint32Array",
};

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** How a brand of `enzyme-ts` marks a type: `int`, `Const<T>`, or not at all. */
export function brandOf(type: ts.Type): "int" | "const" | null {
  if (type.isUnion()) {
    const brands = type.types.filter((one) => !isNothing(one)).map(brandOf);
    if (brands.length === 0 || brands.includes(null)) return null;
    return brands.every((brand) => brand === "int") ? "int" : "const";
  }
  if (!type.isIntersection()) return null;
  const names = type.types.map((one) => one.getSymbol()?.name);
  return names.includes("IntBrand") ? "int" : names.includes("ConstBrand") ? "const" : null;
}

const isNothing = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void)) !== 0;

/** Or one of several things of which one is nothing. */
export const mayBeNothing = (type: ts.Type): boolean => (type.isUnion() ? type.types.some(isNothing) : isNothing(type));

export const isAnyType = (type: ts.Type): boolean => (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;

/** Does the text of a type leave open what a value is? `any[]`, `Record<string, unknown>` */
export const isVagueText = (text: string): boolean => /\b(?:any|unknown)\b/.test(text);

/** The text of the type of a Map or Set, which is only carried along where it is given from outside. */
export const isMapText = (text: string): boolean => /^(?:Readonly)?(?:Map|Set)</.test(text);

/** The IR type, or null where there is none: `any`, type parameters, unions of unlike things. */
export function typeOf(type: ts.Type, reader: TypeReader): Type | null {
  const known = reader.known.get(type);
  if (known !== undefined) return known;
  if (reader.depth > maximalDepth) return { kind: "opaque", text: reader.checker.typeToString(type) };
  reader.depth++;
  const read = readType(type, reader);
  reader.depth--;
  if (reader.depth === 0) reader.known.set(type, read);
  return read;
}

function readType(type: ts.Type, reader: TypeReader): Type | null {
  const { flags } = type;
  const { checker } = reader;
  const opaque = (): Type => ({ kind: "opaque", text: checker.typeToString(type) });
  if (isAnyType(type)) return null;
  if (flags & ts.TypeFlags.EnumLike && !(flags & ts.TypeFlags.StringLike)) return enumType(type);
  if (isNumberLiteral(type)) return literalType([type.value]);
  if (flags & ts.TypeFlags.NumberLike) return numberType;
  if (flags & ts.TypeFlags.BooleanLike) return booleanType;
  if (type.isStringLiteral() && !(flags & ts.TypeFlags.EnumLiteral))
    return { kind: "opaque", text: JSON.stringify(type.value) };
  if (flags & (ts.TypeFlags.StringLike | ts.TypeFlags.TemplateLiteral)) return { kind: "opaque", text: "string" };
  if (flags & (ts.TypeFlags.BigIntLike | ts.TypeFlags.ESSymbolLike)) return opaque();
  if (isNothing(type) || flags & ts.TypeFlags.Never) return opaque();
  if (type.isUnion()) return unionType(type, reader);
  if (type.isIntersection()) return intersectionType(type, reader);
  if (flags & ts.TypeFlags.TypeParameter) return bounded(type, reader);
  if (flags & ts.TypeFlags.Object) return objectType(type, reader);
  return null;
}

/** `T extends number` is a number; of other type parameters too little is known. */
function bounded(type: ts.Type, { checker }: TypeReader): Type | null {
  const bound = checker.getBaseConstraintOfType(type);
  return bound !== undefined && bound.flags & ts.TypeFlags.NumberLike ? numberType : null;
}

/** `2.5`, `1`; members of an enum are called by their names. */
const isNumberLiteral = (type: ts.Type): type is ts.NumberLiteralType =>
  type.isNumberLiteral() && !(type.flags & ts.TypeFlags.EnumLiteral);

const literalType = (literals: readonly number[]): Type => ({
  kind: literals.every((one) => Number.isSafeInteger(one)) ? "integer" : "number",
  literals,
});

/** Numbers that are written in the type, and nothing else: `1 | 2.5`. */
export const isNumberLiterals = (type: ts.Type): boolean =>
  type.isUnion() ? type.types.every((one) => isNumberLiteral(one) || isNothing(one)) : isNumberLiteral(type);

function enumType(type: ts.Type): Type {
  const members = type.isUnion() ? type.types : [type];
  return members.every((one) => !one.isStringLiteral()) ? integerType : { kind: "opaque", text: "string" };
}

function unionType(type: ts.UnionType, reader: TypeReader): Type | null {
  const present = type.types.filter((one) => !isNothing(one));
  const of = joined(present, reader, type.aliasSymbol?.name ?? null);
  if (of === null || present.length === type.types.length) return of;
  const isNull = (one: ts.Type): boolean => (one.flags & ts.TypeFlags.Null) !== 0;
  const [some, all] = [type.types.some(isNull), type.types.every((one) => !isNothing(one) || isNull(one))];
  return optionalOf(of, all ? "null" : some ? "either" : "undefined");
}

function joined(types: readonly ts.Type[], reader: TypeReader, name: string | null): Type | null {
  if (types.length === 0) return null;
  if (types.length > 1 && types.every((one) => isRecord(one, reader))) return unionOfRecords(types, reader, name);
  return types.map((one) => typeOf(one, reader)).reduce((a, b) => (a === null || b === null ? null : joinTypes(a, b)));
}

/** Members with the same keys are one record; others are kept apart, to be told from each other by a test. */
function unionOfRecords(types: readonly ts.Type[], reader: TypeReader, name: string | null, base?: ts.Type): Type {
  const isBase = base === undefined ? undefined : true;
  const known = reader.unions.find(
    (one) =>
      one.record.isBase === isBase && one.types.length === types.length && types.every((a) => one.types.includes(a)),
  );
  if (known !== undefined) {
    known.record.name ??= name;
    return known.record;
  }
  const members: RecordType[] = [];
  const computed = types.flatMap((one) => reader.checker.getPropertiesOfType(one).filter(isAccessor));
  const record = unionRecord(name, members, {
    computed: new Set(computed.map((one) => one.name)),
    isBase,
    tellsNothing: base && (() => !tellsNumbers(base, reader)),
  });
  const entry = { types, record };
  reader.unions.push(entry);
  for (const one of types) {
    const member = isBase === true ? exactTypeOf(one, reader) : typeOf(one, reader);
    if (member?.kind === "record") members.push(member);
  }
  if (!isRecursive(record)) {
    const [first, ...others] = members;
    const alike = others.reduce<Type | null>((a, b) => a && joinTypes(a, b), first ?? null);
    if (alike?.kind === "record" && alike.members === undefined)
      entry.record = { ...alike, name: name ?? alike.name, ofUnion: true };
  }
  return entry.record;
}

/** Is this an object that is known by its fields? */
function isRecord(type: ts.Type, reader: TypeReader): boolean {
  const { checker, program } = reader;
  if (type.isIntersection()) return brandOf(type) === null && type.types.every((one) => isRecord(one, reader));
  if (!(type.flags & ts.TypeFlags.Object) || checker.isArrayType(type) || checker.isTupleType(type)) return false;
  const isLibrary = type
    .getSymbol()
    ?.declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile()));
  if (isLibrary === true || type.getStringIndexType() !== undefined || type.getNumberIndexType() !== undefined)
    return false;
  return type.getCallSignatures().length === 0 && type.getConstructSignatures().length === 0;
}

function intersectionType(type: ts.IntersectionType, reader: TypeReader): Type | null {
  const brand = brandOf(type);
  const isBrand = (one: ts.Type): boolean => ["IntBrand", "ConstBrand"].includes(one.getSymbol()?.name ?? "");
  const rest = type.types.filter((one) => !isBrand(one));
  if (brand === "int") return integerType;
  const [first] = rest;
  if (first === undefined) return null;
  if (rest.length === 1) return typeOf(first, reader);
  // `number & { unit: "m" }`: a number that carries a mark of the user's.
  const scalar = rest.find((one) => one.flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike));
  if (scalar !== undefined) return typeOf(scalar, reader);
  return recordType(type, reader);
}

function objectType(type: ts.Type, reader: TypeReader): Type | null {
  const { checker, program } = reader;
  const opaque: Type = { kind: "opaque", text: checker.typeToString(type) };
  if (checker.isTupleType(type)) return tupleType(type, reader);
  const symbol = type.getSymbol();
  const name = symbol?.name ?? "";
  const declaredInLibrary =
    symbol?.declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile())) === true;
  if (checker.isArrayType(type) || (declaredInLibrary && (name === "ArrayLike" || name === "ReadonlyArray"))) {
    const [elementType] = argumentsOf(type, checker);
    const element = elementType === undefined ? null : elementTypeOf(elementType, reader);
    if (element === null) return null;
    if (name === "ArrayLike") return { kind: "array", element, storage: name };
    return { kind: "array", element, storage: "Array", ...(name === "ReadonlyArray" ? { isReadonly: true } : {}) };
  }
  if (declaredInLibrary) {
    const float = own(floatStorages, name);
    if (float !== undefined) return { kind: "array", element: numberType, storage: float };
    const integer = own(integerStorages, name);
    if (integer !== undefined) return { kind: "array", element: integerType, storage: integer };
    if (name !== "Record" && name !== "__type" && name !== "__object") return opaque;
  }
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return opaque;
  const held = type.getStringIndexType();
  if (held !== undefined) return dictionaryType(type, held, reader) ?? opaque;
  const indexed = type.getNumberIndexType();
  if (indexed !== undefined) {
    // `Record<number, number>`: nobody says how long it is.
    const isOpen = checker.getPropertiesOfType(type).length === 0;
    if (isOpen) return dictionaryType(type, indexed, reader) ?? opaque;
    const element = elementTypeOf(indexed, reader);
    return element === null
      ? null
      : { kind: "array", element, storage: extendsArray(type, checker) ? "Array" : "ArrayLike" };
  }
  return classesBelow(type, reader) ?? recordType(type, reader);
}

/**
 * What an array holds. One of literals may also be known as an array of numbers, by which anything is written to it:
 *
 *   const rows: number[][] = Array.from({ length: 2 }, () => [0].map(() => (flag ? 1 : 0)));      (0 | 1)[][]
 */
function elementTypeOf(type: ts.Type, reader: TypeReader): Type | null {
  const members = type.isUnion() ? type.types : [type];
  const literals = members.flatMap((one) => (isNumberLiteral(one) ? [one.value] : []));
  return literals.length === members.length ? { kind: "number", literals } : typeOf(type, reader);
}

/** `class Vec2 extends Array<number>`, or an interface that does. */
const extendsArray = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  checker.isArrayType(type) ||
  (type.isClassOrInterface() && checker.getBaseTypes(type).some((base) => extendsArray(base, checker)));

/** `Record<string, number>`: nothing but open keys, and all of them alike. */
function dictionaryType(type: ts.Type, held: ts.Type, reader: TypeReader): Type | null {
  if (reader.checker.getPropertiesOfType(type).length > 0 || isConstType(held)) return null;
  const element = typeOf(held, reader);
  if (element === null || (element.kind === "opaque" && isVagueText(element.text))) return null;
  return { kind: "array", element, storage: "Dictionary" };
}

/** The type of instances that were made of just this class. */
export function exactTypeOf(type: ts.Type, reader: TypeReader): Type | null {
  const isOpen = type.isClass() && concreteClasses(type, reader.hierarchy(), reader.checker) !== null;
  if (!isOpen) return typeOf(type, reader);
  return reader.exact.get(type) ?? recordType(type, reader, reader.exact);
}

/** An abstract class, or an interface with methods: one of the classes below it. Also a class with overridden methods. */
function classesBelow(type: ts.Type, reader: TypeReader): Type | null {
  const { checker } = reader;
  if (!type.isClassOrInterface()) return null;
  const classes = concreteClasses(type, reader.hierarchy(), checker);
  if (classes === null) return null;
  const types = classes.flatMap(({ name }) => {
    const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name);
    return symbol === undefined ? [] : [checker.getDeclaredTypeOfSymbol(symbol)];
  });
  const [only] = types;
  return types.length === 1 && only !== undefined
    ? exactTypeOf(only, reader)
    : unionOfRecords(types, reader, nameOf(type.getSymbol()) ?? null, type);
}

/** Has a type members with numbers, by which its gradient has members? */
function tellsNumbers(type: ts.Type, reader: TypeReader): boolean {
  return reader.checker.getPropertiesOfType(type).some((one) => holdsNumbers(one, reader));
}

function holdsNumbers(member: ts.Symbol, reader: TypeReader): boolean {
  const held = typeOf(reader.checker.getTypeOfSymbol(member), reader);
  return held !== null && carriesDerivative(held);
}

function argumentsOf(type: ts.Type, checker: ts.TypeChecker): readonly ts.Type[] {
  return isReferenceType(type) ? checker.getTypeArguments(type) : [];
}
const isReferenceType = (type: ts.Type): type is ts.TypeReference =>
  (type.flags & ts.TypeFlags.Object) !== 0 && "target" in type;

function tupleType(type: ts.Type, reader: TypeReader): Type | null {
  const parts = argumentsOf(type, reader.checker);
  const target = isReferenceType(type) ? type.target : null;
  const flags = target !== null && "elementFlags" in target ? (target.elementFlags as readonly ts.ElementFlags[]) : [];
  const elements: Type[] = [];
  let [leftOut, isExact] = [0, true];
  let open = false;
  for (const [k, part] of parts.entries()) {
    const element = typeOf(part, reader);
    if (element === null) return null;
    // Positions of a tuple are const together, or not at all.
    if (isConstType(part) && carriesDerivative(element) && !isConstType(type)) return null;
    const flag = flags[k] ?? ts.ElementFlags.Required;
    if (flag & ts.ElementFlags.Variable) open = true;
    if (flag & ts.ElementFlags.Optional) {
      leftOut++;
      isExact &&= isExactElement(part, reader);
    }
    elements.push(flag & ts.ElementFlags.Optional ? optionalOf(element) : element);
  }
  const isReadonly =
    target !== null && "readonly" in target && target.readonly === true ? ({ isReadonly: true } as const) : {};
  const absent = leftOut === 0 ? {} : { leftOut, ...(isExact ? { isExact } : {}) };
  if (!open) return { kind: "tuple", elements, ...isReadonly, ...absent };
  const element = elements.reduce<Type | null>(
    (all, one, k) => (k === 0 ? one : all === null ? null : joinTypes(all, one)),
    null,
  );
  return element === null ? null : { kind: "array", element, storage: "Array", ...isReadonly };
}

/** To the strictest checks the undefined of what is left out is another one than that which is written. */
/** Is undefined not the same as to be left out? */
export const isStrict = ({ program }: TypeReader): boolean =>
  program.getCompilerOptions().exactOptionalPropertyTypes === true;

/** `number | undefined`, of what may be left out: the undefined is written. */
const isUndefinedToo = (type: ts.Type, { checker }: TypeReader): boolean =>
  (type.isUnion() ? type.types : [type]).includes(checker.getUndefinedType());

/** `[number, number?]`, and not `[number, (number | undefined)?]`. */
const isExactElement = (part: ts.Type, reader: TypeReader): boolean =>
  !isStrict(reader) || !isUndefinedToo(part, reader);

const isMethod = (symbol: ts.Symbol): boolean =>
  (symbol.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor | ts.SymbolFlags.Function)) !== 0;

/** `#calls`: outside of its class nobody can say it. */
const isPrivateName = ({ valueDeclaration: declaration }: ts.Symbol): boolean =>
  declaration !== undefined && ts.isPropertyDeclaration(declaration) && ts.isPrivateIdentifier(declaration.name);

const isAccessor = (symbol: ts.Symbol): boolean => (symbol.flags & ts.SymbolFlags.Accessor) !== 0;

/** `export default class List`: the symbol is called `default`, what is in scope is `List`. */
function nameOf(symbol: ts.Symbol | undefined): string | undefined {
  if (symbol?.name !== "default") return symbol?.name;
  const named = symbol.declarations?.find((one) => ts.isClassLike(one) || ts.isInterfaceDeclaration(one));
  return named?.name?.text;
}

/** `Const<T>`, or a list of nothing else: `Const<number>[]`. */
export function isConstType(type: ts.Type, outer: readonly ts.Type[] = []): boolean {
  if (brandOf(type) === "const") return true;
  if (!(type.flags & ts.TypeFlags.Object) || outer.includes(type) || outer.length > maximalDepth) return false;
  const element = type.getNumberIndexType();
  return element !== undefined && isConstType(element, [...outer, type]);
}

/** Declared `x?: number`, and not `x?: number | undefined`; or found to be so where that differs. */
function isExact(property: ts.Symbol, reader: TypeReader): boolean {
  const { checker } = reader;
  if (isStrict(reader)) return !isUndefinedToo(checker.getTypeOfSymbol(property), reader);
  const { valueDeclaration: declaration } = property;
  if (declaration === undefined) return false;
  const isMember =
    ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isParameter(declaration);
  if (!isMember || declaration.type === undefined) return false;
  const written = checker.getTypeFromTypeNode(declaration.type);
  return !(written.isUnion() ? written.types : [written]).some((one) => (one.flags & ts.TypeFlags.Undefined) !== 0);
}

/** A number that is written in the type is no number to derive by, as the macro's types have it. */
const isConstField = (type: ts.Type, read: Type): boolean =>
  read.kind !== "opaque" && (isConstType(type) || (carriesDerivative(read) && isNumberLiterals(type)));

/** Fields that hold data; methods, accessors and private names are no fields. */
function recordType(type: ts.Type, reader: TypeReader, known: Map<ts.Type, Type | null> = reader.known): RecordType {
  const { checker } = reader;
  const name = type.aliasSymbol?.name ?? nameOf(type.getSymbol()) ?? null;
  const record: Open<RecordType> = { kind: "record", name: name?.startsWith("__") === true ? null : name, fields: [] };
  known.set(type, record);
  const fields: Field[] = [];
  for (const property of checker.getPropertiesOfType(type)) {
    if (isMethod(property) || property.name.startsWith("__") || isPrivateName(property)) continue;
    const fieldType = checker.getTypeOfSymbol(property);
    if (checker.getSignaturesOfType(fieldType, ts.SignatureKind.Call).length > 0) continue;
    const read = typeOf(fieldType, reader) ?? { kind: "opaque", text: checker.typeToString(fieldType) };
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    fields.push({
      name: property.name,
      type: optional ? optionalOf(read) : read,
      ...(optional ? { mayBeLeftOut: true } : {}),
      ...(optional && isExact(property, reader) ? { isExact: true } : {}),
      ...(isConstField(fieldType, read) ? { isConst: true } : {}),
    });
  }
  record.fields = fields;
  if (checker.getPropertiesOfType(type).some((one) => isAccessor(one) && holdsNumbers(one, reader)))
    record.computes = true;
  const instance = record.name === null ? null : instanceOf(type, fields, checker);
  if (instance === null) return record;
  record.name = nameOf(type.getSymbol()) ?? record.name;
  record.fields = inOrderOfConstructor(type, fields);
  record.instance = instance;
  return record;
}
