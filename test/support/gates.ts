import type { Auth, LoginResult } from "sallyport";
import type { Context, Gate } from "../../src/context.ts";
import { login } from "../../src/flows/account/login.ts";

/** A gate that stops everyone. */
export const closedGate: Gate = { kind: "test", ask: async () => ({ methods: ["test"] }) };

/** A login through these gates, in place of those of the core. */
export function loginThrough(
  ctx: Context,
  gates: readonly Gate[],
  ...[input, client]: Parameters<Auth["login"]>
): Promise<LoginResult> {
  return login({ ...ctx, gates }, { input, client });
}
