export { createAuthClient } from "./create-auth-client.ts";
export {
  AuthProblem,
  type AuthProblemCode,
  type AuthProblemDetails,
  isAuthProblem,
  type ProblemField,
} from "./problem.ts";
export type * from "./types.ts";
