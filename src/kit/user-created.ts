import type { Context } from "../context.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { isMadeOf } from "./fail-closed.ts";
import { toPublicUser } from "./views.ts";

/** `hooks.userCreated` in one signup. */
export interface UserCreatedStep {
  /** Runs the hook; what it throws passes as it is: the store must see it to know what to retry. */
  run(tx: AuthStore): Promise<void>;
  /** What the caller hears of a failed transaction: a fault of the hook is no outage of the store. */
  judge(failure: unknown): unknown;
}

export function userCreatedStep(ctx: Context, user: User): UserCreatedStep {
  const { userCreated } = ctx.settings.hooks;
  let fault: { readonly thrown: unknown } | null = null;
  return {
    async run(tx) {
      try {
        await userCreated?.({ user: toPublicUser(user), tx });
      } catch (thrown) {
        fault = { thrown };
        throw thrown;
      }
    },
    judge(failure) {
      if (!fault || !isMadeOf(failure, fault.thrown)) return failure;
      return new AuthError("internal_error", { cause: fault.thrown });
    },
  };
}
