import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig({
  root,
  test: {
    include: ["test/**/*.test.ts"],
    // the compiler holds no state between calls: its modules are loaded once a worker
    isolate: false,
    maxWorkers: "100%",
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ["default", fileURLToPath(new URL("count-reporter.mjs", import.meta.url))],
  },
});
