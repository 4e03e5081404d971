/**
 * Where a derivative is differentiated again, its tapes are objects like any other: whoever carried one under its name
 * alone now knows what is in it, so that the numbers in it have tangents and adjoints.
 *
 *   t: opaque "FTape" = call f_augmentedPrimal x   =>   t: record FTape{residual: number, fResult: FTape}
 */
import { isTape, type Field, type IRFunction, type RecordType, type Type } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";

/** Types as those see them who look into the tapes of these functions. */
export function openTapes(functions: readonly IRFunction[]): (type: Type) => Type {
  const tapes = new Map<string, RecordType>();
  const note = (type: Type): void => {
    if (isTape(type) && type.name !== null) tapes.set(type.name, type);
  };
  for (const { params, results, body } of functions) {
    params.forEach(({ value }) => note(value.type));
    results.forEach(note);
    walk(body, (op) => op.results.forEach(({ type }) => note(type)));
  }
  const opened = new Map<string, RecordType>();
  const openTape = (tape: RecordType, name: string): RecordType => {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const fields: Field[] = [];
    const record: RecordType = { kind: "record", name, fields, opened: "tape" };
    opened.set(name, record);
    fields.push(...tape.fields.map((field) => ({ ...field, type: open(field.type) })));
    return record;
  };
  const open = (type: Type): Type => {
    switch (type.kind) {
      case "opaque": {
        const tape = tapes.get(type.text);
        return tape === undefined ? type : openTape(tape, type.text);
      }
      case "record":
        return isTape(type) && type.name !== null ? openTape(type, type.name) : type;
      case "array":
        return same(type, [type.element], ([element = type.element]) => ({ ...type, element }));
      case "optional":
        return same(type, [type.of], ([of = type.of]) => ({ ...type, of }));
      case "tuple":
        return same(type, type.elements, (elements) => ({ ...type, elements }));
      case "number":
      case "integer":
      case "boolean":
        return type;
    }
  };
  const same = (type: Type, parts: readonly Type[], make: (parts: readonly Type[]) => Type): Type => {
    const made = parts.map(open);
    return made.every((one, k) => one === parts[k]) ? type : make(made);
  };
  return open;
}
