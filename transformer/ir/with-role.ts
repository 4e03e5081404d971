/** How what stands beside a variable is called: `x` has the adjoint `dx`, the tangent `xDot`, the record `xBefore`. */
import type { Role, Variable } from "./ir.js";

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
