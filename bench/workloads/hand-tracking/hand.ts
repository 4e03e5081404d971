function multiply(out: Float64Array, at: number, a: Float64Array, atA: number, b: Float64Array, atB: number): void {
  for (let r = 0; r < 12; r += 4) {
    const a0 = a[atA + r];
    const a1 = a[atA + r + 1];
    const a2 = a[atA + r + 2];
    out[at + r] = a0 * b[atB] + a1 * b[atB + 4] + a2 * b[atB + 8];
    out[at + r + 1] = a0 * b[atB + 1] + a1 * b[atB + 5] + a2 * b[atB + 9];
    out[at + r + 2] = a0 * b[atB + 2] + a1 * b[atB + 6] + a2 * b[atB + 10];
    out[at + r + 3] = a0 * b[atB + 3] + a1 * b[atB + 7] + a2 * b[atB + 11] + a[atA + r + 3];
  }
}

/** da += dOut bᵀ, with the translation's column. */
function multiplyLeftAdjoint(
  dOut: Float64Array,
  at: number,
  dA: Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
): void {
  for (let r = 0; r < 12; r += 4) {
    const d0 = dOut[at + r];
    const d1 = dOut[at + r + 1];
    const d2 = dOut[at + r + 2];
    const d3 = dOut[at + r + 3];
    dA[atA + r] += d0 * b[atB] + d1 * b[atB + 1] + d2 * b[atB + 2] + d3 * b[atB + 3];
    dA[atA + r + 1] += d0 * b[atB + 4] + d1 * b[atB + 5] + d2 * b[atB + 6] + d3 * b[atB + 7];
    dA[atA + r + 2] += d0 * b[atB + 8] + d1 * b[atB + 9] + d2 * b[atB + 10] + d3 * b[atB + 11];
    dA[atA + r + 3] += d3;
  }
}

/** db = aᵀ dOut. */
function multiplyRightAdjoint(
  dOut: Float64Array,
  at: number,
  a: Float64Array,
  atA: number,
  dB: Float64Array,
  atB: number,
): void {
  for (let r = 0; r < 3; r++) {
    const a0 = a[atA + r];
    const a1 = a[atA + 4 + r];
    const a2 = a[atA + 8 + r];
    for (let c = 0; c < 4; c++) {
      dB[atB + 4 * r + c] = a0 * dOut[at + c] + a1 * dOut[at + 4 + c] + a2 * dOut[at + 8 + c];
    }
  }
}

function rotation(out: Float64Array, x: number, y: number, z: number): void {
  const sx = Math.sin(x);
  const cx = Math.cos(x);
  const sy = Math.sin(y);
  const cy = Math.cos(y);
  const sz = Math.sin(z);
  const cz = Math.cos(z);
  out[0] = cy * cz;
  out[1] = -cx * sz + sx * sy * cz;
  out[2] = sx * sz + cx * sy * cz;
  out[4] = cy * sz;
  out[5] = cx * cz + sx * sy * sz;
  out[6] = -sx * cz + cx * sy * sz;
  out[8] = -sy;
  out[9] = sx * cy;
  out[10] = cx * cy;
}

/** Adjoints of the angles, into three cells of `dPose`. */
function rotationAdjoint(d: Float64Array, x: number, y: number, z: number, dPose: Float64Array, at: number): void {
  const sx = Math.sin(x);
  const cx = Math.cos(x);
  const sy = Math.sin(y);
  const cy = Math.cos(y);
  const sz = Math.sin(z);
  const cz = Math.cos(z);
  dPose[at] =
    d[1] * (sx * sz + cx * sy * cz) +
    d[2] * (cx * sz - sx * sy * cz) +
    d[5] * (cx * sy * sz - sx * cz) -
    d[6] * (cx * cz + sx * sy * sz) +
    d[9] * cx * cy -
    d[10] * sx * cy;
  dPose[at + 1] =
    -sy * (d[0] * cz + d[4] * sz + d[9] * sx + d[10] * cx) +
    cy * (d[1] * sx * cz + d[2] * cx * cz + d[5] * sx * sz + d[6] * cx * sz - d[8]);
  dPose[at + 2] =
    -d[0] * cy * sz -
    d[1] * (cx * cz + sx * sy * sz) +
    d[2] * (sx * cz - cx * sy * sz) +
    d[4] * cy * cz +
    d[5] * (sx * sy * cz - cx * sz) +
    d[6] * (sx * sz + cx * sy * cz);
}

export function handObjectiveHand(
  pose: Float64Array,
  parents: Int32Array,
  relative: Float64Array,
  inverse: Float64Array,
  skin: Float64Array,
  vertices: Float64Array,
  points: Float64Array,
  correspondences: Int32Array,
): Float64Array {
  const bones = parents.length;
  const turn = new Float64Array(12);
  const locals = new Float64Array(12 * bones);
  const absolute = new Float64Array(12 * bones);
  const transforms = new Float64Array(12 * bones);
  for (let b = 0; b < bones; b++) {
    rotation(turn, pose[6 + 3 * b], pose[7 + 3 * b], pose[8 + 3 * b]);
    const o = 12 * b;
    multiply(locals, o, relative, o, turn, 0);
    if (parents[b] < 0) for (let i = 0; i < 12; i++) absolute[o + i] = locals[o + i];
    else multiply(absolute, o, absolute, 12 * parents[b], locals, o);
    multiply(transforms, o, absolute, o, inverse, o);
  }
  rotation(turn, pose[0], pose[1], pose[2]);

  const dPose = new Float64Array(pose.length);
  const dTurn = new Float64Array(12);
  const dTransforms = new Float64Array(12 * bones);
  for (let i = 0; i < correspondences.length; i++) {
    const vertex = correspondences[i];
    const vx = vertices[3 * vertex];
    const vy = vertices[3 * vertex + 1];
    const vz = vertices[3 * vertex + 2];
    const row = vertex * bones;
    let x = 0;
    let y = 0;
    let z = 0;
    for (let b = 0; b < bones; b++) {
      const w = skin[row + b];
      const t = 12 * b;
      x += w * (transforms[t] * vx + transforms[t + 1] * vy + transforms[t + 2] * vz + transforms[t + 3]);
      y += w * (transforms[t + 4] * vx + transforms[t + 5] * vy + transforms[t + 6] * vz + transforms[t + 7]);
      z += w * (transforms[t + 8] * vx + transforms[t + 9] * vy + transforms[t + 10] * vz + transforms[t + 11]);
    }
    const gx = turn[0] * x + turn[1] * y + turn[2] * z + pose[3] - points[3 * i];
    const gy = turn[4] * x + turn[5] * y + turn[6] * z + pose[4] - points[3 * i + 1];
    const gz = turn[8] * x + turn[9] * y + turn[10] * z + pose[5] - points[3 * i + 2];
    dPose[3] += gx;
    dPose[4] += gy;
    dPose[5] += gz;
    dTurn[0] += gx * x;
    dTurn[1] += gx * y;
    dTurn[2] += gx * z;
    dTurn[4] += gy * x;
    dTurn[5] += gy * y;
    dTurn[6] += gy * z;
    dTurn[8] += gz * x;
    dTurn[9] += gz * y;
    dTurn[10] += gz * z;
    const dx = gx * turn[0] + gy * turn[4] + gz * turn[8];
    const dy = gx * turn[1] + gy * turn[5] + gz * turn[9];
    const dz = gx * turn[2] + gy * turn[6] + gz * turn[10];
    for (let b = 0; b < bones; b++) {
      const w = skin[row + b];
      const t = 12 * b;
      const wx = w * dx;
      const wy = w * dy;
      const wz = w * dz;
      dTransforms[t] += wx * vx;
      dTransforms[t + 1] += wx * vy;
      dTransforms[t + 2] += wx * vz;
      dTransforms[t + 3] += wx;
      dTransforms[t + 4] += wy * vx;
      dTransforms[t + 5] += wy * vy;
      dTransforms[t + 6] += wy * vz;
      dTransforms[t + 7] += wy;
      dTransforms[t + 8] += wz * vx;
      dTransforms[t + 9] += wz * vy;
      dTransforms[t + 10] += wz * vz;
      dTransforms[t + 11] += wz;
    }
  }
  rotationAdjoint(dTurn, pose[0], pose[1], pose[2], dPose, 0);

  const dAbsolute = new Float64Array(12 * bones);
  const dLocal = new Float64Array(12);
  for (let b = bones - 1; b >= 0; b--) {
    const o = 12 * b;
    multiplyLeftAdjoint(dTransforms, o, dAbsolute, o, inverse, o);
    const parent = parents[b];
    if (parent < 0) {
      for (let i = 0; i < 12; i++) dLocal[i] = dAbsolute[o + i];
    } else {
      multiplyLeftAdjoint(dAbsolute, o, dAbsolute, 12 * parent, locals, o);
      multiplyRightAdjoint(dAbsolute, o, absolute, 12 * parent, dLocal, 0);
    }
    multiplyRightAdjoint(dLocal, 0, relative, o, dTurn, 0);
    rotationAdjoint(dTurn, pose[6 + 3 * b], pose[7 + 3 * b], pose[8 + 3 * b], dPose, 6 + 3 * b);
  }
  return dPose;
}
