#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runCommand } from "./cli.js";

// This file stands in dist/esm/transformer/surfaces.
const packageRoot = fileURLToPath(new URL("../../../..", import.meta.url));

process.exitCode = await runCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  packageRoot,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  colour: process.stderr.isTTY && process.env["NO_COLOR"] === undefined,
});
