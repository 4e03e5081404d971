import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { repository } from "./temporary-project.js";

const tspc = path.join(repository, "node_modules/ts-patch/bin/tspc.js");

/** The compilers that the plugin must work in, by version. */
export const compilers = {
  "6.0": path.join(repository, "node_modules/typescript"),
  "5.9": path.join(repository, "test/config/typescript-5.9/node_modules/typescript"),
} as const;
export type CompilerVersion = keyof typeof compilers;

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

function start(version: CompilerVersion, cwd: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [tspc, ...args], {
    cwd,
    env: { ...process.env, TSP_COMPILER_TS_PATH: compilers[version], NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs `tspc` with that compiler to its end. */
export function runTspc(version: CompilerVersion, cwd: string, ...args: string[]): Promise<Finished> {
  return finish(start(version, cwd, args));
}

/** Runs a compiled file. */
export function runNode(cwd: string, ...args: string[]): Promise<Finished> {
  return finish(spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] }));
}

function finish(child: ChildProcess): Promise<Finished> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

export interface Watching {
  /** The output of the next compilation that ends. */
  next(): Promise<string>;
  stop(): Promise<void>;
}

/** Runs `tspc --watch`. */
export function watchTspc(version: CompilerVersion, cwd: string, ...args: string[]): Watching {
  const child = start(version, cwd, ["--watch", "--preserveWatchOutput", ...args]);
  let output = "";
  let wake: () => void = () => undefined;
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    wake();
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  void ended.then(() => wake());
  const done = /Found \d+ errors?\. Watching for file changes\./;
  return {
    async next() {
      for (;;) {
        const match = done.exec(output);
        if (match !== null) {
          const end = match.index + match[0].length;
          const part = output.slice(0, end);
          output = output.slice(end);
          return part;
        }
        if (child.exitCode !== null) throw new Error(`the watching compiler ended:\n${output}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}
