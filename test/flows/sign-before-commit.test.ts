// Class: an effect by half. What fails in the making of a token must have changed nothing.
import { describe, expect, test } from "vitest";
import { bindFlows } from "../../src/bind-flows.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a token that cannot be signed opens no session, changes no password, and proves nothing", async () => {
    const { auth, ctx, store, sink, clock } = makeAuth({ store: makeStore() });
    const { accessToken, session, user } = await auth.signup(right, CLIENT);
    const sign = (): Promise<never> => Promise.reject(new TypeError("No entropy"));
    const broken = bindFlows({ ...ctx, signer: { ...ctx.signer, sign } });
    clock.advance("1h");
    const calls = [
      () => broken.login(right, CLIENT),
      () => broken.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
      () =>
        broken.password.change(
          accessToken,
          { currentPassword: PASSWORD, newPassword: "Another2staple" },
          CLIENT,
        ),
    ];
    for (const call of calls) {
      expect(await codeOf(call())).toBe("internal_error");
      expect(sink.events.at(-1)).toMatchObject({ outcome: "failure", reason: "internal_error" });
    }
    const rows = await store.sessions.listLive(user.id, clock.now(), 10);
    expect(rows.map(({ id, authenticatedAt }) => [id, authenticatedAt])).toEqual([
      [session.id, session.createdAt],
    ]);
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
  });
});
