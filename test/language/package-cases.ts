/** Functions of published packages, each called from a typed function of one line or a few. */

export interface PackageCase {
  /** `package: function` */
  readonly name: string;
  /** The import, and the exported function `primal`. */
  readonly source: string;
  readonly args: readonly unknown[];
}

const of = (name: string, source: string, args: readonly unknown[]): PackageCase => ({ name, source, args });

const ease = (name: string, t: number): PackageCase =>
  of(
    `d3-ease: ${name}`,
    `import { ${name} } from "d3-ease/dist/d3-ease.mjs";
     export function primal(t: number): number { return ${name}(t); }`,
    [t],
  );

const statistic = (file: string, name: string, args: readonly unknown[], types = "values: number[]"): PackageCase =>
  of(
    `simple-statistics: ${name}`,
    `import ${name} from "simple-statistics/src/${file}.js";
     export function primal(${types}): number { return ${name}(${types.replace(/: [^,]+/g, "")}); }`,
    args,
  );

export const packageCases: readonly PackageCase[] = [
  // ---- easing ----
  ease("easeQuadInOut", 0.3),
  ease("easeCubicInOut", 0.7),
  ease("easeSinInOut", 0.3),
  ease("easeExpInOut", 0.3),
  ease("easeCircleInOut", 0.8),
  ease("easeBounceOut", 0.6),
  ease("easeBackInOut", 0.3),
  ease("easeElasticOut", 0.4),
  ease("easePolyIn", 0.4),
  of(
    "bezier-easing: default",
    `import bezier from "bezier-easing/src/index.js";
     export function primal(x: number, handle: number): number { return bezier(0.25, handle, 0.25, 1)(x); }`,
    [0.4, 0.1],
  ),

  // ---- statistics and special functions ----
  statistic("error_function", "errorFunction", [0.7], "x: number"),
  statistic("inverse_error_function", "inverseErrorFunction", [0.4], "x: number"),
  statistic("gammaln", "gammaln", [3.4], "x: number"),
  statistic("gamma", "gamma", [3.4], "x: number"),
  statistic("mean", "mean", [[1, 2, 4.5]]),
  statistic("variance", "variance", [[1, 2, 4.5]]),
  statistic("geometric_mean", "geometricMean", [[1, 2, 4.5]]),
  statistic("harmonic_mean", "harmonicMean", [[1, 2, 4.5]]),
  statistic("root_mean_square", "rootMeanSquare", [[1, 2, 4.5]]),
  statistic("sample_skewness", "sampleSkewness", [[1, 2, 4.5, 3]]),
  statistic(
    "sample_correlation",
    "sampleCorrelation",
    [
      [1, 2, 4.5],
      [2, 1, 3],
    ],
    "x: number[], y: number[]",
  ),
  statistic("median", "median", [[5, 1, 3, 2]]),
  of(
    "simple-statistics: linearRegression",
    `import linearRegression from "simple-statistics/src/linear_regression.js";
     export function primal(points: [number, number][]): number {
       const { m, b } = linearRegression(points);
       return m * 2 + b;
     }`,
    [
      [
        [0, 1],
        [1, 3.5],
        [2, 4],
      ],
    ],
  ),
  of(
    "simple-statistics: logit and probit",
    `import logit from "simple-statistics/src/logit.js";
     import probit from "simple-statistics/src/probit.js";
     export function primal(p: number): number { return logit(p) * probit(p); }`,
    [0.3],
  ),

  // ---- geometry and matrices ----
  of(
    "gl-matrix: vec3",
    `import * as vec3 from "gl-matrix/esm/vec3.js";
     export function primal(a: Float64Array, b: Float64Array): number {
       const out = new Float64Array(3);
       vec3.cross(out, a, b);
       vec3.normalize(out, out);
       return vec3.dot(out, a) + vec3.distance(out, b) + vec3.angle(a, b);
     }`,
    [new Float64Array([1, 2, 3]), new Float64Array([0.5, -1, 2])],
  ),
  of(
    "gl-matrix: mat4",
    `import * as mat4 from "gl-matrix/esm/mat4.js";
     export function primal(a: Float64Array, angle: number): number {
       const out = new Float64Array(16);
       mat4.rotateX(out, a, angle);
       mat4.multiply(out, out, a);
       return mat4.determinant(out) + out[3];
     }`,
    [new Float64Array([2, 0, 1, 0, 1, 3, 0, 1, 0, 1, 2, 0.5, 1, 0, 0, 1]), 0.3],
  ),
  of(
    "gl-matrix: mat3 invert",
    `import * as mat3 from "gl-matrix/esm/mat3.js";
     export function primal(a: Float64Array): number {
       const out = new Float64Array(9);
       mat3.invert(out, a);
       return out[0] * out[4] - out[8];
     }`,
    [new Float64Array([2, 0, 1, 1, 3, 0, 0, 1, 2])],
  ),
  of(
    "gl-matrix: quat slerp",
    `import * as quat from "gl-matrix/esm/quat.js";
     export function primal(a: Float64Array, b: Float64Array, t: number): number {
       const out = new Float64Array(4);
       quat.slerp(out, a, b, t);
       return out[0] + 2 * out[1] - out[3];
     }`,
    [new Float64Array([0.1, 0.2, 0.3, 0.9]), new Float64Array([0.5, -0.1, 0.2, 0.8]), 0.3],
  ),
  of(
    "ml-matrix: mmul and trace",
    `import Matrix from "ml-matrix/src/matrix.js";
     export function primal(rows: number[][]): number {
       const m = new Matrix(rows);
       return m.mmul(m).trace();
     }`,
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ),
  of(
    "ml-matrix: determinant",
    `import Matrix from "ml-matrix/src/matrix.js";
     import { determinant } from "ml-matrix/src/determinant.js";
     export function primal(rows: number[][]): number { return determinant(new Matrix(rows)); }`,
    [
      [
        [1, 2],
        [3, 5],
      ],
    ],
  ),
  of(
    "fmin: blas1",
    `import { dot, norm2, scale, weightedSum } from "fmin/src/blas1.js";
     export function primal(a: number[], b: number[]): number {
       const out = [0, 0, 0];
       weightedSum(out, 2, a, dot(a, b), b);
       scale(out, out, norm2(a));
       return out[0] * out[1] + out[2];
     }`,
    [
      [1, 2, 3],
      [0.5, -1, 2],
    ],
  ),
  of(
    "complex.js: mul",
    `import Complex from "complex.js/dist/complex.mjs";
     export function primal(re: number, im: number): number { return new Complex(re, im).mul(re, 2).abs(); }`,
    [1, 2],
  ),

  // ---- splines ----
  of(
    "bezier-js: utils.compute",
    `import { utils } from "bezier-js/src/utils.js";
     interface Point { x: number; y: number; t?: number }
     export function primal(t: number, points: Point[]): number {
       const p = utils.compute(t, points, false);
       return p.x * p.y;
     }`,
    [
      0.3,
      [
        { x: 0, y: 0 },
        { x: 1, y: 2 },
        { x: 3, y: 3 },
        { x: 4, y: 0.5 },
      ],
    ],
  ),
  of(
    "bezier-js: utils.angle and dist",
    `import { utils } from "bezier-js/src/utils.js";
     interface Point { x: number; y: number }
     export function primal(o: Point, a: Point, b: Point): number { return utils.angle(o, a, b) * utils.dist(a, b); }`,
    [
      { x: 0, y: 0 },
      { x: 1, y: 2 },
      { x: 3, y: 1 },
    ],
  ),
  of(
    "d3-interpolate: interpolateBasis",
    `import { interpolateBasis } from "d3-interpolate/dist/d3-interpolate.mjs";
     export function primal(values: number[], t: number): number { return interpolateBasis(values)(t); }`,
    [[1, 2, 4, 3], 0.4],
  ),
  of(
    "d3-interpolate: number",
    `import { interpolateNumber } from "d3-interpolate/dist/d3-interpolate.mjs";
     export function primal(a: number, b: number, t: number): number { return interpolateNumber(a, b)(t); }`,
    [1, 4, 0.3],
  ),

  // ---- geodesy, orbits, the sky ----
  of(
    "d3-geo: geoMercatorRaw",
    `import { geoMercatorRaw } from "d3-geo/dist/d3-geo.mjs";
     export function primal(lambda: number, phi: number): number {
       const p = geoMercatorRaw(lambda, phi);
       return p[0] * p[1];
     }`,
    [0.3, 0.7],
  ),
  of(
    "d3-geo: geoEqualEarthRaw",
    `import { geoEqualEarthRaw } from "d3-geo/dist/d3-geo.mjs";
     export function primal(lambda: number, phi: number): number {
       const p = geoEqualEarthRaw(lambda, phi);
       return p[0] * p[1];
     }`,
    [0.3, 0.7],
  ),
  of(
    "d3-geo: geoNaturalEarth1Raw",
    `import { geoNaturalEarth1Raw } from "d3-geo/dist/d3-geo.mjs";
     export function primal(lambda: number, phi: number): number {
       const p = geoNaturalEarth1Raw(lambda, phi);
       return p[0] * p[1];
     }`,
    [0.3, 0.7],
  ),
  of(
    "d3-geo: geoDistance",
    `import { geoDistance } from "d3-geo/dist/d3-geo.mjs";
     export function primal(a: [number, number], b: [number, number]): number { return geoDistance(a, b); }`,
    [
      [10, 20],
      [15, 30],
    ],
  ),
  of(
    "satellite.js: geodeticToEcf",
    `import { geodeticToEcf } from "satellite.js/lib/transforms.js";
     interface Geodetic { longitude: number; latitude: number; height: number }
     export function primal(at: Geodetic): number {
       const { x, y, z } = geodeticToEcf(at);
       return (x * y) / 1e6 + z;
     }`,
    [{ longitude: 0.3, latitude: 0.7, height: 400 }],
  ),
  of(
    "satellite.js: topocentric",
    `import { geodeticToEcf, ecfToLookAngles } from "satellite.js/lib/transforms.js";
     interface Geodetic { longitude: number; latitude: number; height: number }
     export function primal(at: Geodetic, p: { x: number; y: number; z: number }): number {
       const { azimuth, elevation, rangeSat } = ecfToLookAngles(at, p);
       return azimuth * elevation + rangeSat / 1000;
     }`,
    [
      { longitude: 0.3, latitude: 0.7, height: 0.2 },
      { x: 5000, y: 3000, z: 4500 },
    ],
  ),

  // ---- colour ----
  of(
    "culori: rgb to oklab",
    `import convert from "culori/src/oklab/convertRgbToOklab.js";
     export function primal(r: number, g: number, b: number): number {
       const color = convert({ mode: "rgb", r, g, b });
       return color.l + color.a * color.b;
     }`,
    [0.2, 0.5, 0.7],
  ),
  of(
    "culori: lab to rgb",
    `import convert from "culori/src/lab/convertLabToRgb.js";
     export function primal(l: number, a: number, b: number): number {
       const color = convert({ mode: "lab", l, a, b });
       return color.r + color.g * color.b;
     }`,
    [50, 20, -30],
  ),
  of(
    "d3-color: lab",
    `import { lab } from "d3-color/dist/d3-color.mjs";
     export function primal(l: number, a: number, b: number): number { return lab(l, a, b).rgb().r; }`,
    [50, 20, -30],
  ),

  // ---- money ----
  of(
    "black-scholes: blackScholes",
    `import bs from "black-scholes/black-scholes.js";
     export function primal(s: number, k: number, t: number, v: number, r: number): number {
       return bs.blackScholes(s, k, t, v, r, "call");
     }`,
    [30, 34, 0.25, 0.2, 0.08],
  ),
  of(
    "financial: fv",
    `import { fv } from "financial/src/index.js";
     export function primal(rate: number, nper: number, pmt: number, pv: number): number { return fv(rate, nper, pmt, pv); }`,
    [0.01, 12, -100, -100],
  ),
  of(
    "financial: pmt and nper",
    `import { pmt, nper, PaymentDueTime } from "financial/src/index.js";
     export function primal(rate: number, pv: number): number {
       return pmt(rate, 24, pv, 0, PaymentDueTime.Begin) + nper(rate, -500, pv);
     }`,
    [0.01, 5000],
  ),
  of(
    "financial: rate",
    `import { rate } from "financial/src/index.js";
     export function primal(pmt: number, pv: number): number { return rate(10, pmt, pv, 10000); }`,
    [-200, -3500],
  ),
  of(
    "financial: irr",
    `import { irr } from "financial/src/index.js";
     export function primal(values: number[]): number { return irr(values); }`,
    [[-100, 39, 59, 55, 20]],
  ),
];
