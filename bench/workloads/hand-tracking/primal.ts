import type { Const, int } from "enzyme-ts";

/** out = a b for affine 3x4 matrices kept in rows, at the given offsets. */
function multiply(out: Float64Array, at: int, a: Float64Array, atA: int, b: Float64Array, atB: int): void {
  for (let r = 0; r < 3; r++) {
    const a0 = a[atA + 4 * r];
    const a1 = a[atA + 4 * r + 1];
    const a2 = a[atA + 4 * r + 2];
    for (let c = 0; c < 4; c++) {
      out[at + 4 * r + c] = a0 * b[atB + c] + a1 * b[atB + 4 + c] + a2 * b[atB + 8 + c];
    }
    out[at + 4 * r + 3] += a[atA + 4 * r + 3];
  }
}

/** Rotation by Euler angles about x, y and z, as the first columns of an affine matrix. */
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

/**
 * Half the sum of squared distances between measured points and the skinned vertices of an articulated hand:
 * a stand-in of the structure of ADBench's HAND. `pose` holds a global rotation, a translation and three angles for each bone.
 * @enzyme gradient
 */
export function handObjective(
  pose: Float64Array,
  parents: Int32Array,
  relative: Const<Float64Array>,
  inverse: Const<Float64Array>,
  skin: Const<Float64Array>,
  vertices: Const<Float64Array>,
  points: Const<Float64Array>,
  correspondences: Int32Array,
): number {
  const bones = parents.length;
  const turn = new Float64Array(12);
  const local = new Float64Array(12);
  const absolute = new Float64Array(12 * bones);
  const transforms = new Float64Array(12 * bones);
  for (let b = 0; b < bones; b++) {
    rotation(turn, pose[6 + 3 * b], pose[7 + 3 * b], pose[8 + 3 * b]);
    if (parents[b] < 0) {
      multiply(absolute, 12 * b, relative, 12 * b, turn, 0);
    } else {
      multiply(local, 0, relative, 12 * b, turn, 0);
      multiply(absolute, 12 * b, absolute, 12 * parents[b], local, 0);
    }
    multiply(transforms, 12 * b, absolute, 12 * b, inverse, 12 * b);
  }

  rotation(turn, pose[0], pose[1], pose[2]);
  let total = 0;
  for (let i = 0; i < correspondences.length; i++) {
    const vertex = correspondences[i];
    const vx = vertices[3 * vertex];
    const vy = vertices[3 * vertex + 1];
    const vz = vertices[3 * vertex + 2];
    let x = 0;
    let y = 0;
    let z = 0;
    for (let b = 0; b < bones; b++) {
      const w = skin[vertex * bones + b];
      const t = 12 * b;
      x += w * (transforms[t] * vx + transforms[t + 1] * vy + transforms[t + 2] * vz + transforms[t + 3]);
      y += w * (transforms[t + 4] * vx + transforms[t + 5] * vy + transforms[t + 6] * vz + transforms[t + 7]);
      z += w * (transforms[t + 8] * vx + transforms[t + 9] * vy + transforms[t + 10] * vz + transforms[t + 11]);
    }
    const ex = points[3 * i] - (turn[0] * x + turn[1] * y + turn[2] * z + pose[3]);
    const ey = points[3 * i + 1] - (turn[4] * x + turn[5] * y + turn[6] * z + pose[4]);
    const ez = points[3 * i + 2] - (turn[8] * x + turn[9] * y + turn[10] * z + pose[5]);
    total += ex * ex + ey * ey + ez * ez;
  }
  return 0.5 * total;
}
