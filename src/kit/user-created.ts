import type { Context } from "../context.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { isMadeOf } from "./fail-closed.ts";
import { toPublicUser } from "./views.ts";

/** Runs `hooks.userCreated` in one signup. */
export interface UserCreatedStep {
  /** Runs the hook. It rethrows errors unchanged: the store must see them to decide about a retry. */
  run(tx: AuthStore): Promise<void>;
  /** Returns the caller's error for a failed transaction. A fault of the hook is not an outage of the store. */
  judge(failure: unknown): unknown;
}

/** `fields`: the application's own, as `judgeFields` returned them. */
export function userCreatedStep(ctx: Context, user: User, fields: unknown): UserCreatedStep {
  const { userCreated } = ctx.settings.hooks;
  let fault: { readonly thrown: unknown } | null = null;
  return {
    async run(tx) {
      try {
        await userCreated?.({ user: toPublicUser(user), tx, fields });
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
