/** The type of the shadow of a value: the same container, without the fields that carry no derivative. */
import {
  carriesDerivative,
  fieldCarries,
  type Field,
  type Origin,
  type RecordType,
  type Role,
  type Type,
  type Value,
} from "../ir/ir.js";
import { writable } from "../ir/join-types.js";
import { unionRecord } from "../ir/union-record.js";

/** What stands in a tuple's shadow where there is no derivative: positions are kept. */
const nothing: Type = { kind: "opaque", text: "undefined" };

/** A type that leads back to itself has a shadow that does: `made` holds the shadows of records that were met. */
export function shadowType(type: Type, made = new Map<RecordType, RecordType>()): Type {
  switch (type.kind) {
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return type;
    case "array":
      return writable({ ...type, element: shadowType(type.element, made) });
    case "tuple":
      return {
        kind: "tuple",
        elements: type.elements.map((part) => (carriesDerivative(part) ? shadowType(part, made) : nothing)),
        ...(type.leftOut === undefined ? {} : { leftOut: type.leftOut }),
      };
    case "record":
      return shadowRecord(type, made);
    case "optional":
      return { ...type, of: shadowType(type.of, made) };
  }
}

function shadowRecord(type: RecordType, made: Map<RecordType, RecordType>): RecordType {
  const known = made.get(type);
  if (known !== undefined) return known;
  const mirrors = type.name ?? type.mirrors;
  if (type.members !== undefined) {
    const members: RecordType[] = [];
    const union = unionRecord(null, members, {
      mirrors,
      isBase: type.isBase,
      tellsNothing: () => type.tellsNothing === true,
    });
    made.set(type, union);
    members.push(...type.members.map((one) => shadowRecord(one, made)));
    return union;
  }
  const fields: Field[] = [];
  const shadow: RecordType =
    type.opened === undefined
      ? {
          kind: "record",
          name: null,
          fields,
          ...(mirrors === undefined ? {} : { mirrors }),
          ...(type.computes === undefined ? {} : { computes: type.computes }),
        }
      : { kind: "record", name: `${type.name ?? "Tape"}Shadow`, fields, opened: "shadow" };
  made.set(type, shadow);
  for (const field of type.fields) {
    if (!fieldCarries(field)) continue;
    const { name, mayBeLeftOut } = field;
    fields.push({ name, type: shadowType(field.type, made), ...(mayBeLeftOut === true ? { mayBeLeftOut } : {}) });
  }
  return shadow;
}

/** The origin of something that stands beside a primal value: same variable and span, another role. */
export const beside = (value: Value, role: Role): Origin => ({ ...value.origin, role });
