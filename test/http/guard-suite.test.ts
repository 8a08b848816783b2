// Every cell of "what a guard makes of a request", and every mistake in requirements, over each mount and transport.
import { type Auth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { guardSuite } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";
import { ASKED_BY_HEADERS, GUARDED, openGuarded } from "./guarded-mounts.ts";

const ORIGIN = "https://app.example";

for (const [name, start] of Object.entries(GUARDED)) {
  describe(`${name}, bearer mode`, () => {
    guardSuite({ test, open: (guard) => openGuarded(start, guard) });
  });
  describe(`${name}, cookie mode`, () => {
    const transport = { transport: "cookie", origins: [ORIGIN] } as const;
    guardSuite({ test, open: (guard) => openGuarded(start, guard, transport), origin: ORIGIN });
  });
}

for (const [name, start] of Object.entries(ASKED_BY_HEADERS))
  describe(`${name}, bearer mode`, () => {
    guardSuite({ test, open: (guard) => openGuarded(start, guard) });
  });

test.each(Object.entries(GUARDED))(
  "%s: a guard with requirements reads the session once",
  async (_name, start) => {
    const { store, verbs } = countVerbs(memoryStore());
    const { auth } = makeAuth({ store });
    const { accessToken, user } = await auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
    const asked = [{ allow: () => true, fresh: true }];
    const running = await start(createHandler(auth as Auth), { kind: "same_user", asked });
    verbs.length = 0;
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await fetch(`${running.origin}/guarded/${user.id}`, { headers });
    await running.close();
    expect([answer.status, verbs]).toEqual([200, ["sessions.find"]]);
  },
);
