import type { Gate } from "../context.ts";
import { parkByMail } from "../kit/park-by-mail.ts";
import { isUnproven } from "../kit/reclaim.ts";

/** Requires a proof of the mailbox, if the application does and the user has given none. */
export const emailGate: Gate = Object.freeze({
  kind: "email",
  async ask(ctx, attempt) {
    const isRequired = ctx.mail !== null && ctx.settings.email.verification === "required";
    if (!isRequired || !isUnproven(attempt.user)) return null;
    return { methods: ["email"], ...(await parkByMail(ctx, attempt)) };
  },
} satisfies Gate);
