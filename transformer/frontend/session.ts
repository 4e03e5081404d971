/** What lowering keeps from one function to the next. */
import ts from "typescript";
import type { Compilation } from "../compilation.js";
import type { GeneratedImport } from "../derivative-request.js";
import type { Code } from "../diagnostics/codes.js";
import type { Details } from "../diagnostics/diagnostic.js";
import type { ArrayType, IRFunction, RecordType, Type, Value } from "../ir/ir.js";
import { createImplementations, type Implementations } from "../syntax/implementations.js";
import type { OwnRule, OwnRules } from "../syntax/own-rules.js";
import { spanOf } from "../syntax/span.js";
import type { Maker } from "./class-members.js";
import type { ConstSink } from "./declared-const.js";
import { noHoles, type HoleNotes } from "./hole-notes.js";
import type { Effort } from "./effort.js";
import type { Entity } from "./entity.js";
import type { Writes } from "./writes.js";
import type { FieldWrites, LiteralKeys } from "./known-fields.js";
import type { Shape } from "./given-later.js";
import type { LearntMap } from "./learnt-map.js";
import type { CarriedKind } from "./mixed-in-loops.js";
import type { Callable, GivenArguments, Ruling, Slot } from "./environment.js";
import type { KeptGenerator } from "./kept-generator.js";
import type { GrownList } from "./grown-list.js";
import type { FunctionValue } from "./function-value.js";
import type { Machine } from "./loading/machine.js";
import type { LoadedMark } from "./loaded-mark.js";
import type { LoadedObject } from "./loading/values.js";
import type { OpenObject } from "./open-object.js";
import type { PendingElements } from "./pending-elements.js";
import type { Run } from "./run-once.js";
import { createTypeReader, type TypeReader } from "../syntax/type-of.js";
import type { TypeNames } from "./visible-types.js";

/** How a callee is known before its body has been lowered, so that it may call itself. */
export interface CalleeSignature {
  readonly name: string;
  /** Known when the body has been lowered. */
  params: readonly Type[];
  readonly results: readonly Type[];
  /** false: it was refused, and so is whoever calls it. */
  usable: boolean;
  /** Does it make an array shorter? */
  shortens: boolean;
  /** Are there methods in it that would have to leave out holes, were there any? */
  asksForHoles: boolean;
  /** false: it is one variant of what the user wrote, made for functions or types that it is handed. */
  readonly takesAsWritten: boolean;
  /** What its body answers, where that was assumed only; null: not known. */
  found: Type | null;
}

/** A derivative that a function which is differentiated calls. */
export interface CalledDerivative {
  readonly fn: IRFunction;
  /** What its primal captures, by the position of the parameter that takes it. */
  readonly captured: ReadonlyMap<number, ts.Symbol>;
  /** In mode vjp: what its pullback does, with the tape in front of the seed. It gives the value and the tape itself. */
  readonly pullback: IRFunction | null;
}

/**
 * The derivative that a call of the macro asks for, as a function that can be called where the output stands; null where
 * the call is no macro, or where something stands in the way, which is reported.
 */
export type DerivativeOf = (macro: ts.CallExpression, outputFile: ts.SourceFile) => CalledDerivative | null;

export interface LoweringSession {
  readonly program: ts.Program;
  readonly derivativeOf: DerivativeOf;
  /** Is this a call of the macro that asks for a derivative? */
  readonly isMacro: (node: ts.CallExpression) => boolean;
  readonly checker: ts.TypeChecker;
  readonly compilation: Compilation;
  readonly types: TypeReader;
  /** What runs behind the declarations of packages. */
  readonly implementations: Implementations;
  /** Callees by declaration, then by which parameters are given and where the derivative will stand. */
  readonly callees: Map<ts.Node, Map<string, CalleeSignature>>;
  /** Types that variables were found to need around a loop; the key is the variable's symbol. */
  readonly widened: Map<object, Type>;
  /** Values that stand for something already reported: nothing is said about them a second time. */
  readonly poisoned: WeakSet<Value>;
  /** Values that are certainly neither undefined nor null. */
  readonly present: WeakSet<Value>;
  /** Objects and arrays that are there by their declared types; an element, in contrast, may lie outside its array. */
  readonly certain: WeakSet<Value>;
  /** Views of other arrays, with the call that makes them, while a function is lowered. */
  readonly views: WeakMap<Value, ts.Node>;
  viewCount: number;
  /** Copies that `set` makes of a view before it writes: what it writes, and from where on. */
  readonly copiesForSet: WeakMap<Value, { readonly target: Value; readonly offset: Value | null }>;
  /** Indices that surely lie in these views. */
  readonly inViews: WeakMap<Value, Set<Value>>;
  /** What `!` says is there, and what it was said of: a program may ask nevertheless. */
  readonly asserted: WeakMap<Value, Value>;
  /** What a value may be although its type does not say so: `links[i] ?? { l: 0 }` is no link behind the end. */
  readonly untold: WeakSet<Value>;
  /** What a variable holds that was given nothing: certainly undefined. */
  readonly absent: WeakSet<Value>;
  /** Types of objects of `Object.create(null)`: they inherit nothing. */
  readonly bare: WeakSet<Type>;
  /** Objects made of a literal: they have the fields of their type, and no others. */
  readonly complete: WeakSet<Value>;
  /** Nodes that the fence has refused. */
  readonly fenced: Set<ts.Node>;
  /** Nodes of JavaScript that are refused where control can reach them. */
  readonly deferred: Map<ts.Node, { readonly code: Code; readonly details: Details }>;
  /** Generators that loops walk, which the fence has looked at. */
  readonly walkedGenerators: Set<ts.Node>;
  /** Variables that a loop may leave without what they held before it; the key is the variable's symbol. */
  readonly perhapsAbsent: Set<object>;
  /** Variants of functions without types that cannot be lowered by themselves: what tells them apart, by the function. */
  readonly hopeless: Map<ts.Node, ReadonlySet<string>>;
  /** Numbers for what is known by itself: types, and what functions that a module makes have around them. */
  readonly identities: Map<object, number>;
  /** Does a function call itself, perhaps through others? */
  readonly circles: Map<ts.Node, boolean>;
  /** Functions that the fence has looked at. */
  readonly examined: Set<ts.Node>;
  /** Lists of what calls hand over, with what is in them. */
  readonly givenLists: WeakMap<Value, readonly Value[]>;
  /** Lists that were read by what is known of them, and where: nothing may write them. */
  readonly readLists: WeakMap<Value, ts.Expression>;
  /** Lists that hold functions: no memory does, so that they are known by what is in them alone. */
  readonly functionLists: WeakMap<Value, ts.Node>;
  /** Those that may get others: what is in them stands in a variable. */
  readonly grownLists: WeakMap<Value, GrownList>;
  /** Generators that are not walked yet. */
  readonly generators: WeakMap<Value, KeptGenerator>;
  /** Marks of `arguments`, with what it holds. */
  readonly argumentObjects: WeakMap<Value, { readonly node: ts.Node; readonly given: GivenArguments }>;
  /** Regular expressions, with what they look for. */
  readonly patterns: WeakMap<Value, RegExp>;
  /** Texts that numbers were turned into, with the numbers. */
  readonly numberTexts: WeakMap<Value, Value>;
  /** Texts that objects are made with, by their fields. */
  readonly knownFields: WeakMap<Value, ReadonlyMap<string, Value>>;
  readonly literalKeys: WeakMap<Value, LiteralKeys>;
  /** Names of fields that were written while functions were lowered, and those of which it was taken for granted that they are not. */
  readonly writtenFields: FieldWrites;
  readonly unwrittenFields: FieldWrites;
  /** What was read from arrays, whose elements need not be there; and tests of `typeof` of them, with the answer where one is not. */
  readonly elements: WeakSet<Value>;
  readonly elementTests: WeakMap<Value, boolean>;
  /** Fields that were one of several things where objects of a type were made: of each kind there is a type. */
  readonly settledFields: WeakMap<Type, ReadonlySet<string>>;
  /** What tests tell of values that may be one of several things. */
  readonly rulings: WeakMap<Value, Ruling>;
  /** What variables were found to hold around a loop, where no one type holds it; the key is the variable's symbol. */
  readonly widenedKinds: Map<object, readonly CarriedKind[]>;
  /** What made the objects of a type, and the members that objects of one make are given later. */
  readonly shapes: WeakMap<Type, Shape>;
  readonly laterMembers: Map<Shape, Map<string, Type>>;
  /** What was learnt of each so far, as text. */
  readonly learntBefore: Map<Shape, Set<string>>;
  /** The literals of which one has made an object of a type. */
  readonly alternatives: WeakMap<Type, readonly string[]>;
  /** How often such a member was found. */
  learnt: number;
  /** What is put into the Maps of JavaScript that a node makes, and into those of a type. */
  readonly learntMaps: Map<ts.Node, LearntMap>;
  readonly mapsOfType: WeakMap<Type, LearntMap>;
  /** Of the outermost function that is being lowered. */
  holes: HoleNotes;
  /** Symbols that a stretch of source assigns. */
  readonly assigned: Map<ts.Node, ReadonlySet<ts.Symbol>>;
  /** What a stretch of source makes shorter or replaces, as it is called there. */
  readonly shortened: Map<ts.Node, ReadonlySet<string>>;
  /** Names that can be seen at the top level of a file, with what they mean there. */
  readonly visible: Map<ts.SourceFile, ReadonlyMap<string, ts.Symbol>>;
  /** What a file calls interfaces, types and classes. */
  readonly typeNames: Map<ts.SourceFile, TypeNames>;
  /** Symbols that functions inside a function assign. */
  readonly shared: Map<ts.Node, ReadonlySet<ts.Symbol>>;
  /** Memory that belongs to a module: it must not be written. */
  readonly moduleValues: WeakSet<Value>;
  /** Those of them that are made again, in the function, by what makes them when the module is loaded. */
  readonly madeAtLoad: WeakSet<Value>;
  /** Objects whose own fields must not be written any more. */
  readonly frozen: WeakSet<Value>;
  /** The classes that instances were made of, where that is known. */
  readonly exactClasses: WeakMap<Value, Maker>;
  /** Types of instances that JavaScript made, by what made them; each is one object. */
  readonly madeTypes: Map<Maker, RecordType[]>;
  readonly makers: WeakMap<Type, Maker>;
  /** The same of classes that extend `Array`. */
  readonly arrayTypes: Map<Maker, ArrayType>;
  /** The members that instances of a class or a function are given. */
  readonly memberNames: Map<Maker, ReadonlySet<string>>;
  /** Marks of functions, and the functions that the fields of objects hold, by their types. */
  readonly functions: WeakMap<Value, FunctionValue>;
  readonly functionFields: WeakMap<Type, ReadonlyMap<string, Callable>>;
  /** The members that functions were given, by the function. */
  readonly functionMembers: WeakMap<Callable | Value, Map<string, Slot>>;
  /** The names of all members that arrays were given. */
  readonly arrayMembers: Set<string>;
  /** The names of members that arrays were asked for, and had none. */
  readonly askedInVain: Set<string>;
  /** Functions in the fields of an object that is one of two after a branch. */
  readonly joinedFunctions: WeakMap<Value, ReadonlyMap<string, Callable>>;
  /** Marks of objects that are there once the modules are loaded, and are not written where they are needed. */
  readonly loadedMarks: WeakMap<Value, LoadedMark>;
  readonly marksOfLoaded: Map<LoadedObject, Value>;
  /** Marks of objects that are not made yet. */
  readonly open: WeakMap<Value, OpenObject>;
  /** Marks of objects that have become records since: who still has one would write past them. */
  readonly closed: WeakSet<Value>;
  /** Marks of what modules keep for their functions to work in, in the function that is being lowered. */
  scratch: Map<ts.Node, Value>;
  /** The same for variables of modules, by their declarations. */
  scratchVariables: Map<ts.Node, Slot>;
  /** Does every function give such a variable a value before it reads it? */
  readonly writtenFirst: Map<ts.Node, boolean>;
  /** Names that no file declares: the first use of each; null: others use it too. */
  readonly undeclared: Map<ts.SourceFile, Map<string, ts.Identifier | null>>;
  /** Functions that do so. */
  readonly scratchUsers: Set<ts.Node>;
  /** Is a variable of a module a table in which a function remembers its answers? */
  readonly memoTables: Map<ts.Node, boolean>;
  /** Functions that are being lowered, and those that were called meanwhile. */
  readonly lowering: Set<ts.Node>;
  readonly calledMeanwhile: Set<ts.Node>;
  /** Types of empty arrays whose elements are not known yet, and what stands for their elements. */
  readonly pendingElements: Map<Type, PendingElements>;
  readonly placeholders: WeakSet<Type>;
  /** How many elements an array literal has. */
  readonly literalCounts: WeakMap<Value, number>;
  /** In how many loops each list was made, and in how many lowering stands. */
  readonly listDepths: WeakMap<Value, number>;
  loopDepth: number;
  /** Parameters of the function that is differentiated: their arrays keep their lengths. */
  readonly fixedParameters: WeakMap<Value, string>;
  /** Values that went into places declared `int` or `Const`, in the function that is being lowered. */
  sinks: ConstSink[];
  /** The same, for the functions lowered for one primal. */
  readonly lowered: { readonly fn: IRFunction; readonly sinks: readonly ConstSink[] }[];
  /** Is a constant of a module what its initialiser says, whenever it is read? By its declaration. */
  readonly settled: Map<ts.Node, boolean>;
  /** Is a `var` of a module given another value after its declaration? */
  readonly reassigned: Map<ts.Node, boolean>;
  /** How functions are run that run once; null: they are not of these. */
  readonly runs: Map<ts.Node, Run | null>;
  /** What is there once files are loaded, by its node, and what expressions stand for. */
  readonly entities: Readonly<Record<Entity["kind"], Map<ts.Node, Entity>>> & {
    readonly ofExpression: Map<ts.Node, Entity | null>;
    readonly members: Map<Entity, Map<string, Entity | null>>;
  };
  /** The modules of the program, loaded; undefined: not yet; null: there is no telling. Shared with what is lowered beside the run. */
  readonly loaded: { machine: Machine | null | undefined };
  /** All that a file assigns. */
  readonly writes: Map<ts.SourceFile, Writes>;
  /** What output files have to import: constants of other files, by the declaration. */
  readonly imported: Map<ts.SourceFile, Map<ts.Node, GeneratedImport>>;
  /** Names given to functions, also to those that are still being lowered. */
  readonly reserved: Set<string>;
  /** Derivatives that the user gives: shared with what is lowered beside the run. */
  readonly rules: RuleFacts;
  /** Lowers only to see what a function does: nothing of it is differentiated. */
  readonly isTrial: boolean;
  /** What stands for functions with a rule, by the output file. */
  readonly externals: Map<ts.SourceFile, Map<ts.Node, ExternalSignature | null>>;
  /** Errors so far, the repeated ones included. */
  failures: number;
  readonly effort: Effort;
}

/** What is known of rules of the user's own. */
export interface RuleFacts {
  /** null: not yet looked for. */
  found: OwnRules | null;
  readonly used: Set<OwnRule>;
  /** How many functions of rules are being lowered, one for the other: what they call need not be differentiated. */
  depth: number;
  /** What functions do besides giving a result; null: not known, or being found out. */
  readonly tried: Map<ts.Node, SourceEffects | null>;
}

export interface SourceEffects {
  readonly reads: boolean;
  readonly observable: boolean;
  readonly written: readonly WrittenParameter[];
}

/** A parameter that a function writes into. */
export interface WrittenParameter {
  readonly name: string;
  readonly position: number;
  /** Only numbers, in the array or object itself; its length stays, and it is not what the function returns. */
  readonly isPlain: boolean;
}

/** A function that is called as it is. */
export interface ExternalSignature {
  readonly name: string;
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

export function createLoweringSession(
  program: ts.Program,
  compilation: Compilation,
  {
    derivativeOf,
    isMacro,
    loaded = { machine: undefined },
  }: Pick<LoweringSession, "derivativeOf" | "isMacro"> & Partial<Pick<LoweringSession, "loaded">>,
  triedFor: RuleFacts | null = null,
): LoweringSession {
  return {
    program,
    derivativeOf,
    isMacro,
    checker: program.getTypeChecker(),
    compilation,
    types: createTypeReader(program),
    implementations: createImplementations(program, compilation.options.packageSources),
    callees: new Map(),
    widened: new Map(),
    poisoned: new WeakSet(),
    present: new WeakSet(),
    certain: new WeakSet(),
    asserted: new WeakMap(),
    untold: new WeakSet(),
    views: new WeakMap(),
    viewCount: 0,
    copiesForSet: new WeakMap(),
    inViews: new WeakMap(),
    absent: new WeakSet(),
    bare: new WeakSet(),
    complete: new WeakSet(),
    fenced: new Set(),
    deferred: new Map(),
    walkedGenerators: new Set(),
    examined: new Set(),
    givenLists: new WeakMap(),
    readLists: new WeakMap(),
    functionLists: new WeakMap(),
    grownLists: new WeakMap(),
    generators: new WeakMap(),
    argumentObjects: new WeakMap(),
    patterns: new WeakMap(),
    numberTexts: new WeakMap(),
    perhapsAbsent: new Set(),
    hopeless: new Map(),
    identities: new Map(),
    circles: new Map(),
    knownFields: new WeakMap(),
    literalKeys: new WeakMap(),
    writtenFields: new Map(),
    unwrittenFields: new Map(),
    shapes: new WeakMap(),
    laterMembers: new Map(),
    learntBefore: new Map(),
    alternatives: new WeakMap(),
    learnt: 0,
    learntMaps: new Map(),
    mapsOfType: new WeakMap(),
    holes: noHoles(false),
    settledFields: new WeakMap(),
    elements: new WeakSet(),
    elementTests: new WeakMap(),
    rulings: new WeakMap(),
    widenedKinds: new Map(),
    assigned: new Map(),
    shortened: new Map(),
    visible: new Map(),
    typeNames: new Map(),
    shared: new Map(),
    moduleValues: new WeakSet(),
    frozen: new WeakSet(),
    madeAtLoad: new WeakSet(),
    exactClasses: new WeakMap(),
    madeTypes: new Map(),
    makers: new WeakMap(),
    arrayTypes: new Map(),
    pendingElements: new Map(),
    placeholders: new WeakSet(),
    memberNames: new Map(),
    functions: new WeakMap(),
    functionFields: new WeakMap(),
    functionMembers: new WeakMap(),
    arrayMembers: new Set(),
    askedInVain: new Set(),
    joinedFunctions: new WeakMap(),
    loadedMarks: new WeakMap(),
    marksOfLoaded: new Map(),
    open: new WeakMap(),
    closed: new WeakSet(),
    scratch: new Map(),
    scratchVariables: new Map(),
    writtenFirst: new Map(),
    undeclared: new Map(),
    memoTables: new Map(),
    scratchUsers: new Set(),
    lowering: new Set(),
    calledMeanwhile: new Set(),
    literalCounts: new WeakMap(),
    listDepths: new WeakMap(),
    loopDepth: 0,
    fixedParameters: new WeakMap(),
    sinks: [],
    lowered: [],
    settled: new Map(),
    reassigned: new Map(),
    runs: new Map(),
    entities: {
      value: new Map(),
      module: new Map(),
      prototype: new Map(),
      ofExpression: new Map(),
      members: new Map(),
    },
    loaded,
    writes: new Map(),
    imported: new Map(),
    reserved: new Set(),
    rules: triedFor ?? { found: null, used: new Set(), depth: 0, tried: new Map() },
    isTrial: triedFor !== null,
    externals: new Map(),
    failures: 0,
    effort: { bodies: 0 },
  };
}

/** Callees that text in a file can call by their name: functions declared at its top level, as they were written. */
export function calleesVisibleIn(file: ts.SourceFile, session: LoweringSession): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [declaration, variants] of session.callees) {
    if (!ts.isFunctionLike(declaration)) continue;
    const own = topLevelName(declaration, file);
    for (const { name, params, takesAsWritten } of variants.values()) {
      if (own === name && takesAsWritten && params.length === declaration.parameters.length) names.add(name);
    }
  }
  return names;
}

/** The name of a function declared at the top level of a file, or of a variable there that holds it. */
function topLevelName(declaration: ts.SignatureDeclaration, file: ts.SourceFile): string | null {
  const { parent } = declaration;
  if (ts.isFunctionDeclaration(declaration)) return parent === file ? (declaration.name?.text ?? null) : null;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return null;
  const statement = parent.parent.parent;
  return ts.isVariableStatement(statement) && statement.parent === file ? parent.name.text : null;
}

/** Reports an error at a node of the user's program. */
export function refuse(session: LoweringSession, code: Code, node: ts.Node, details: Details = {}): void {
  session.failures++;
  session.compilation.report(code, spanOf(node), details);
}

/** Something that cannot be: a fault of ours. Caught where a function's lowering begins. */
export class InternalError extends Error {
  constructor(
    message: string,
    readonly node: ts.Node | null,
  ) {
    super(message);
  }
}
