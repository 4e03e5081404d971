/**
 * Every diagnostic that the transformer can report, as one table.
 *
 * `EZ1xxx` is a wrong use, `EZ2xxx` a construct that is not supported (yet), `EZ3xxx` a warning or an information,
 * `EZ9xxx` a fault of ours. In `message` and `advice`, `{name}` stands for the detail of that name.
 */

export type Category = "error" | "warning" | "info";

/** user: the program asks for something wrong. unsupported: a sound program that we cannot differentiate yet. internal: our fault. */
export type Kind = "user" | "unsupported" | "internal";

export interface CodeEntry {
  readonly category: Category;
  readonly kind: Kind;
  /** What is wrong, in the user's words. */
  readonly message: string;
  /** What to write instead. */
  readonly advice: string;
}

const user = (message: string, advice: string): CodeEntry => ({ category: "error", kind: "user", message, advice });
const unsupported = (message: string, advice: string): CodeEntry => ({
  category: "error",
  kind: "unsupported",
  message,
  advice,
});
const warning = (message: string, advice: string): CodeEntry => ({
  category: "warning",
  kind: "user",
  message,
  advice,
});
const info = (message: string, advice: string): CodeEntry => ({ category: "info", kind: "user", message, advice });

const table = {
  // ---- EZ1xxx: wrong use -------------------------------------------------------------------------------------------
  EZ1001: user("unknown mode {mode}", "use one of the literal modes {modes}"),
  EZ1002: user(
    "the mode of `enzyme` must be a string literal, so that it is known at build time",
    'write the mode in place: enzyme(f, "gradient")',
  ),
  EZ1003: user(
    "`enzyme` needs a function that can be found at build time; {what} cannot",
    "name a function declaration, a const that holds a function, or a static method",
  ),
  EZ1004: user(
    "mode {mode} needs a function that returns a number; `{name}` returns {type}",
    'use "vjp" or "jacobian", or "reverse", whose last argument seeds the result; or return one number',
  ),
  EZ1005: user(
    "parameter position {position} is out of range: `{name}` has {count} parameter(s)",
    "positions count from 0",
  ),
  EZ1006: user(
    "the options of `enzyme` must be an object literal with literal positions",
    "write { const: [1] } or { wrt: [0] } in place",
  ),
  EZ1040: user(
    "`width` must be a whole number from 1 to {most}, written in place",
    "write { width: 4 }: the directions stand side by side in the generated code",
  ),
  EZ1041: user(
    "mode {mode} takes no `width`",
    'leave it out; "forward", "forwardWithPrimal", "hvp" and "vjp" take one',
  ),
  EZ1080: user("`sparse` must be the literal true", "write { sparse: true }, or leave it out"),
  EZ1081: user("mode {mode} has no sparse form", 'leave `sparse` out; "jacobian" and "hessian" have one'),
  EZ1007: user("`const` and `wrt` cannot be combined", "keep one of the two: `wrt` names what stays differentiable"),
  EZ1008: user(
    "`{name}` has no differentiable parameter",
    "declare at least one parameter as number, an array of numbers, or an object that holds numbers",
  ),
  EZ1110: user(
    "this option leaves `{name}` no differentiable parameter",
    "leave at least one parameter that carries a derivative differentiable",
  ),
  EZ1111: user("position {position} is named twice", "name each parameter once"),
  EZ1112: user(
    "the positions in `wrt` are not in the order of the parameters, which the gradient keeps",
    "write them in that order: { wrt: [{sorted}] }",
  ),
  EZ1009: user(
    "`{name}` returns nothing and writes no array, so it has no derivative",
    "return a number, or write the result into an array parameter",
  ),
  EZ1010: user(
    "`{name}` has no body here, so it cannot be differentiated",
    "give its source, not only its declaration",
  ),
  EZ1011: user(
    "the type of `{name}` is not known ({type})",
    "annotate it with number, an array of numbers, or an object type; correct the type errors that tsc reports first",
  ),
  EZ1012: user(
    "`{name}` is declared {type}, but an active value is assigned to it: its derivative would be cut",
    "declare it without {type}, or keep derivatives out of it with stopGradient",
  ),
  EZ1013: user(
    "`enzyme` can only be called here, not passed on or stored",
    'call it where the derivative is needed: enzyme(f, "gradient")',
  ),
  EZ1014: user("unknown word `{word}` after @enzyme", "write modes only: /** @enzyme gradient forward */"),
  EZ1015: user("parameter {position} of `{name}` carries no derivative ({type})", "leave it out of `wrt`"),
  EZ1016: user(
    "rest parameter `{name}` cannot be followed by its shadow or tangent in mode {mode}",
    'use "gradient", or pass an array',
  ),
  EZ1017: user("`{name}` cannot be resolved", "import it, or correct the error that tsc reports here"),
  EZ1018: user(
    "the name `{name}` is already taken in {file}",
    "rename the function that has it, or remove the earlier output",
  ),
  EZ1019: user("syntax error: {text}", "correct it; nothing is generated from a file that does not parse"),
  EZ1020: user(
    "`{name}` needs explicit parameter types",
    "annotate each parameter, in JavaScript by JSDoc: @param {number} x, @param {number[]} w",
  ),
  EZ1021: user(
    "option `{option}` of `enzyme` is not known",
    "the options are { const: [positions] }, { wrt: [positions] } and { width: number }",
  ),
  EZ1022: user(
    "array `{name}` changes its length, and a derivative is asked for it",
    "copy it first, or declare it Const",
  ),
  EZ1023: user(
    "`{name}` is a marked function inside another function; it cannot be exported from there",
    "move it to the top level of the file",
  ),
  EZ1024: user(
    "`@enzyme checkpoint` {what}",
    "write it above a loop, with the number of snapshots that may be kept at a time, or without: /** @enzyme checkpoint 20 */",
  ),
  EZ1025: user("type error: {text}", "correct it; what stands in the function cannot be differentiated before"),
  EZ1026: user(
    "`{name}` is imported from {module} (line {line}), which cannot be found",
    "correct the path, or install the package; a file of this project is imported with its extension, as `./file.js`",
  ),
  EZ1027: user(
    "enzyme-ts/tsc-plugin makes programs, but is set up to change single files",
    'write in tsconfig.json: "plugins": [{ "transform": "enzyme-ts/tsc-plugin", "transformProgram": true }]',
  ),

  EZ1028: user("a budget for memory is an amount, and not {what}", "write the bytes, or so many KB, MB or GB: 64MB"),
  EZ1030: user(
    "`defineRule` needs functions that can be found at build time; {what} cannot",
    "name a function declaration, a const that holds a function, or a static method",
  ),
  EZ1031: user(
    "the rule of `{name}` is never used",
    "call `{name}` in a function that is differentiated, or remove its rule",
  ),
  EZ1032: user("the {part} rule of `{name}` {why}", "{advice}"),
  EZ1033: user(
    "the rule of `{name}` gives no derivative",
    "write defineRule({name}, { reverse, forward }), or /** @enzyme custom reverse=... forward=... */",
  ),
  EZ1034: user("`{name}` has two rules", "keep one of them"),
  EZ1035: user("`{name}` has no {part} rule, which is needed here", "add one: defineRule({name}, { {part}: ... })"),
  EZ1036: user(
    "a derivative would flow through argument `{argument}` of `{name}`, which is declared const",
    "declare it differentiable in the rule's function, or hand it a constant: stopGradient({argument})",
  ),

  // ---- EZ2xxx: not supported (yet) -----------------------------------------------------------------------------------
  EZ2001: unsupported("{what} is not supported yet", "{advice}"),
  EZ2002: unsupported("mode {mode} is not supported yet", 'use "gradient", "reverse" or "forward"'),
  EZ2003: unsupported(
    "async functions cannot be differentiated: `{name}`",
    "await the data first, and differentiate a plain function of it",
  ),
  EZ2004: unsupported("generator functions cannot be differentiated: `{name}`", "fill an array and loop over it"),
  EZ2005: unsupported("`await` cannot be differentiated", "await the data first, and pass it as an argument"),
  EZ2006: unsupported("`yield` cannot be differentiated", "fill an array and loop over it"),
  EZ2007: unsupported(
    "values of type {type} cannot be differentiated",
    "use numbers, arrays of numbers, or declare it Const",
  ),
  EZ2008: unsupported(
    "the source of `{name}` is not available, so its derivative is unknown",
    "write a version of it in a file of your own, or pass only const values to it",
  ),
  EZ2009: unsupported("`Math.{name}` has no rule", "write it with the functions of Math that have one"),
  EZ2010: unsupported("a {kind} pattern is not supported yet here", "assign the parts one by one"),
  EZ2011: unsupported("`{name}` uses `this`", "pass the object as a parameter of a plain function"),
  EZ2012: unsupported("`arguments` {why} is not supported", "name the parameters, or collect them: `...args`"),
  EZ2013: unsupported("calling the function value `{name}` is not supported yet", "call a named function"),
  EZ2014: unsupported("method `{name}` of {type} is not supported yet", "write a loop"),
  EZ2015: unsupported(
    "a captured variable that is reassigned (`{name}`) is not supported yet",
    "pass it as a parameter",
  ),
  EZ2016: unsupported("`{name}` turns a number into text and back, which has no derivative", "keep it a number"),
  EZ2017: unsupported("this inside of `try` is not supported yet: {why}", "{advice}"),
  EZ2018: unsupported("a jump to label `{name}` is not supported yet", "leave the outer loop by a test of its own"),
  EZ2019: unsupported("recursion of `{name}` in mode {mode} is not supported yet", "write it as a loop"),
  EZ2020: unsupported(
    "a derivative of what mode {mode} makes is not supported yet",
    'call the pullback in a function, and differentiate that: const { pullback } = enzyme(f, "vjp")(x)',
  ),
  EZ2021: unsupported("`{name}` captures `{captured}`, which is not supported yet", "pass it as a parameter"),
  EZ2022: unsupported(
    "an inline function as argument of `enzyme` is not supported yet",
    "declare a function and pass its name",
  ),
  EZ2023: unsupported(
    "`{name}` is private to {file}, and is only known when the program runs; the derivative stands in another file",
    "export it, so that the derivative can import it, or pass it as a parameter",
  ),
  EZ2024: unsupported(
    "`{name}` belongs to a module, whose functions may change it while the program runs",
    "pass it as a parameter, or return what is to be kept",
  ),
  EZ2025: unsupported("a value of type {type} does not fit what it is assigned to", "give both the same type"),
  EZ2026: unsupported(
    "a value that is sometimes one thing, sometimes another ({type})",
    "use a value for each of them",
  ),

  EZ2033: unsupported(
    "the call of `{name}`, which is recursive or large, cannot be reversed: it {what}",
    "write the recursion as a loop, or let it take numbers alone",
  ),
  EZ2034: unsupported(
    "the steps of this loop cannot run again from a snapshot: {what}",
    "remove `@enzyme checkpoint`, or move what stands in the way out of the loop",
  ),
  EZ2035: unsupported(
    "what this gives is kept as a constant, and it, or what it was taken from, is written afterwards",
    "take a copy first: stopGradient(x.slice())",
  ),
  EZ2036: unsupported(
    "argument `{argument}` of `{name}` is written afterwards, and the rule of `{name}` needs it as it was",
    "hand over an array of numbers, which is copied, or make a new one instead of writing into this",
  ),
  EZ2037: unsupported(
    "an inactive function writes into `{name}`, through which a derivative flows",
    "hand it a copy, or let it return what it computes",
  ),
  EZ2038: unsupported(
    "`{name}` has a rule, and {what}",
    "write into arrays and objects of numbers alone, or return what it computes in one of its own",
  ),
  EZ2040: unsupported(
    "several directions at once are not supported here: {what}",
    "leave out `width`, and call the derivative once for each direction",
  ),
  EZ2039: unsupported(
    "a derivative of a derivative of `{name}` in mode {mode} is not supported yet: functions that it calls are recursive, and {what}",
    'write the recursion as a loop, or use "hvp" or a forward mode for the outer derivative',
  ),
  EZ2045: unsupported(
    "the derivative of a generic function for certain types (`{name}`) is not supported yet",
    "say by an arrow function what it is given: enzyme((x: number[]) => {text}(x), mode)",
  ),
  EZ2046: unsupported(
    "`{name}` has a rule and writes into `{argument}`, which may be another of its arguments too",
    "hand it arrays or objects of which it is certain that they are not the same ones",
  ),
  EZ2047: unsupported(
    "`{name}` is a method that uses its instance, and has a rule",
    "write a function that takes the instance, give it the rule, and let the method call it",
  ),
  EZ2080: unsupported(
    "a derivative of a sparse matrix (mode {mode}) is not supported",
    'differentiate the function itself: enzyme(enzyme(f, "gradient"), "jacobian", { sparse: true }) has second derivatives',
  ),
  EZ2081: unsupported(
    "the sparse structure of a derivative of `{name}` cannot be followed: {what}",
    'leave out `sparse`, or use "forward" with { width: 8 } along directions of your own',
  ),
  EZ2082: unsupported(
    "a sparse matrix needs a function from arrays of numbers to an array of numbers; `{name}` {what}",
    "pass and return one array, or leave out `sparse`; name with `wrt` what is to be differentiated",
  ),
  EZ2083: unsupported(
    "a pullback in a function that is differentiated itself is not supported where it {what}",
    'take it apart where it is made, and call it there: const { value, pullback } = enzyme(f, "vjp")(x)',
  ),
  EZ2084: unsupported(
    "mode vjp of a function that {what} and writes to its arguments, prints or draws random numbers, is not supported",
    'write to a copy and pass random numbers as arguments, or use "reverse", which takes the seed before it runs',
  ),
  EZ2065: unsupported(
    "`{name}`, which is there once its module is loaded, is handed on as a whole, or read at a position that is only known when the program runs",
    "read the members that are needed, or pass it as a parameter",
  ),
  EZ2070: unsupported(
    "{what} is handed on to where others see it, and the derivative cannot make one",
    "import its class there as a value, or make the object outside and pass it in",
  ),
  EZ2071: unsupported(
    "a derivative would flow into `{what}`, which does not carry it on",
    "make it of constants, as by stopGradient(x), and compute with numbers where derivatives flow",
  ),

  EZ2095: unsupported("{what} with respect to an object with open keys is not supported", "{advice}"),
  EZ2096: unsupported(
    "`{name}`, an object with open keys, is written, and its gradient would get other keys",
    "make a copy of it first, and write into that",
  ),
  EZ2097: unsupported("{what} is not supported", "{advice}"),

  EZ2120: unsupported(
    "an object that holds functions, and is made in a branch on which they depend, is not supported behind that branch",
    "call the functions in the branch, or make the object before it",
  ),
  EZ2121: unsupported(
    "`{name}` is captured by a function that is called where `{name}` is not there any more",
    "call the function in the loop or branch that makes it, or pass `{name}` to it",
  ),
  EZ2122: unsupported(
    "an object or array that is made here is put into an argument, and nobody can seed it there: a function without a result takes its seeds from the shadows of its arguments",
    "write into what the argument holds (`out[0][0] = ..`), or return what is made",
  ),
  EZ2150: unsupported(
    "the result depends on how often `{name}` was counted, which the derivative cannot name where it stands",
    "hand the number over as a parameter",
  ),
  EZ2151: unsupported("`{name}` is written after its object was frozen", "write it before, or write a copy"),

  // ---- EZ3xxx: warnings and informations -------------------------------------------------------------------------------
  EZ3001: warning(
    "gradient with respect to `{name}` is always zero",
    "every path from it to the result is cut (| 0, Math.floor, a comparison); declare it Const or `int` if that is meant",
  ),
  EZ3002: info(
    "`{name}` is only used as an index, a bound or a bit pattern: its gradient is always 0",
    'declare it `int` (import type { int } from "enzyme-ts")',
  ),
  EZ3003: info(
    "`Const` on parameter `{name}` of a helper changes nothing",
    "activity follows the arguments of each call; only the caller of a derivative is told by `Const`",
  ),
  EZ3004: warning("nothing to transform in {file}", "mark a function with /** @enzyme */, or call enzyme(f, mode)"),
  EZ3005: warning("`{name}` is asked for, but nothing uses it", "remove the marker or the call"),

  EZ3006: warning(
    "the derivative with respect to `{name}` holds private members ({members}), which its type does not show",
    "declare them readonly instead of private, or differentiate with respect to what the constructor takes",
  ),

  EZ3045: warning(
    "`@enzyme` in the middle of a line is text, and marks nothing",
    "begin a line of the comment with it",
  ),
  EZ3060: warning(
    "`{text}` marks nothing: a marker is `@enzyme`, in lower case, and stands in a comment that begins with /**",
    "write /** {marker} */, or reword the comment",
  ),

  EZ3050: warning(
    "`{name}` only decides which way is taken: the gradient is that of the way taken, always zero",
    "where a search finds the result, as bisection finds a root, give it a rule by implicit differentiation (docs/rules.md)",
  ),

  // ---- EZ9xxx: our fault ------------------------------------------------------------------------------------------------
  EZ9001: {
    category: "error",
    kind: "internal",
    message: "internal error while differentiating `{name}`: {text}",
    advice: "this is a fault of enzyme-ts, not of your program: please report it with the function's source",
  },
  EZ9002: {
    category: "error",
    kind: "internal",
    message: "the code generated for `{name}` does not type-check: {text}",
    advice: "this is a fault of enzyme-ts, not of your program: please report it with the function's source",
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof table;

/** The table, by code. */
export const codes: Readonly<Record<Code, CodeEntry>> = table;
