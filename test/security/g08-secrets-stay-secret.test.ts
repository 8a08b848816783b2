// Class: secrets in messages, events, logs (Django CVE-2018-16984; errors that embed the token).
import { inspect } from "node:util";
import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { CLIENT, EMAIL, makeAuth, PASSWORD, SECRET, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const HOSTILE = "Hunter2-typed-by-accident";

test.each(STORES)(
  "no password, token, hash or key in any error, event or log line: %s",
  async (_name, makeStore) => {
    const said: unknown[] = [];
    let broken = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (broken && verb !== "users.findForLogin") throw new TypeError(`fault at ${verb}`);
    });
    const { auth, sink, errors } = makeAuth({ store, password: undefined });
    const right = { email: EMAIL, password: PASSWORD };
    const { accessToken, refreshToken, deviceToken, session } = await auth.signup(right, CLIENT);
    const used = (await auth.refresh(refreshToken, CLIENT)).refreshToken;
    const stored = (await store.users.findForLogin(EMAIL))?.password?.data as string;
    const attempts = [
      () => auth.signup({ email: `${HOSTILE}@`, password: HOSTILE }, CLIENT),
      () => auth.signup({ email: "b@example.com", password: HOSTILE, [HOSTILE]: 1 } as never, CLIENT),
      () => auth.signup({ email: "b@example.com", password: "hunter2" }, CLIENT),
      () => auth.signup({ email: "b@example.com", password: `${HOSTILE}\0` }, CLIENT),
      () => auth.login({ email: HOSTILE, password: PASSWORD }, CLIENT),
      () => auth.login({ email: EMAIL, password: HOSTILE }, CLIENT),
      () => auth.login({ email: EMAIL, password: HOSTILE, deviceToken }, { ip: null }),
      () => auth.login({ email: EMAIL, password: HOSTILE, deviceToken: HOSTILE }, { ip: null }),
      () => auth.login(HOSTILE as never, CLIENT),
      () => auth.verifyToken(`${accessToken}x`),
      () => auth.verifyToken(HOSTILE),
      () => auth.verifyToken(accessToken, { userId: HOSTILE }),
      () => auth.events.list(accessToken, { cursor: HOSTILE }),
      () => auth.logout(HOSTILE),
      () => auth.refresh(`${refreshToken}x`, CLIENT),
      () => auth.refresh(HOSTILE, CLIENT),
      () => auth.reauthenticate(accessToken, { password: HOSTILE }, CLIENT),
      () => auth.reauthenticate(accessToken, { [HOSTILE]: HOSTILE } as never, CLIENT),
      () => auth.password.change(accessToken, { currentPassword: HOSTILE, newPassword: HOSTILE }, CLIENT),
      () => auth.password.change(accessToken, { currentPassword: PASSWORD, newPassword: "hunter2" }, CLIENT),
      () => auth.sessions.revoke(accessToken, HOSTILE),
      async () => auth.requireFresh({ authenticatedAt: new Date(0) }, HOSTILE as never),
      () => auth.sessions.revoke(accessToken, session.id),
      () => auth.refresh(refreshToken, CLIENT),
      () => auth.refresh(used, CLIENT),
    ];
    for (broken of [false, true]) {
      for (const attempt of attempts) said.push(await attempt().catch((error) => error));
    }
    const handler = createHandler(auth);
    const request = { method: "POST", target: `/auth/login?${HOSTILE}`, client: { ip: "192.0.2.9" } };
    for (const text of [`{"password":"${HOSTILE}"`, `{"email":"${HOSTILE}","password":["${HOSTILE}"]}`]) {
      const body = { kind: "bytes", bytes: new TextEncoder().encode(text) } as const;
      said.push(
        await handler.dispatch({ ...request, headers: { "content-type": "application/json" }, body }),
      );
    }

    const log = inspect([said, sink.events, errors, auth, handler, JSON.stringify([said, sink.events])], {
      depth: 12,
      showHidden: true,
    });
    expect(log).toContain("invalid_input");
    expect(log).toContain("fault at");
    for (const secret of [
      HOSTILE,
      PASSWORD,
      SECRET,
      accessToken,
      accessToken.split(".")[2],
      refreshToken,
      deviceToken,
      used,
      stored,
      stored.split("$")[5],
    ]) {
      expect(log).not.toContain(secret);
    }
  },
);
