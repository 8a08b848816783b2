// Class: flows that lock one user's rows in two orders, and meet in a deadlock. The user's row comes first.
import type { Auth } from "sallyport";
import { expect, test } from "vitest";
import { CLIENT, EMAIL, makeAuth, PASSWORD } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
type Call = (auth: Auth, accessToken: string) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ["a reauthentication", (auth, token) => auth.reauthenticate(token, { password: PASSWORD }, CLIENT)],
  ["a logout", (auth, token) => auth.logout(token, CLIENT)],
  ["an end of all others", (auth, token) => auth.sessions.revokeOthers(token, CLIENT)],
];

test.each(CALLS)(
  "%s waits for a security change, or it for them, and neither begins anew",
  async (_, call) => {
    const { auth, store, clock } = makeAuth();
    const { accessToken, user } = await auth.signup(right, CLIENT);
    await auth.login(right, { ip: null });
    const written = Promise.withResolvers<void>();
    const changing = Promise.withResolvers<void>();
    const runs = { call: 0, change: 0 };
    const slow = interceptStore(store, async (step) => {
      if (step.startsWith("sessions.re")) runs.call++;
      if (step !== "events.append") return;
      written.resolve();
      await changing.promise;
    });
    const watched = interceptStore(store, (step) => {
      if (step === "users.change") runs.change++;
      if (step === "sessions.revokeAll") changing.resolve(); // it has the user, and will wait for the sessions
    });
    const called = call(makeAuth({ store: slow }).auth, accessToken);
    await written.promise;
    const changed = makeAuth({ store: watched }).auth.users.disable(user.id);
    setTimeout(changing.resolve, 500); // it has not: it waits for the user

    await Promise.all([called, changed]);
    expect(runs).toEqual({ call: 1, change: 1 });
    expect(await store.sessions.listLive(user.id, clock.now(), 10)).toEqual([]);
  },
);
