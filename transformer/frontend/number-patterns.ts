/**
 * Can a regular expression match the text of a number? Code that takes numbers and texts asks for patterns of text, as
 * `/^\d+°$/`: a number never has one of those characters that numbers are not written with.
 */

/** What `String(x)` is made of, for any number x. */
const ofNumbers = new Set("0123456789+-.eInfinityNaN");

/** True where every match takes a character that is in no number. */
export function matchesNoNumber({ source, flags }: RegExp): boolean {
  const reader: Reader = { text: source, at: 0, isLoose: flags.includes("i") };
  const answer = alternatives(reader);
  return answer === "foreign" && reader.at === source.length;
}

interface Reader {
  readonly text: string;
  at: number;
  /** Upper and lower case are the same. */
  readonly isLoose: boolean;
}

/** Is a character that no number has in every match of a part? */
type Part = "foreign" | "possible";

/** `a|b|c`, up to a closing parenthesis or the end. */
function alternatives(reader: Reader): Part {
  let all: Part = "foreign";
  for (;;) {
    if (sequence(reader) === "possible") all = "possible";
    if (reader.text[reader.at] !== "|") return all;
    reader.at++;
  }
}

function sequence(reader: Reader): Part {
  let found: Part = "possible";
  while (reader.at < reader.text.length && reader.text[reader.at] !== "|" && reader.text[reader.at] !== ")") {
    const part = atom(reader);
    if (!mayBeLeftOut(reader) && part === "foreign") found = "foreign";
  }
  return found;
}

function atom(reader: Reader): Part {
  const char = reader.text[reader.at++];
  if (char === "(") return group(reader);
  if (char === "[") return characterClass(reader);
  if (char === "\\") return escaped(reader);
  if (char === undefined || char === "." || char === "^" || char === "$") return "possible";
  return kindOf(char, reader);
}

const kindOf = (char: string, { isLoose }: Reader): Part => {
  const forms = isLoose ? [char, char.toLowerCase(), char.toUpperCase()] : [char];
  return forms.some((one) => ofNumbers.has(one)) ? "possible" : "foreign";
};

function group(reader: Reader): Part {
  const [opening = ""] = /^\?(?::|<?[=!]|<[^>]*>)?/.exec(reader.text.slice(reader.at)) ?? [];
  reader.at += opening.length;
  const inside = alternatives(reader);
  if (reader.text[reader.at] === ")") reader.at++;
  // What looks ahead or back takes nothing.
  return /^\?<?[=!]/.test(opening) ? "possible" : inside;
}

/** `[a-f]`, whose end is the first bracket that is not escaped. */
function characterClass(reader: Reader): Part {
  const { text } = reader;
  let part: Part = text[reader.at] === "^" ? "possible" : "foreign";
  while (reader.at < text.length && text[reader.at] !== "]") {
    const from = reader.at++;
    const one = text[from] === "\\" ? escaped(reader) : kindOf(text[from] ?? "", reader);
    const isRange = text[reader.at] === "-" && text[reader.at + 1] !== "]";
    if (one === "possible" || isRange) part = isRange ? rangeKind(text, from, reader, part) : "possible";
  }
  reader.at++;
  return part;
}

/** `a-z`: foreign where all between is. */
function rangeKind(text: string, from: number, reader: Reader, before: Part): Part {
  const [first, last] = [text.charCodeAt(from), text.charCodeAt(reader.at + 1)];
  const isPlain = reader.at === from + 1 && text[reader.at + 1] !== "\\";
  reader.at += 2;
  if (!isPlain) return "possible";
  for (let code = first; code <= last; code++) {
    if (kindOf(String.fromCharCode(code), reader) === "possible") return "possible";
  }
  return before;
}

/** What stands behind a backslash. */
function escaped(reader: Reader): Part {
  const char = reader.text[reader.at++] ?? "";
  if (char === "s") return "foreign";
  // Classes, boundaries, back references, and characters by their number.
  return /[A-Za-z0-9]/.test(char) ? "possible" : kindOf(char, reader);
}

/** Takes the quantifier behind an atom; true where it allows for none. */
function mayBeLeftOut(reader: Reader): boolean {
  const [quantifier = ""] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(reader.text.slice(reader.at)) ?? [];
  reader.at += quantifier.length;
  return /^(?:[*?]|\{0+[,}])/.test(quantifier);
}
