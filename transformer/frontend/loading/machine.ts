/**
 * Loads the modules of a program, without running anything of it: what they do is followed over their syntax trees, and
 * what is not understood is `unknown`. Of two ways that may be taken both are followed, and what they write differently
 * is unknown from there on; so is what an object holds that gets where it is not followed.
 */
import type ts from "typescript";
import type { Closures } from "./closures.js";
import { leak, leakMember, open } from "./leaks.js";
import { surelyLoaded } from "./surely-loaded.js";
import {
  GivenUp,
  isOneOf,
  objectsOf,
  unknown,
  type LoadedCell,
  type LoadedMember,
  type LoadedObject,
  type LoadedScope,
  type LoadedValue,
} from "./values.js";

export interface LoadedModule {
  readonly file: ts.SourceFile;
  readonly scope: LoadedScope;
  /** What `import * as m` and, in CommonJS, `require` give. */
  readonly exports: () => LoadedValue;
}

export interface Machine {
  readonly program: ts.Program;
  readonly fileAt: (specifier: ts.StringLiteralLike) => ts.SourceFile | null;
  readonly modules: Map<ts.SourceFile, LoadedModule>;
  /** Modules that something imports while it runs. */
  readonly handedOver: Set<ts.SourceFile>;
  readonly builtins: Map<string, LoadedObject>;
  /** Runs of functions, blocks and files while modules were loaded. */
  readonly scopes: Map<ts.Node, LoadedScope[]>;
  /** The functions that a node made. */
  readonly made: Map<ts.Node, LoadedObject[]>;
  /** Parameters that a function only looks at, by their positions. */
  readonly lookedAt: Map<ts.Node, ReadonlySet<number>>;
  readonly hoisted: Map<ts.Node, readonly string[]>;
  /** Loops, and whether their variables only count. */
  readonly counters: Map<ts.Node, boolean>;
  /** Functions that may be called by whoever, any number of times, on this. */
  readonly callable: Map<LoadedObject, LoadedValue>;
  /** What they give, once they were followed; missing: not yet. */
  readonly followed: Map<LoadedObject, LoadedValue>;
  /** The functions that are being followed, with what was weak when they were called. */
  readonly active: { readonly node: ts.Node; readonly weakBelow: number }[];
  /** What the functions that are being followed give on ways that may be taken. */
  readonly returns: LoadedValue[][];
  /** What is written once the modules are loaded: variables, and members of objects. */
  readonly changedLater: { readonly cells: Set<LoadedCell>; readonly members: Map<LoadedObject, Set<string>> };
  /** Members that are written to objects which are not known. */
  readonly writtenNames: Set<string>;
  /** Objects and variables made before are written on one of several ways, or at any time. */
  weakBelow: number;
  /** The earliest of what was changed lately. */
  changed: number;
  /** Functions that were made once all was loaded. */
  readonly closures: Closures;
  /** Are they told apart no more? */
  isTired: boolean;
  /** Is one of them being followed? */
  isInClosure: boolean;
  /** Was something changed that an earlier run of a function made, once all is loaded? */
  changedMade: boolean;
  /** What was made before this was there when the function that runs was called. */
  runStart: number;
  nextId: number;
  steps: number;
  /** How many there were when the function was called that is followed for its own sake. */
  stepsBefore: number;
  isLoading: boolean;
  /** Modules that are loaded before any derivative is called; the writes of others to what was made before may come later. */
  readonly sure: ReadonlySet<ts.SourceFile>;
  laterBelow: number;
  /** Are methods followed that nobody calls as far as can be seen? They are not taken to exchange functions by a name that is computed. */
  isSpeculating: boolean;
  /** What was made before this was made while modules were loaded. */
  loadedBelow: number;
  /** What is made from here on is not told apart any more where it is one of several: a loop makes ever more of it. */
  widenFrom: number;
  /** Can what a class keeps be reached from its instances? */
  readonly asksForClasses: boolean;
}

export function createMachine(program: ts.Program, fileAt: Machine["fileAt"]): Machine {
  return {
    program,
    fileAt,
    modules: new Map(),
    handedOver: new Set(),
    builtins: new Map(),
    scopes: new Map(),
    made: new Map(),
    lookedAt: new Map(),
    hoisted: new Map(),
    counters: new Map(),
    callable: new Map(),
    followed: new Map(),
    active: [],
    returns: [],
    changedLater: { cells: new Set(), members: new Map() },
    writtenNames: new Set(),
    weakBelow: 0,
    changed: Infinity,
    closures: new Map(),
    isTired: false,
    isInClosure: false,
    changedMade: false,
    runStart: 0,
    nextId: 1,
    steps: 0,
    stepsBefore: 0,
    isLoading: true,
    sure: surelyLoaded(program, fileAt),
    laterBelow: 0,
    isSpeculating: false,
    loadedBelow: Infinity,
    widenFrom: Infinity,
    asksForClasses: program.getSourceFiles().some((file) => !file.isDeclarationFile && asksForClasses(file.text)),
  };
}

/** Does a file ask an instance for its class, but to make or to compare instances? */
function asksForClasses(text: string): boolean {
  if (!text.includes("constructor")) return false;
  const harmless =
    /\bnew\s+[\w$.]+\.constructor\b|\.prototype\.constructor\s*=(?!=)|\.constructor(?:\.name\b|\s*[!=]==?)|[!=]==?\s*[\w$.]+\.constructor\b(?!\s*[.[(])/g;
  const asking = /\.\s*constructor\b|\[\s*["'`]constructor|[{,]\s*constructor\s*(?:[,}]|:\s*[\w$]+\s*\}\s*=)/;
  return asking.test(text.replace(harmless, ""));
}

const maxSteps = 4_000_000;

export function step(machine: Machine): void {
  machine.steps++;
  if (machine.steps > maxSteps) throw new GivenUp();
}

// ---- Making ---------------------------------------------------------------------------------------------

export function makeObject(
  machine: Machine,
  node: ts.Node | null,
  given: Partial<
    Pick<LoadedObject, "elements" | "storage" | "entries" | "prototype" | "run" | "maker" | "isOpen">
  > = {},
): LoadedObject {
  return {
    id: machine.nextId++,
    node,
    members: new Map(),
    elements: given.elements ?? null,
    storage: given.storage ?? (given.elements === undefined ? null : "Array"),
    entries: given.entries ?? null,
    prototype: given.prototype ?? null,
    run: given.run ?? null,
    maker: given.maker ?? null,
    isOpen: given.isOpen ?? false,
    isFrozen: false,
    isLeaked: false,
  };
}

export const makeArray = (
  machine: Machine,
  node: ts.Node | null,
  elements: readonly LoadedValue[],
  storage = "Array",
): LoadedObject => makeObject(machine, node, { elements: [...elements], storage });

export function makeScope(
  machine: Machine,
  node: ts.Node,
  outer: LoadedScope | null,
  activation: LoadedScope["activation"] = null,
): LoadedScope {
  const scope = {
    node,
    outer,
    cells: new Map<string, LoadedCell>(),
    activation,
    isLoaded: machine.isLoading,
    isOpen: false,
  };
  if (machine.isLoading) {
    const known = machine.scopes.get(node);
    if (known === undefined) machine.scopes.set(node, [scope]);
    else known.push(scope);
  }
  return scope;
}

export function declare(machine: Machine, scope: LoadedScope, name: string, value: LoadedValue): LoadedCell {
  const known = scope.cells.get(name);
  if (known !== undefined) return known;
  const { isOpen } = scope;
  if (isOpen) leak(machine, value);
  const cell: LoadedCell = { id: machine.nextId++, value: isOpen ? unknown : value, isOpen };
  scope.cells.set(name, cell);
  return cell;
}

export function cellOf(scope: LoadedScope | null, name: string): LoadedCell | null {
  for (let at = scope; at !== null; at = at.outer) {
    const cell = at.cells.get(name);
    if (cell !== undefined) return cell;
  }
  return null;
}

// ---- Writing --------------------------------------------------------------------------------------------

/** Is what was made there written once all is loaded, or by a module that may be loaded then? */
const isLater = ({ isLoading, laterBelow }: Machine, id: number): boolean => !isLoading || id < laterBelow;

export function noteChange(machine: Machine, id: number): void {
  machine.changed = Math.min(machine.changed, id);
  if (id >= machine.loadedBelow && id < machine.runStart) machine.changedMade = true;
}

/** So many objects are told apart that one value may be. */
const mostObjects = 5000;

/** One of two values; the first itself where the second adds nothing. */
export const either = (machine: Machine, a: LoadedValue, b: LoadedValue): LoadedValue => anyOf(machine, [a, b]);

export function anyOf(machine: Machine, values: readonly LoadedValue[]): LoadedValue {
  const [first, ...rest] = values;
  if (rest.every((one) => Object.is(one, first))) return first;
  const objects = new Set<LoadedObject>();
  let isWidened = false;
  for (const one of values.flatMap((value) => [...objectsOf(value)])) {
    if (one.id < machine.widenFrom) objects.add(one);
    else {
      leak(machine, one);
      isWidened = true;
    }
  }
  if (objects.size === 0) return unknown;
  if (objects.size > mostObjects) {
    for (const one of objects) leak(machine, one);
    return unknown;
  }
  const orUnknown = isWidened || values.some((one) => one === unknown || (isOneOf(one) && one.orUnknown));
  const isSame = isOneOf(first) && first.orUnknown === orUnknown && first.objects.size === objects.size;
  return isSame ? first : { objects, orUnknown };
}

/** What is kept in something that was there before is made again and again, once all is loaded. */
function lasting(machine: Machine, id: number, value: LoadedValue): LoadedValue {
  if (machine.isLoading || id >= machine.runStart) return value;
  const from = id < machine.loadedBelow ? machine.loadedBelow : machine.runStart;
  const made = [...objectsOf(value)].filter((one) => one.id >= from);
  if (made.length === 0) return value;
  for (const one of made) leak(machine, one);
  return anyOf(machine, [unknown, ...[...objectsOf(value)].filter((one) => one.id < from)]);
}

export function setCell(machine: Machine, cell: LoadedCell, given: LoadedValue): void {
  const value: LoadedValue = lasting(machine, cell.id, given);
  if (cell.isOpen) return leak(machine, value);
  if (cell.id >= machine.weakBelow) {
    cell.value = value;
    return;
  }
  const joined = either(machine, cell.value, value);
  if (Object.is(joined, cell.value)) return;
  cell.value = joined;
  if (isLater(machine, cell.id)) machine.changedLater.cells.add(cell);
  noteChange(machine, cell.id);
}

/** From now on a variable may hold anything. */
export function openCell(machine: Machine, cell: LoadedCell): void {
  if (cell.isOpen) return;
  leak(machine, cell.value);
  cell.value = unknown;
  cell.isOpen = true;
  noteChange(machine, cell.id);
}

/** Gives an object a member, without asking setters. */
export function define(machine: Machine, owner: LoadedObject, key: string, given: LoadedMember): void {
  const member: LoadedMember =
    given.kind === "data" ? { ...given, value: lasting(machine, owner.id, given.value) } : given;
  if (owner.isFrozen) return leakMember(machine, member);
  const isWeak = owner.id < machine.weakBelow;
  if (owner.isLeaked || owner.isOpen) leakMember(machine, member);
  if (owner.isOpen) return;
  const index = owner.elements === null ? null : indexOf(key);
  if (owner.elements !== null && index !== null) {
    if (member.kind !== "data" || index > owner.elements.length + 1000) return open(machine, owner);
    const value = owner.storage === "Array" ? member.value : stored(owner.storage ?? "", member.value);
    if (isWeak && index >= owner.elements.length) {
      leakMember(machine, member);
      return open(machine, owner);
    }
    if (isWeak) {
      const before = owner.elements[index];
      const joined = either(machine, before, value);
      owner.elements[index] = joined;
      if (!Object.is(before, joined)) noteChange(machine, owner.id);
      return;
    }
    if (owner.storage !== "Array" && index >= owner.elements.length) return;
    while (owner.elements.length < index) owner.elements.push(undefined);
    owner.elements[index] = value;
    return;
  }
  if (owner.elements !== null && key === "length") return open(machine, owner);
  if (!isWeak) {
    owner.members.set(key, member);
    return;
  }
  const before = owner.members.get(key);
  if (before?.kind === "binding") return;
  if (isLater(machine, owner.id)) noteMember(machine, owner, key);
  if (before?.kind === "accessor" || member.kind !== "data") {
    if (before?.kind === "accessor" && member.kind === "accessor" && before.get === member.get) return;
    if (before !== undefined) leakMember(machine, before);
    leakMember(machine, member);
    if (before?.kind === "data" && before.value === unknown) return;
    owner.members.set(key, { kind: "data", value: unknown, isListed: true });
    noteChange(machine, owner.id);
    return;
  }
  // Where there was none, there may be none.
  const joined = either(machine, before === undefined ? unknown : before.value, member.value);
  if (before !== undefined && Object.is(before.value, joined)) return;
  owner.members.set(key, { kind: "data", value: joined, isListed: true });
  noteChange(machine, owner.id);
}

export function noteMember({ changedLater }: Machine, owner: LoadedObject, key: string): void {
  const known = changedLater.members.get(owner);
  if (known === undefined) changedLater.members.set(owner, new Set([key]));
  else known.add(key);
}

/** From now on a function may be called at any time. */
export function mayCall(machine: Machine, value: LoadedObject, thisValue: LoadedValue): void {
  if (!machine.callable.has(value)) machine.callable.set(value, thisValue);
}

export const indexOf = (key: string): number | null => (/^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : null);

/** What a typed array makes of a number. */
export function stored(storage: string, value: LoadedValue): LoadedValue {
  if (typeof value !== "number") return unknown;
  switch (storage) {
    case "Float64Array":
      return value;
    case "Float32Array":
      return Math.fround(value);
    case "Int8Array":
      return (value << 24) >> 24;
    case "Uint8Array":
      return value & 255;
    case "Uint8ClampedArray":
      return Uint8ClampedArray.of(value)[0];
    case "Int16Array":
      return (value << 16) >> 16;
    case "Uint16Array":
      return value & 65535;
    case "Int32Array":
      return value | 0;
    case "Uint32Array":
      return value >>> 0;
    default:
      return unknown;
  }
}

// ---- Ways that may be taken -----------------------------------------------------------------------------

/** Follows something that may happen or not. */
export function perhaps<T>(machine: Machine, run: () => T): T {
  const before = machine.weakBelow;
  machine.weakBelow = machine.nextId;
  try {
    return run();
  } finally {
    machine.weakBelow = before;
  }
}

/** Follows something that may happen any number of times, until nothing changes any more. */
export function repeatedly(machine: Machine, run: () => void): void {
  const start = machine.nextId;
  let earliest = machine.changed;
  const before = machine.widenFrom;
  for (let round = 0; ; round++) {
    if (round > 20) throw new GivenUp();
    if (round > 2) machine.widenFrom = Math.min(before, start);
    machine.changed = Infinity;
    perhaps(machine, run);
    earliest = Math.min(earliest, machine.changed);
    if (machine.changed >= start) break;
  }
  machine.changed = earliest;
  machine.widenFrom = before;
}
