import type { Gate } from "../context.ts";

/**
 * Requires a second factor if the user has one and the proofs so far are of one factor. One way through is enough.
 * Features add ways, but no gates.
 */
export const secondFactor: Gate = Object.freeze({
  kind: "second_factor",
  async ask(ctx, { user, amr }) {
    if (ctx.ways.length === 0 || amr.includes("mfa")) return null;
    // The credentials are read after the user. A later change of the factors moves the epoch, so this sign-in fails.
    const held = await ctx.store.credentials.list(user.id);
    const usable = ctx.ways.filter((way) => way.isUsable(held.filter(({ kind }) => kind === way.kind)));
    const asks = usable.some(({ role }) => role === "factor");
    return asks ? { methods: usable.map(({ method }) => method) } : null;
  },
} satisfies Gate);
