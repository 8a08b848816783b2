// Class: incomplete revocation. A login that holds the user's lock when a security change begins is over
// before the change ends sessions; on servers the two run at the same time.
import type { UserId } from "sallyport";
import { expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";

const CALLER = { ip: null };

test("disabling ends the session that a login opens meanwhile", async () => {
  const { auth, store, clock } = makeAuth();
  const password = { email: EMAIL, password: PASSWORD };
  const { user } = await auth.signup(password, CALLER);
  const opened = Promise.withResolvers<void>();
  const changing = Promise.withResolvers<void>();

  const slow = interceptStore(store, async (verb) => {
    if (verb !== "commit") return;
    opened.resolve();
    await changing.promise;
  });
  const watched = interceptStore(store, (verb) => {
    if (verb === "users.change") changing.resolve();
  });
  const login = makeAuth({ store: slow }).auth.login(password, CALLER);
  await opened.promise;
  await makeAuth({ store: watched }).auth.users.disable(user.id);

  const result = await login;
  expect(result.status).toBe("signed_in");
  // Not only refused for the user's status: ended.
  expect(await store.sessions.listLive(user.id as UserId, clock.now(), 10)).toEqual([]);
});
