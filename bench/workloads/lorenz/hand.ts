export function lorenzHand(
  start: readonly number[],
  sigma: number,
  rho: number,
  beta: number,
  h: number,
  steps: number,
): [number[], number, number, number, number] {
  const states = new Float64Array(3 * steps);
  const half = h / 2;
  const sixth = h / 6;
  const third = h / 3;
  let x = start[0];
  let y = start[1];
  let z = start[2];
  for (let s = 0, at = 0; s < steps; s++, at += 3) {
    states[at] = x;
    states[at + 1] = y;
    states[at + 2] = z;
    const p1 = sigma * (y - x);
    const q1 = x * (rho - z) - y;
    const r1 = x * y - beta * z;
    const x2 = x + half * p1;
    const y2 = y + half * q1;
    const z2 = z + half * r1;
    const p2 = sigma * (y2 - x2);
    const q2 = x2 * (rho - z2) - y2;
    const r2 = x2 * y2 - beta * z2;
    const x3 = x + half * p2;
    const y3 = y + half * q2;
    const z3 = z + half * r2;
    const p3 = sigma * (y3 - x3);
    const q3 = x3 * (rho - z3) - y3;
    const r3 = x3 * y3 - beta * z3;
    const x4 = x + h * p3;
    const y4 = y + h * q3;
    const z4 = z + h * r3;
    x += sixth * (p1 + 2 * (p2 + p3) + sigma * (y4 - x4));
    y += sixth * (q1 + 2 * (q2 + q3) + x4 * (rho - z4) - y4);
    z += sixth * (r1 + 2 * (r2 + r3) + x4 * y4 - beta * z4);
  }

  let dx = 2 * x;
  let dy = 2 * y;
  let dz = 2 * z;
  let dSigma = 0;
  let dRho = 0;
  let dBeta = 0;
  let dh = 0;
  for (let at = 3 * (steps - 1); at >= 0; at -= 3) {
    x = states[at];
    y = states[at + 1];
    z = states[at + 2];
    const p1 = sigma * (y - x);
    const q1 = x * (rho - z) - y;
    const r1 = x * y - beta * z;
    const x2 = x + half * p1;
    const y2 = y + half * q1;
    const z2 = z + half * r1;
    const p2 = sigma * (y2 - x2);
    const q2 = x2 * (rho - z2) - y2;
    const r2 = x2 * y2 - beta * z2;
    const x3 = x + half * p2;
    const y3 = y + half * q2;
    const z3 = z + half * r2;
    const p3 = sigma * (y3 - x3);
    const q3 = x3 * (rho - z3) - y3;
    const r3 = x3 * y3 - beta * z3;
    const x4 = x + h * p3;
    const y4 = y + h * q3;
    const z4 = z + h * r3;
    const p4 = sigma * (y4 - x4);
    const q4 = x4 * (rho - z4) - y4;
    const r4 = x4 * y4 - beta * z4;

    // the transpose of the slope's Jacobian, at each of the four states
    const dp4 = sixth * dx;
    const dq4 = sixth * dy;
    const dr4 = sixth * dz;
    const dx4 = dq4 * (rho - z4) + dr4 * y4 - sigma * dp4;
    const dy4 = sigma * dp4 - dq4 + dr4 * x4;
    const dz4 = -dq4 * x4 - beta * dr4;
    const dp3 = third * dx + h * dx4;
    const dq3 = third * dy + h * dy4;
    const dr3 = third * dz + h * dz4;
    const dx3 = dq3 * (rho - z3) + dr3 * y3 - sigma * dp3;
    const dy3 = sigma * dp3 - dq3 + dr3 * x3;
    const dz3 = -dq3 * x3 - beta * dr3;
    const dp2 = third * dx + half * dx3;
    const dq2 = third * dy + half * dy3;
    const dr2 = third * dz + half * dz3;
    const dx2 = dq2 * (rho - z2) + dr2 * y2 - sigma * dp2;
    const dy2 = sigma * dp2 - dq2 + dr2 * x2;
    const dz2 = -dq2 * x2 - beta * dr2;
    const dp1 = sixth * dx + half * dx2;
    const dq1 = sixth * dy + half * dy2;
    const dr1 = sixth * dz + half * dz2;
    dSigma += dp4 * (y4 - x4) + dp3 * (y3 - x3) + dp2 * (y2 - x2) + dp1 * (y - x);
    dRho += dq4 * x4 + dq3 * x3 + dq2 * x2 + dq1 * x;
    dBeta -= dr4 * z4 + dr3 * z3 + dr2 * z2 + dr1 * z;
    dh +=
      (dx * (p1 + 2 * (p2 + p3) + p4) + dy * (q1 + 2 * (q2 + q3) + q4) + dz * (r1 + 2 * (r2 + r3) + r4)) / 6 +
      dx4 * p3 +
      dy4 * q3 +
      dz4 * r3 +
      0.5 * (dx3 * p2 + dy3 * q2 + dz3 * r2 + dx2 * p1 + dy2 * q1 + dz2 * r1);
    dx += dx4 + dx3 + dx2 + dq1 * (rho - z) + dr1 * y - sigma * dp1;
    dy += dy4 + dy3 + dy2 + sigma * dp1 - dq1 + dr1 * x;
    dz += dz4 + dz3 + dz2 - dq1 * x - beta * dr1;
  }
  return [[dx, dy, dz], dSigma, dRho, dBeta, dh];
}
