import { absences, elementByDefault } from "./print.js";
import type { TokenReader } from "./token-reader.js";
import {
  booleanType,
  integerType,
  numberType,
  type Field,
  type RecordType,
  type Storage,
  type TupleType,
  type Type,
} from "./ir.js";
import { unionRecord } from "./union-record.js";

const storages: readonly string[] = [
  ...["Array", "ArrayLike", "Dictionary", "Float64Array", "Float32Array", "Int8Array", "Uint8Array"],
  ...["Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
];
const isStorage = (word: string): word is Storage => storages.includes(word);

/** Reads a type, the inverse of `printType`; `outer`: the records around it, the innermost first, for `up 0`. */
export function parseType(tokens: TokenReader, outer: readonly RecordType[] = []): Type {
  const word = tokens.name();
  const enclosed = (): Type => {
    tokens.expect("<");
    const inner = parseType(tokens, outer);
    tokens.expect(">");
    return inner;
  };
  if (word === "number" && tokens.take("[")) {
    tokens.expect("]");
    return { kind: "array", element: numberType, storage: "Array" };
  }
  if (word === "number") return numberType;
  if (word === "integer") return integerType;
  if (word === "boolean") return booleanType;
  if (word === "array") return { kind: "array", element: enclosed(), storage: "Array" };
  if (word === absences.undefined) return { kind: "optional", of: enclosed() };
  if (word === absences.null) return { kind: "optional", of: enclosed(), absence: "null" };
  if (word === absences.either) return { kind: "optional", of: enclosed(), absence: "either" };
  if (word === "opaque") return { kind: "opaque", text: tokens.word() };
  if (word === "Map") {
    tokens.expect("<");
    const keys = parseType(tokens, outer);
    tokens.expect(",");
    const element = parseType(tokens, outer);
    tokens.expect(">");
    return { kind: "array", element, storage: "Map", keys };
  }
  if (isStorage(word)) {
    const element = tokens.at("<") ? enclosed() : elementByDefault(word) === "integer" ? integerType : numberType;
    return { kind: "array", element, storage: word };
  }
  if (word === "tuple") return tuple(tokens, outer);
  if (word === "record") return record(tokens, outer);
  if (word === "union") return union(tokens, outer);
  if (word === "up") {
    const token = tokens.next();
    const found = token.kind === "number" ? outer[token.value] : undefined;
    return found ?? tokens.fail("no record so far up");
  }
  return tokens.fail(`unknown type ${word}`);
}

/** `<number, integer>` */
function tuple(tokens: TokenReader, outer: readonly RecordType[]): TupleType {
  const elements: Type[] = [];
  tokens.expect("<");
  while (!tokens.take(">")) {
    elements.push(parseType(tokens, outer));
    tokens.take(",");
  }
  return { kind: "tuple", elements };
}

/** `Point { x: number, y: const number }`, with or without a name. */
function record(tokens: TokenReader, outer: readonly RecordType[]): RecordType {
  const name = tokens.at("{") ? null : tokens.word();
  const fields: Field[] = [];
  const made: RecordType = { kind: "record", name, fields };
  tokens.expect("{");
  while (!tokens.take("}")) {
    const field = tokens.word();
    tokens.expect(":");
    const isConst = tokens.take("const");
    const type = parseType(tokens, [made, ...outer]);
    fields.push(isConst ? { name: field, type, isConst } : { name: field, type });
    tokens.take(",");
  }
  return made;
}

/** `Shape <record Circle { ... }, record Square { ... }>`, with or without a name. */
function union(tokens: TokenReader, outer: readonly RecordType[]): RecordType {
  const members: RecordType[] = [];
  const made = unionRecord(tokens.at("<") ? null : tokens.word(), members);
  tokens.expect("<");
  while (!tokens.take(">")) {
    const member = parseType(tokens, [made, ...outer]);
    if (member.kind !== "record") return tokens.fail("a union of something else than records");
    members.push(member);
    tokens.take(",");
  }
  return made;
}
