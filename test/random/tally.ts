/** How many programs were checked, and how often each feature was among them; printed by long runs. */
import type { Verdict } from "./check.js";

export class Tally {
  programs = 0;
  refused = 0;
  invalid = 0;
  private readonly features = new Map<string, number>();
  private readonly isLong = process.env["RUNS"] !== undefined;

  add(verdicts: readonly Verdict[]): void {
    const before = this.programs;
    for (const { program, refused, invalid } of verdicts) {
      this.programs++;
      if (refused !== null) this.refused++;
      else if (invalid !== null) this.invalid++;
      else for (const name of program.features) this.features.set(name, (this.features.get(name) ?? 0) + 1);
    }
    const isMilestone = Math.floor(before / 500) !== Math.floor(this.programs / 500);
    if (this.isLong && isMilestone) process.stdout.write(`${this.summary()}\n`);
  }

  print(): void {
    if (!this.isLong) return;
    const lines = [...this.features].sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${count} ${name}`);
    process.stdout.write(`${this.summary()}\n${lines.join("\n")}\n`);
  }

  private summary(): string {
    return `${this.programs} programs, ${this.refused} not supported, ${this.invalid} not valid TypeScript`;
  }
}
