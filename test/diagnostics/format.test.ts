import { describe, expect, test } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { codes, type Code } from "../../transformer/diagnostics/codes.js";
import { adviceOf, messageOf, type Diagnostic } from "../../transformer/diagnostics/diagnostic.js";
import { formatDiagnostic, formatDiagnostics, lineAndColumn } from "../../transformer/diagnostics/format.js";

const text = "function f() {\r\n\tawait x;\r\n}\n";
const awaitSpan = { file: "/a.ts", start: text.indexOf("await"), end: text.indexOf("await") + 5 };

function diagnostic(code: Code, span: Diagnostic["span"], details: Diagnostic["details"] = {}): Diagnostic {
  return { code, span, details, notes: [] };
}

describe("diagnostics", () => {
  test("are shown with place, code, words of the user, a code frame and advice", () => {
    expect(
      formatDiagnostic(diagnostic("EZ2005", awaitSpan), { textOf: () => text, nameOf: (file) => file.slice(1) }),
    ).toBe(
      [
        "a.ts:2:2 - error EZ2005: `await` cannot be differentiated",
        "  2 | \tawait x;",
        "    | \t^^^^^",
        "  help: await the data first, and pass it as an argument",
      ].join("\n"),
    );
  });

  test("are sorted by place, and shown without a text", () => {
    const all = [
      diagnostic("EZ2006", { file: "/b.ts", start: 1, end: 2 }),
      diagnostic("EZ2005", awaitSpan),
      diagnostic("EZ1001", null, { mode: '"x"' }),
    ];
    const lines = formatDiagnostics(all, { textOf: () => undefined }).split("\n");
    expect(lines.filter((line) => line.includes("EZ"))).toEqual([
      'error EZ1001: unknown mode "x"',
      "/a.ts - error EZ2005: `await` cannot be differentiated",
      "/b.ts - error EZ2006: `yield` cannot be differentiated",
    ]);
  });

  test("underline to the end of the line where the construct goes on", () => {
    const span = { file: "/a.ts", start: 0, end: text.length };
    expect(formatDiagnostic(diagnostic("EZ2005", span), { textOf: () => text })).toContain("    | ^^^^^^^^^^^^^^\n");
  });

  test("count lines and columns from 1, whatever ends the lines", () => {
    expect(lineAndColumn("a\rb\r\nc\nd", 7)).toEqual({ line: 4, column: 1 });
    expect(lineAndColumn("", 0)).toEqual({ line: 1, column: 1 });
  });

  test("name what is not there, and take advice from the report", () => {
    const one = diagnostic("EZ2001", null, { what: "a label", advice: "write it without" });
    expect([messageOf(one), adviceOf(one)]).toEqual(["a label is not supported yet", "write it without"]);
    expect(messageOf(diagnostic("EZ2001", null))).toBe("{what} is not supported yet");
  });

  test("are kept once for one place", () => {
    const compilation = new Compilation();
    compilation.report("EZ2005", awaitSpan);
    compilation.report("EZ2005", awaitSpan);
    compilation.report("EZ2005", { ...awaitSpan, start: 0 });
    expect(compilation.diagnostics).toHaveLength(2);
    expect(compilation.hasErrors).toBe(true);
  });

  test("have a category that fits their code", () => {
    for (const [code, entry] of Object.entries(codes)) {
      const family = code.slice(2, 3);
      const kind = { 1: "user", 2: "unsupported", 3: "user", 9: "internal" }[family];
      expect([code, entry.kind, entry.category === "error"]).toEqual([code, kind, family !== "3"]);
    }
  });
});

test("a dump is printed only where it is asked for", () => {
  const dumps: string[] = [];
  const compilation = new Compilation({
    dump: new Set(["reverse"]),
    onDump: (name, dump) => dumps.push(`${name}: ${dump}`),
  });
  compilation.dump("reverse", () => "text");
  compilation.dump("forward", () => {
    throw new Error("must not be printed");
  });
  expect(dumps).toEqual(["reverse: text"]);
});
