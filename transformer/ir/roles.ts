/** The parts that values play in a derivative. */
import type { Role, Value, Variable } from "./ir.js";

/** Is it an adjoint or a tangent, or memory of such? */
export const isDerivative = ({ origin }: Value): boolean => origin.role === "adjoint" || origin.role === "tangent";

/** How what stands beside a variable is called: `x` has the adjoint `dx`, the tangent `xDot`, the record `xBefore`. */
export function withRole(name: string, role: Role): string {
  switch (role) {
    case "primal":
      return name;
    case "adjoint":
      return /^(d*[A-Za-z]|d+[A-Z]\w*)$/.test(name) ? `d${name}` : `d${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    case "tangent":
      return `${name}Dot`;
    case "residual":
      return `${name}Before`;
  }
}

/** The same for a variable, with the number of its lane: `xDot0`. */
export const roleName = ({ name, lane }: Variable, role: Role): string => withRole(name, role) + String(lane ?? "");
