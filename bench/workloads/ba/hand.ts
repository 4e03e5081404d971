const CAMERA = 11;

export function bundleAdjustmentHand(
  cameras: Float64Array,
  points: Float64Array,
  weights: Float64Array,
  observations: Int32Array,
  features: Float64Array,
): [Float64Array, Float64Array, Float64Array] {
  const dCameras = new Float64Array(cameras.length);
  const dPoints = new Float64Array(points.length);
  const dWeights = new Float64Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const c = observations[2 * i] * CAMERA;
    const p = observations[2 * i + 1] * 3;
    const x = points[p] - cameras[c + 3];
    const y = points[p + 1] - cameras[c + 4];
    const z = points[p + 2] - cameras[c + 5];
    const rx = cameras[c];
    const ry = cameras[c + 1];
    const rz = cameras[c + 2];
    const squaredAngle = rx * rx + ry * ry + rz * rz;
    let u = 0;
    let v = 0;
    let w = 0;
    let angle = 0;
    let cosine = 1;
    let sine = 0;
    let ax = 0;
    let ay = 0;
    let az = 0;
    let dot = 0;
    const rotated = squaredAngle > 1e-12;
    if (rotated) {
      angle = Math.sqrt(squaredAngle);
      cosine = Math.cos(angle);
      sine = Math.sin(angle);
      ax = rx / angle;
      ay = ry / angle;
      az = rz / angle;
      dot = ax * x + ay * y + az * z;
      const along = dot * (1 - cosine);
      u = x * cosine + (ay * z - az * y) * sine + ax * along;
      v = y * cosine + (az * x - ax * z) * sine + ay * along;
      w = z * cosine + (ax * y - ay * x) * sine + az * along;
    } else {
      u = x + ry * z - rz * y;
      v = y + rz * x - rx * z;
      w = z + rx * y - ry * x;
    }
    const px = u / w;
    const py = v / w;
    const r2 = px * px + py * py;
    const k1 = cameras[c + 9];
    const k2 = cameras[c + 10];
    const f = cameras[c + 6];
    const distortion = 1 + k1 * r2 + k2 * r2 * r2;
    const weight = weights[i];
    const residualX = px * distortion * f + cameras[c + 7] - features[2 * i];
    const residualY = py * distortion * f + cameras[c + 8] - features[2 * i + 1];

    dWeights[i] = weight * (residualX * residualX + residualY * residualY) - 2 * weight * (1 - weight * weight);
    const gx = weight * weight * residualX;
    const gy = weight * weight * residualY;
    const projected = gx * px + gy * py;
    dCameras[c + 7] += gx;
    dCameras[c + 8] += gy;
    dCameras[c + 6] += projected * distortion;
    const dDistortion = projected * f;
    dCameras[c + 9] += dDistortion * r2;
    dCameras[c + 10] += dDistortion * r2 * r2;
    const dR2 = dDistortion * (k1 + 2 * k2 * r2);
    const dpx = gx * distortion * f + 2 * px * dR2;
    const dpy = gy * distortion * f + 2 * py * dR2;
    const du = dpx / w;
    const dv = dpy / w;
    const dw = -(dpx * px + dpy * py) / w;

    let dx: number;
    let dy: number;
    let dz: number;
    if (rotated) {
      const rest = 1 - cosine;
      const along = dot * rest;
      const dAlong = du * ax + dv * ay + dw * az;
      const dDot = dAlong * rest;
      const crossX = ay * z - az * y;
      const crossY = az * x - ax * z;
      const crossZ = ax * y - ay * x;
      const dCosine = du * x + dv * y + dw * z - dAlong * dot;
      const dSine = du * crossX + dv * crossY + dw * crossZ;
      dx = du * cosine + (dv * az - dw * ay) * sine + dDot * ax;
      dy = dv * cosine + (dw * ax - du * az) * sine + dDot * ay;
      dz = dw * cosine + (du * ay - dv * ax) * sine + dDot * az;
      const dax = du * along + dDot * x + sine * (dw * y - dv * z);
      const day = dv * along + dDot * y + sine * (du * z - dw * x);
      const daz = dw * along + dDot * z + sine * (dv * x - du * y);
      const dAngle = dSine * cosine - dCosine * sine - (dax * ax + day * ay + daz * az) / angle;
      dCameras[c] += dax / angle + dAngle * ax;
      dCameras[c + 1] += day / angle + dAngle * ay;
      dCameras[c + 2] += daz / angle + dAngle * az;
    } else {
      dx = du + dv * rz - dw * ry;
      dy = dv + dw * rx - du * rz;
      dz = dw + du * ry - dv * rx;
      dCameras[c] += dw * y - dv * z;
      dCameras[c + 1] += du * z - dw * x;
      dCameras[c + 2] += dv * x - du * y;
    }
    dPoints[p] += dx;
    dPoints[p + 1] += dy;
    dPoints[p + 2] += dz;
    dCameras[c + 3] -= dx;
    dCameras[c + 4] -= dy;
    dCameras[c + 5] -= dz;
  }
  return [dCameras, dPoints, dWeights];
}
