/** The tokens of IR text, one after another. */
import { lex, type Token } from "./lex.js";

/** Reads from where it stands; what is not as expected is an error that names the line. */
export class TokenReader {
  private position = 0;
  private readonly tokens: readonly Token[];

  constructor(text: string) {
    this.tokens = lex(text);
  }

  peek(ahead = 0): Token {
    return this.tokens[this.position + ahead] ?? { kind: "end", text: "", line: 0 };
  }
  next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }
  atEnd(): boolean {
    return this.peek().kind === "end";
  }
  /** Is the next token this mark or word? */
  at(text: string): boolean {
    const token = this.peek();
    return (token.kind === "mark" || token.kind === "name") && token.text === text;
  }
  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.position++;
    return true;
  }
  expect(text: string): void {
    if (!this.take(text)) this.fail(`expected ${text}`);
  }
  skipLines(): void {
    while (this.peek().kind === "line") this.position++;
  }
  name(): string {
    const token = this.next();
    if (token.kind !== "name") this.fail("expected a name", token);
    return token.text;
  }
  /** A name, quoted where it is no identifier. */
  word(): string {
    const token = this.next();
    if (token.kind !== "name" && token.kind !== "string") this.fail("expected a name", token);
    return token.text;
  }
  fail(message: string, token = this.peek()): never {
    throw new Error(`IR text, line ${token.line}: ${message}, found ${JSON.stringify(token.text)} (${token.kind})`);
  }
}
