export function brusselatorHand(
  u0: Float64Array,
  v0: Float64Array,
  a: number,
  b: number,
  diffusion: number,
  n: number,
  h: number,
  steps: number,
): [Float64Array, Float64Array, number, number, number] {
  const size = n * n;
  const us = new Float64Array(size * (steps + 1));
  const vs = new Float64Array(size * (steps + 1));
  us.set(u0);
  vs.set(v0);
  for (let s = 0; s < steps; s++) {
    const o = s * size;
    for (let i = 0; i < n; i++) {
      const row = o + i * n;
      const up = o + (i === 0 ? n - 1 : i - 1) * n;
      const down = o + (i === n - 1 ? 0 : i + 1) * n;
      for (let j = 0; j < n; j++) {
        const left = j === 0 ? n - 1 : j - 1;
        const right = j === n - 1 ? 0 : j + 1;
        const uc = us[row + j];
        const vc = vs[row + j];
        const reaction = uc * uc * vc;
        const spreadU = us[up + j] + us[down + j] + us[row + left] + us[row + right] - 4 * uc;
        const spreadV = vs[up + j] + vs[down + j] + vs[row + left] + vs[row + right] - 4 * vc;
        us[row + size + j] = uc + h * (b + reaction - (a + 1) * uc + diffusion * spreadU);
        vs[row + size + j] = vc + h * (a * uc - reaction + diffusion * spreadV);
      }
    }
  }

  let du = new Float64Array(size);
  let dv = new Float64Array(size);
  let oldDu = new Float64Array(size);
  let oldDv = new Float64Array(size);
  const last = steps * size;
  for (let c = 0; c < size; c++) {
    du[c] = (2 * us[last + c]) / size;
    dv[c] = (2 * vs[last + c]) / size;
  }
  let da = 0;
  let db = 0;
  let dDiffusion = 0;
  const hd = h * diffusion;
  // The stencil is symmetric, so its transpose gathers just as it does.
  for (let s = steps - 1; s >= 0; s--) {
    const o = s * size;
    for (let i = 0; i < n; i++) {
      const row = i * n;
      const up = (i === 0 ? n - 1 : i - 1) * n;
      const down = (i === n - 1 ? 0 : i + 1) * n;
      for (let j = 0; j < n; j++) {
        const left = j === 0 ? n - 1 : j - 1;
        const right = j === n - 1 ? 0 : j + 1;
        const gu = du[row + j];
        const gv = dv[row + j];
        const uc = us[o + row + j];
        const vc = vs[o + row + j];
        const spreadGu = du[up + j] + du[down + j] + du[row + left] + du[row + right] - 4 * gu;
        const spreadGv = dv[up + j] + dv[down + j] + dv[row + left] + dv[row + right] - 4 * gv;
        const difference = h * (gu - gv);
        const twice = 2 * uc * vc;
        oldDu[row + j] = gu + difference * twice - h * (gu * (a + 1) - gv * a) + hd * spreadGu;
        oldDv[row + j] = gv + difference * uc * uc + hd * spreadGv;
        da -= difference * uc;
        db += h * gu;
        dDiffusion += h * (uc * spreadGu + vc * spreadGv);
      }
    }
    const swapU = du;
    du = oldDu;
    oldDu = swapU;
    const swapV = dv;
    dv = oldDv;
    oldDv = swapV;
  }
  return [du, dv, da, db, dDiffusion];
}
