import { afterAll, expect, test } from "vitest";
import { runNode, runTspc } from "../support/run-tspc.js";
import { temporaryProject } from "../support/temporary-project.js";

const project = temporaryProject({}, "examples/tsc-project");
afterAll(() => project.remove());

test("examples/tsc-project builds with tspc, declares its derivative, and finds the pendulum", async () => {
  expect(await runTspc("6.0", project.root, "-p", ".")).toEqual({ code: 0, output: "" });
  expect(project.read("dist/pendulum.d.ts")).toMatch(/export declare function misfit_valueAndGradient\(/);
  expect(project.read("dist/main.js")).not.toContain('from "enzyme-ts"');
  const { code, output } = await runNode(project.root, "dist/main.js");
  expect(code).toBe(0);
  const last = output.trim().split("\n").at(-1);
  expect(last).toMatch(/^400: misfit \d\.\d+e-2\d, length 1\.300, damping 0\.250$/);
});
