/** Random programs, all exits and all kinds of assignment among them: the IR runs as JavaScript does. */
import { describe, it } from "vitest";
import { agreeAll } from "./support.js";
import { randomProgram } from "./random-source.js";

const count = Number(process.env["FRONTEND_PROGRAMS"] ?? 60);
const seed = Number(process.env["FRONTEND_SEED"] ?? 1);

describe("random programs", () => {
  for (let batch = 0; batch * 20 < count; batch++) {
    it(`batch ${batch}`, () => {
      const functions = Array.from({ length: 20 }, (_, k) => randomProgram(seed * 100003 + batch * 20 + k, `f${k}`));
      agreeAll(functions, [
        [1.5, -0.5, 3, [1, -2, 0.5]],
        [-1, 2, 5, [0.25, 3, -1]],
        [0, 0, 0, [2, 2, 2]],
      ]);
    });
  }
});
