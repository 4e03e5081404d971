import type { Const } from "enzyme-ts";

const CAMERA = 11;

/**
 * Half the sum of squares of the bundle adjustment residuals (ADBench's BA). A camera is an angle-axis rotation (3),
 * a centre (3), a focal length, a principal point (2) and two radial distortion coefficients. `observations` holds pairs
 * of camera and point.
 * @enzyme gradient
 */
export function bundleAdjustment(
  cameras: Float64Array,
  points: Float64Array,
  weights: Float64Array,
  observations: Int32Array,
  features: Const<Float64Array>,
): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const c = observations[2 * i] * CAMERA;
    const p = observations[2 * i + 1] * 3;

    // The point, relative to the camera's centre, rotated by Rodrigues' formula.
    const x = points[p] - cameras[c + 3];
    const y = points[p + 1] - cameras[c + 4];
    const z = points[p + 2] - cameras[c + 5];
    const rx = cameras[c];
    const ry = cameras[c + 1];
    const rz = cameras[c + 2];
    const squaredAngle = rx * rx + ry * ry + rz * rz;
    let u: number;
    let v: number;
    let w: number;
    if (squaredAngle > 1e-12) {
      const angle = Math.sqrt(squaredAngle);
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      const ax = rx / angle;
      const ay = ry / angle;
      const az = rz / angle;
      const along = (ax * x + ay * y + az * z) * (1 - cosine);
      u = x * cosine + (ay * z - az * y) * sine + ax * along;
      v = y * cosine + (az * x - ax * z) * sine + ay * along;
      w = z * cosine + (ax * y - ay * x) * sine + az * along;
    } else {
      u = x + ry * z - rz * y;
      v = y + rz * x - rx * z;
      w = z + rx * y - ry * x;
    }

    // Projection, radial distortion, focal length and principal point.
    const px = u / w;
    const py = v / w;
    const r2 = px * px + py * py;
    const distortion = 1 + cameras[c + 9] * r2 + cameras[c + 10] * r2 * r2;
    const ex = weights[i] * (px * distortion * cameras[c + 6] + cameras[c + 7] - features[2 * i]);
    const ey = weights[i] * (py * distortion * cameras[c + 6] + cameras[c + 8] - features[2 * i + 1]);
    const ew = 1 - weights[i] * weights[i];
    total += ex * ex + ey * ey + ew * ew;
  }
  return 0.5 * total;
}
