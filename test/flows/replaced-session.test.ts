// Class: a session that outlives the next sign-in of its browser (session fixation's twin; ASVS 5.0, 7.2.4): its token
// still answers, on a shared computer for the person before.
import type { SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { CODE, challenged, enrolled, RIGHT, sceneOn } from "../support/features/scene.ts";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const ada = { email: EMAIL, password: PASSWORD };
const bob = { email: "bob@example.com", password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  async function opened() {
    const harness = makeAuth({ store: makeStore() });
    const first = await harness.auth.signup(ada, CLIENT);
    const lives = async ({ accessToken, refreshToken }: SignedIn) => [
      await codeOf(harness.auth.verifyToken(accessToken)),
      await codeOf(harness.auth.refresh(refreshToken, CLIENT)),
    ];
    return { ...harness, first, lives };
  }

  const ENTRIES: Readonly<
    Record<
      string,
      (auth: Awaited<ReturnType<typeof opened>>["auth"], refreshToken: string) => Promise<unknown>
    >
  > = {
    "a login of the same user": (auth, refreshToken) => auth.login({ ...ada, refreshToken }, CLIENT),
    "a login of another user": async (auth, refreshToken) => {
      await auth.signup(bob, CLIENT);
      return auth.login({ ...bob, refreshToken }, CLIENT);
    },
    "a signup": (auth, refreshToken) => auth.signup({ ...bob, refreshToken }, CLIENT),
  };

  test.each(Object.entries(ENTRIES))(
    "%s ends the session that came with it, and only that",
    async (_what, enter) => {
      const { auth, clock, first, lives, sink, store } = await opened();
      const elsewhere = signedIn(await auth.login(ada, CLIENT));
      const next = signedIn((await enter(auth, first.refreshToken)) as SignedIn);
      expect(await lives(first)).toEqual(["session_revoked", "session_revoked"]);
      expect(await lives(elsewhere)).toEqual(["fulfilled", "fulfilled"]);
      expect(await lives(next)).toEqual(["fulfilled", "fulfilled"]);
      const ended = (await store.sessions.find(first.session.id))?.session;
      expect([ended?.revokedAt, ended?.revokeReason]).toEqual([clock.now(), "replace_session"]);
      const named = { userId: first.user.id, sessionId: first.session.id, ...CLIENT };
      expect(sink.events.filter(({ type }) => type === "replace_session")).toMatchObject([
        { outcome: "success", reason: null, ...named },
      ]);
      expect(sink.events.filter(({ sessionId }) => sessionId === next.session.id)).toHaveLength(1);
    },
  );

  test("a used refresh token still says which session came", async () => {
    const { auth, clock, first } = await opened();
    const next = await auth.refresh(first.refreshToken, CLIENT);
    clock.advance("1h");
    await auth.login({ ...ada, refreshToken: first.refreshToken }, CLIENT);
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("session_revoked");
  });

  test("an entry that fails ends nothing", async () => {
    const { auth, first, lives } = await opened();
    const { refreshToken } = first;
    const stranger = strangers();
    const failing = [
      () => auth.login({ ...ada, password: "Wrong1password", refreshToken }, stranger()),
      () => auth.login({ email: "nobody@example.com", password: PASSWORD, refreshToken }, stranger()),
      () => auth.signup({ ...ada, refreshToken }, stranger()),
      () => auth.signup({ ...bob, password: "weak", refreshToken }, stranger()),
    ];
    for (const fail of failing) expect(await codeOf(fail())).not.toBe("fulfilled");
    expect(await lives(first)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("what is no genuine refresh token ends nothing, and stops no login", async () => {
    const { auth, first, lives, sink } = await opened();
    const { accessToken, refreshToken, deviceToken, session } = first;
    const stranger = strangers();
    const forged = [
      accessToken,
      deviceToken,
      session.id,
      "",
      `${refreshToken} `,
      `${refreshToken.slice(0, -2)}${refreshToken.endsWith("AA") ? "AQ" : "AA"}`,
      "x".repeat(1_000_000),
    ];
    for (const text of forged) {
      expect(await codeOf(auth.login({ ...ada, refreshToken: text }, stranger()))).toBe("fulfilled");
    }
    for (const value of [1, null, {}, [refreshToken]] as never[]) {
      expect(await codeOf(auth.login({ ...ada, refreshToken: value }, stranger()))).toBe("invalid_input");
      expect(await codeOf(auth.signup({ ...bob, refreshToken: value }, stranger()))).toBe("invalid_input");
    }
    expect(await lives(first)).toEqual(["fulfilled", "fulfilled"]);
    expect(sink.events.map(({ type }) => type)).not.toContain("replace_session");
  });

  test("a session that has ended or whose user is gone is no obstacle, and leaves no further event", async () => {
    const { auth, first, sink } = await opened();
    const { refreshToken } = first;
    await auth.logout(refreshToken);
    expect(await codeOf(auth.login({ ...ada, refreshToken }, CLIENT))).toBe("fulfilled");
    await auth.users.delete(first.user.id);
    expect(await codeOf(auth.signup({ ...ada, refreshToken }, CLIENT))).toBe("fulfilled");
    expect(sink.events.map(({ type }) => type)).not.toContain("replace_session");
  });

  test("behind a challenge it lives until the right answer", async () => {
    const scene = sceneOn(makeStore());
    const first = await enrolled(scene);
    const { accessToken, refreshToken } = first;
    const parked = challenged(await scene.auth.login({ ...RIGHT, refreshToken }, CLIENT));
    const answer = { challengeToken: parked.challengeToken, code: CODE };
    expect(await codeOf(scene.auth.secondStep.answer({ ...answer, code: "000000" }, CLIENT))).toBe(
      "invalid_credentials",
    );
    expect(await codeOf(scene.auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(await codeOf(scene.auth.secondStep.answer(answer, CLIENT))).toBe("fulfilled");
    expect(await codeOf(scene.auth.verifyToken(accessToken))).toBe("session_revoked");
    expect((await scene.events()).map(({ type }) => type)).toContain("replace_session");
  });

  test("the old session lives on if the new one cannot be stored", async () => {
    let armed = false;
    const store = interceptStore(makeStore(), (verb) => {
      if (armed && verb === "sessions.create") throw new TypeError("the store is away");
    });
    const { auth } = makeAuth({ store });
    const { accessToken, refreshToken } = await auth.signup(ada, CLIENT);
    armed = true;
    expect(await codeOf(auth.login({ ...ada, refreshToken }, CLIENT))).toBe("unavailable");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
  });

  test("with a cached check its tokens are refused at once in this process", async () => {
    const { auth } = makeAuth({ store: makeStore(), session: { check: { atMostEvery: "1m" } } });
    const { accessToken, refreshToken } = await auth.signup(ada, CLIENT);
    await auth.verifyToken(accessToken);
    await auth.signup({ ...bob, refreshToken }, CLIENT);
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("it does not count in session.max: no other session has to go", async () => {
    const { auth } = makeAuth({ store: makeStore(), session: { max: 2 } });
    const first = await auth.signup(ada, CLIENT);
    const second = signedIn(await auth.login(ada, CLIENT));
    await auth.login({ ...ada, refreshToken: second.refreshToken }, CLIENT);
    expect(await codeOf(auth.verifyToken(first.accessToken))).toBe("fulfilled");
  });

  test(`of ${CALLERS} logins with one session, each signs in, and one ends it`, async () => {
    const limits = { login: { address: false, account: false } } as const;
    const { auth, sink } = makeAuth({ store: makeStore(), limits });
    const { refreshToken } = await auth.signup(ada, CLIENT);
    const logins = times(CALLERS, () => auth.login({ ...ada, refreshToken }, CLIENT));
    expect(await tally(logins)).toEqual({ fulfilled: CALLERS });
    expect(sink.events.filter(({ type }) => type === "replace_session")).toHaveLength(1);
  });
});
