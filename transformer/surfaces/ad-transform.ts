#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runCommand } from "./cli.js";

// This file stands in dist/esm/transformer/surfaces.
const packageRoot = fileURLToPath(new URL("../../../..", import.meta.url));

// Who reads may stop early (`ad-transform .. --explain | head`): the rest is said to nobody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (fault: NodeJS.ErrnoException) => {
    if (fault.code !== "EPIPE") throw fault;
  });
}

process.exitCode = await runCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  packageRoot,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  colour: process.stderr.isTTY && process.env["NO_COLOR"] === undefined,
});
