export { createAuthClient } from "./create-auth-client.ts";
export type * from "./feature.ts";
export {
  AuthProblem,
  type AuthProblemCode,
  type AuthProblemDetails,
  isAuthProblem,
  type KnownProblemCode,
  type ProblemField,
} from "./problem.ts";
export type * from "./types.ts";
