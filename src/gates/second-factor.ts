import type { Gate } from "../context.ts";

/**
 * Asks for a second factor if the user has one and the proofs so far are of one factor. Any way through is enough: a
 * feature adds ways, and no feature adds a gate.
 */
export const secondFactor: Gate = Object.freeze({
  kind: "second_factor",
  async ask(ctx, { user, amr }) {
    if (ctx.ways.length === 0 || amr.includes("mfa")) return null;
    // Read after the user: a change of the factors moves the epoch, and then this sign-in cannot finish.
    const held = await ctx.store.credentials.list(user.id);
    const usable = ctx.ways.filter((way) => way.isUsable(held.filter(({ kind }) => kind === way.kind)));
    const asks = usable.some(({ role }) => role === "factor");
    return asks ? { methods: usable.map(({ method }) => method) } : null;
  },
} satisfies Gate);
