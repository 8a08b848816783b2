import type { AuthErrorCode } from "../../errors.ts";
import type { Answer } from "./call.ts";
import { expectProblem } from "./expect.ts";
import { limited } from "./shapes.ts";

/** A refresh token that is refused counts for the address that sent it; all but the one that ends its session. */
export function expectRefused(answer: Answer, code: AuthErrorCode, left = 29): void {
  expectProblem(answer, code, { headers: limited({ of: 30, left }) });
}
