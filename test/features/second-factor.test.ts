// Classes: a session before the second factor (better-auth GHSA-xg6x-h9c9-2m83), a sign-in that no gate sees
// (better-auth PR 9203), single use that is not atomic (better-auth GHSA-392p-2q2v-4372).
import type { AuthStore, LoginRecord, UserId } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import type { Spend } from "../../src/context.ts";
import { assemble } from "../../src/create-auth.ts";
import { attempt } from "../../src/kit/attempt.ts";
import { signIn } from "../../src/kit/sign-in.ts";
import { hashSecretToken, newSecretToken } from "../../src/lib/secrets.ts";
import { sampleToken, sampleUser } from "../../src/testing/store/samples.ts";
import {
  CODE,
  challenged,
  enrolled,
  giveFactor,
  RIGHT,
  type Scene,
  type SceneOptions,
  sceneOn,
} from "../support/features/scene.ts";
import { secondStep } from "../support/features/second-step.ts";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  SECRET,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs, interceptStore } from "../support/intercept-store.ts";

const unlimited = {
  limits: { login: { address: false, account: false }, signup: { address: false } },
  step: { limits: { address: "1000/1m", account: "1000/1m" } },
} as const satisfies SceneOptions;

const NO_CLIENT = { ip: null, userAgent: null, requestId: null };

const liveSessions = async ({ store, clock }: Scene, userId: string): Promise<number> =>
  (await store.sessions.listLive(userId as never, clock.now(), 100)).length;

describe.each(STORES)("on %s", (_name, makeStore) => {
  const sceneOf = (options: SceneOptions = unlimited): Scene => sceneOn(makeStore(), options);

  test("a login, a signup and another feature's sign-in all stop at the factor, before any session", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const scene = sceneOn(store, { ...unlimited, step: { ...unlimited.step, forAll: true } });
    const doors = [
      () => scene.auth.signup(RIGHT, CLIENT),
      () => scene.auth.login(RIGHT, CLIENT),
      () => scene.auth.knock.enter({ email: EMAIL }, CLIENT),
    ];
    for (const door of doors) {
      expect(await door()).toEqual({
        status: "challenge",
        kind: "second_factor",
        methods: ["test-code"],
        challengeToken: expect.stringMatching(/^[\w-]{43}$/),
        expiresAt: new Date(scene.clock.now().getTime() + 600_000),
      });
    }
    expect(verbs).not.toContain("sessions.create");
    const outcomes = (await scene.events()).map(({ type, outcome, reason }) => [type, outcome, reason]);
    expect(outcomes).toEqual([
      ["signup", "challenged", "second_factor"],
      ["login", "challenged", "second_factor"],
      ["login", "challenged", "second_factor"],
    ]);
  });

  test("the right answer signs in once, with what was proven before it and by it", async () => {
    const scene = sceneOf();
    const first = await enrolled(scene);
    await scene.auth.logout(first.accessToken);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    const { lastLoginAt } = (await scene.store.users.find(first.user.id)) as { lastLoginAt: Date };
    expect(lastLoginAt).toEqual(first.user.createdAt); // A parked sign-in does not count as a login.
    expect(await liveSessions(scene, first.user.id)).toBe(0);

    scene.clock.advance("1m");
    const result = signedIn(await scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT));
    expect(result.session.amr).toEqual(["pwd", "otp", "mfa"]);
    expect((await scene.auth.verifyToken(result.accessToken)).userId).toBe(first.user.id);
    expect(result.user.lastLoginAt).toEqual(scene.clock.now());
    const again = scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT);
    expect(await codeOf(again)).toBe("invalid_challenge");
    const [answered, refused] = (await scene.events()).slice(-2);
    const named = { type: "login", userId: first.user.id, attemptedEmail: EMAIL, ip: CLIENT.ip };
    expect(answered).toMatchObject({ ...named, outcome: "success", sessionId: result.session.id });
    expect(refused).toMatchObject({ type: "login", outcome: "failure", reason: "challenge_unknown" });
  });

  test("a sign-in that has proven `mfa` is asked by no gate, nor is a user without the factor", async () => {
    const scene = sceneOf();
    const signedUp = signedIn(await scene.auth.signup(RIGHT, CLIENT));
    expect((await scene.auth.login(RIGHT, CLIENT)).status).toBe("signed_in");
    await giveFactor(scene, signedUp.user.id);
    expect((await scene.auth.login(RIGHT, CLIENT)).status).toBe("challenge");
    const strong = { email: EMAIL, amr: ["hwk", "user", "mfa"] };
    expect((await scene.auth.knock.enter(strong, CLIENT)).status).toBe("signed_in");
  });

  test("a backup is named beside the factor, but is no reason to ask", async () => {
    const scene = sceneOf();
    const { user } = signedIn(await scene.auth.signup(RIGHT, CLIENT));
    const backup = { userId: user.id, kind: "recovery_codes", identifier: user.id, data: "{}" } as const;
    const createdAt = scene.clock.now();
    const id = user.id as never; // an id of another table
    await scene.store.credentials.add({ ...backup, id, version: 0, createdAt, lastUsedAt: null });
    expect((await scene.auth.login(RIGHT, CLIENT)).status).toBe("signed_in");
    await giveFactor(scene, user.id);
    const { methods } = challenged(await scene.auth.login(RIGHT, CLIENT));
    expect(methods).toEqual(["test-code", "test-backup"]);
  });

  test("the known device survives the second step, and keeps its budget", async () => {
    const scene = sceneOf({ ...unlimited, limits: { login: { address: false, account: "1/1h" } } });
    const { deviceToken } = await enrolled(scene);
    const stranger = strangers();
    const guess = () => codeOf(scene.auth.login({ ...RIGHT, password: "Wrong1password" }, stranger()));
    expect([await guess(), await guess()]).toEqual(["invalid_credentials", "rate_limited"]);
    // The account's budget is used up: what passes now is the device's.
    const known = { ...RIGHT, deviceToken };
    const { challengeToken } = challenged(await scene.auth.login(known, CLIENT));
    const result = signedIn(await scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT));
    const next = { ...RIGHT, deviceToken: result.deviceToken };
    expect((await scene.auth.login(next, CLIENT)).status).toBe("challenge");
    expect(await guess()).toBe("rate_limited");
    // It is the same device: its wrong guesses before and after count together.
    const wrong = (token: string) =>
      codeOf(scene.auth.login({ ...RIGHT, password: "Wrong1password", deviceToken: token }, stranger()));
    const tokens = times(11, (turn) => (turn % 2 ? result.deviceToken : deviceToken));
    const codes: string[] = [];
    for (const token of tokens) codes.push(await wrong(token));
    expect(codes).toEqual([...times(10, () => "invalid_credentials"), "rate_limited"]);
  });

  test("of 50 right answers to one challenge at once one signs in, and the code is used once", async () => {
    const scene = sceneOf();
    const { user, accessToken } = await enrolled(scene);
    await scene.auth.logout(accessToken);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    const answers = times(CALLERS, () =>
      scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT),
    );
    expect(await tally(answers)).toEqual({ fulfilled: 1, invalid_challenge: CALLERS - 1 });
    expect(await liveSessions(scene, user.id)).toBe(1);
    const [held] = await scene.store.credentials.list(user.id, "totp");
    expect(JSON.parse(held?.data ?? "")).toMatchObject({ used: 1 });
    const successes = (await scene.events()).filter(
      ({ type, outcome }) => type === "login" && outcome === "success",
    );
    expect(successes).toHaveLength(1);
  });

  test("of five right answers to five challenges with one code, each session has used up the code once", async () => {
    const scene = sceneOf();
    const { user } = await enrolled(scene);
    const tokens: string[] = [];
    for (const _ of times(5, Number))
      tokens.push(challenged(await scene.auth.login(RIGHT, CLIENT)).challengeToken);
    const answers = tokens.map((challengeToken) =>
      scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT),
    );
    const { fulfilled = 0, invalid_challenge: lost = 0 } = await tally(answers);
    expect(fulfilled + lost).toBe(5);
    const [held] = await scene.store.credentials.list(user.id, "totp");
    expect(JSON.parse(held?.data ?? "")).toMatchObject({ used: fulfilled });
  });

  test("wrong answers are counted before they are compared: five to a challenge, then the right one is late", async () => {
    const scene = sceneOf();
    await enrolled(scene);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    const answer = (code: string) => codeOf(scene.auth.secondStep.answer({ challengeToken, code }, CLIENT));
    for (const _ of times(5, Number)) expect(await answer("000000")).toBe("invalid_credentials");
    expect(await answer(CODE)).toBe("invalid_challenge");
    const reasons = (await scene.events()).slice(-6).map(({ reason }) => reason);
    expect(reasons).toEqual([...times(5, () => "wrong_code"), "attempts_used_up"]);
  });

  test("wrong answers in parallel get no sixth comparison", async () => {
    const scene = sceneOf();
    await enrolled(scene);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    const answers = times(CALLERS, () =>
      scene.auth.secondStep.answer({ challengeToken, code: "000000" }, CLIENT),
    );
    expect(await tally(answers)).toEqual({ invalid_credentials: 5, invalid_challenge: CALLERS - 5 });
  });
});

describe.each(STORES)("a challenge that may not go on: %s", (_name, makeStore) => {
  type Spoil = (scene: Scene, userId: string, accessToken: string) => Promise<unknown>;
  const SPOILS: readonly (readonly [what: string, reason: string, spoil: Spoil])[] = [
    ["after its ten minutes", "challenge_unknown", async ({ clock }) => clock.advance("10m")],
    ["of a disabled user", "challenge_unknown", async ({ auth }, userId) => auth.users.disable(userId)],
    [
      "of a user who was disabled and enabled",
      "challenge_unknown",
      async ({ auth }, userId) => {
        await auth.users.disable(userId);
        await auth.users.enable(userId);
      },
    ],
    ["of a deleted user", "challenge_unknown", async ({ auth }, userId) => auth.users.delete(userId)],
    [
      "after a password change",
      "challenge_unknown",
      async ({ auth }, _userId, accessToken) =>
        auth.password.change(
          accessToken,
          { currentPassword: RIGHT.password, newPassword: "Another2staple" },
          CLIENT,
        ),
    ],
    [
      "whose epoch moved behind it",
      "superseded",
      async ({ store, clock }, userId) => {
        const user = await store.users.find(userId as never);
        await store.users.change(userId as never, user?.epoch ?? -1, { at: clock.now() });
      },
    ],
    [
      "of a user whose status changed behind it",
      "disabled",
      async ({ store, clock }, userId) => {
        const user = await store.users.find(userId as never);
        await store.users.change(userId as never, user?.epoch ?? -1, { status: "disabled", at: clock.now() });
      },
    ],
    [
      "of a user who waits for the deletion",
      "disabled",
      async ({ store, clock }, userId) => {
        const user = await store.users.find(userId as never);
        await store.users.change(userId as never, user?.epoch ?? -1, { status: "deleting", at: clock.now() });
      },
    ],
  ];

  test.each(SPOILS)("%s is invalid_challenge, with reason %s", async (_what, reason, spoil) => {
    const scene = sceneOn(makeStore(), unlimited);
    const { user, accessToken } = await enrolled(scene);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    await spoil(scene, user.id, accessToken);
    const before = await liveSessions(scene, user.id);
    expect(await codeOf(scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT))).toBe(
      "invalid_challenge",
    );
    expect(await liveSessions(scene, user.id)).toBe(before);
    expect((await scene.events()).at(-1)).toMatchObject({ type: "login", outcome: "failure", reason });
  });

  test("another user's challenge signs in its own user, and asks for that user's code", async () => {
    const scene = sceneOn(makeStore(), unlimited);
    await enrolled(scene);
    const bob = signedIn(
      await scene.auth.signup({ email: "bob@example.com", password: RIGHT.password }, CLIENT),
    );
    await giveFactor(scene, bob.user.id, "271828");
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT)); // Ada's
    const answer = (code: string) => scene.auth.secondStep.answer({ challengeToken, code }, CLIENT);
    expect(await codeOf(answer("271828"))).toBe("invalid_credentials");
    expect(signedIn(await answer(CODE)).user.email).toBe(EMAIL);
  });

  test.each(["", "x", "a".repeat(43), "A".repeat(42), "A".repeat(44), null, 7, {}, ["A".repeat(43)]])(
    "%j is no challenge",
    async (challengeToken) => {
      const { store, verbs } = countVerbs(makeStore());
      const { auth } = sceneOn(store, unlimited);
      const answer = auth.secondStep.answer({ challengeToken, code: CODE } as never, CLIENT);
      expect(["invalid_challenge", "invalid_input"]).toContain(await codeOf(answer));
      expect(verbs).not.toContain("sessions.create");
    },
  );

  const parkedAs = async (scene: Scene, userId: UserId, data: object): Promise<string> => {
    const challengeToken = newSecretToken();
    const hash = hashSecretToken(challengeToken);
    const createdAt = scene.clock.now();
    const expiresAt = new Date(createdAt.getTime() + 60_000);
    const given = { userId, purpose: "challenge", hash, data: JSON.stringify(data), epoch: 0 } as const;
    await scene.store.tokens.issue(sampleToken({ ...given, createdAt, expiresAt }));
    return challengeToken;
  };
  const PARKED = {
    ...{ v: 2, issuer: "sallyport", audience: "sallyport", kind: "second_factor" },
    ...{ methods: ["test-code"], amr: ["pwd"], device: null, replaces: null },
  };
  test.each([
    ["for another method", { ...PARKED, methods: ["test-backup"] }],
    ["of a later version", { ...PARKED, v: 3 }],
    ["of an earlier version", { ...PARKED, v: 1 }],
    ["of another issuer", { ...PARKED, issuer: "elsewhere" }],
    ["of another audience", { ...PARKED, audience: "admin" }],
    ["with a field too many", { ...PARKED, admin: true }],
  ])("a challenge %s is invalid_challenge", async (_what, data) => {
    const scene = sceneOn(makeStore(), unlimited);
    const { user } = await enrolled(scene);
    const answer = async (parked: object) => {
      const challengeToken = await parkedAs(scene, user.id, parked);
      return codeOf(scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT));
    };
    expect([await answer(PARKED), await answer(data)]).toEqual(["fulfilled", "invalid_challenge"]);
  });

  test("a token of another purpose, and a refresh or access token, are no challenges", async () => {
    const scene = sceneOn(makeStore(), unlimited);
    const { accessToken, refreshToken, deviceToken } = await enrolled(scene);
    for (const challengeToken of [accessToken, refreshToken, deviceToken]) {
      const answer = scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT);
      expect(await codeOf(answer)).toBe("invalid_challenge");
    }
  });
});

describe.each(STORES)("faults on %s", (_name, makeStore) => {
  async function parked(store: AuthStore, options: SceneOptions = unlimited) {
    const scene = sceneOn(store, options);
    const { user, accessToken } = await enrolled(scene);
    await scene.auth.logout(accessToken);
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
    return {
      scene,
      user,
      answer: () => scene.auth.secondStep.answer({ challengeToken, code: CODE }, CLIENT),
    };
  }
  const attemptsOf = async (scene: Scene, reasons: readonly (string | null)[]) =>
    expect((await scene.events()).slice(-reasons.length).map(({ reason }) => reason)).toEqual(reasons);

  test("a spend that another call took rolls everything back, and leaves one event with its reason", async () => {
    let lost = true;
    const take = async () => !lost;
    const { scene, user, answer } = await parked(makeStore(), {
      ...unlimited,
      step: { ...unlimited.step, take },
    });
    expect(await codeOf(answer())).toBe("invalid_challenge");
    await attemptsOf(scene, ["second_factor", "challenge_overtaken"]);
    expect(await liveSessions(scene, user.id)).toBe(0);
    expect((await scene.store.users.find(user.id))?.lastLoginAt).toEqual(user.lastLoginAt); // admit is undone
    lost = false;
    expect(await codeOf(answer())).toBe("fulfilled"); // and so is the use of the challenge
  });

  test("a spend that throws rolls everything back, and the next answer signs in", async () => {
    let broken = true;
    const take = async () => {
      if (broken) throw new TypeError("the spend is broken");
      return true;
    };
    const { scene, user, answer } = await parked(makeStore(), {
      ...unlimited,
      step: { ...unlimited.step, take },
    });
    expect(await codeOf(answer())).toBe("unavailable");
    await attemptsOf(scene, ["second_factor", "unavailable"]);
    expect(await liveSessions(scene, user.id)).toBe(0);
    broken = false;
    expect(await codeOf(answer())).toBe("fulfilled");
  });

  test("a spend is taken when its sign-in parks, and then it is gone", async () => {
    const taken: string[] = [];
    const features = { secondStep: secondStep({ forAll: true }) };
    const password = { hasher: insecureTestHasher() };
    const options = { secret: SECRET, store: makeStore(), password, features };
    const { auth, ctx } = assemble(parseOptions(options));
    await auth.signup(RIGHT, CLIENT);
    const { user } = (await ctx.store.users.findForLogin(EMAIL)) as LoginRecord;
    const spend = (name: string, wins: boolean): Spend => ({
      code: "invalid_token",
      reason: "superseded",
      take: async () => {
        taken.push(name);
        return wins;
      },
    });
    const enter = (spends: readonly Spend[]) =>
      attempt(ctx, { type: "login", named: {}, client: NO_CLIENT }, (trying) =>
        signIn(ctx, trying, {
          ...{ user, amr: ["email"], device: null, replaces: null },
          ...{ spends, client: NO_CLIENT },
        }),
      );
    expect((await enter([spend("first", true)]))?.status).toBe("challenge");
    expect(await codeOf(enter([spend("second", true), spend("lost", false)]))).toBe("invalid_token");
    expect(taken).toEqual(["first", "second", "lost"]);
  });

  test.each(["tokens.find", "users.find", "tokens.countAttempt", "credentials.list", "begin", "commit"])(
    "a store that fails at %s between parking and answering opens nothing, and loses nothing",
    async (failing) => {
      let broken = false;
      const store = interceptStore(makeStore(), (verb) => {
        if (broken && verb === failing) throw new TypeError("fault");
      });
      const { scene, user, answer } = await parked(store);
      broken = true;
      expect(await codeOf(answer())).toBe("unavailable");
      broken = false;
      expect(await liveSessions(scene, user.id)).toBe(0);
      expect((await scene.events()).at(-1)).toMatchObject({
        type: "login",
        outcome: "failure",
        reason: "unavailable",
      });
      expect(await codeOf(answer())).toBe("fulfilled");
    },
  );

  test("a sign-in that cannot be parked, or whose gate fails, leaves one event and no session", async () => {
    let failing = "";
    const store = interceptStore(makeStore(), (verb) => {
      if (verb === failing) throw new TypeError("fault");
    });
    const scene = sceneOn(store, unlimited);
    const { user, accessToken } = await enrolled(scene);
    await scene.auth.logout(accessToken);
    for (const verb of ["tokens.issue", "credentials.list", "commit"]) {
      failing = verb;
      const before = (await scene.events()).length;
      expect(await codeOf(scene.auth.login(RIGHT, CLIENT))).toBe("unavailable");
      failing = "";
      const added = (await scene.events()).slice(before);
      expect(added).toMatchObject([{ type: "login", outcome: "failure", reason: "unavailable" }]);
      expect(await liveSessions(scene, user.id)).toBe(0);
    }
  });

  test("a signup that parks keeps its user, password and hook, or none of them", async () => {
    let fails = true;
    const created: string[] = [];
    const scene = sceneOn(makeStore(), {
      ...unlimited,
      step: { ...unlimited.step, forAll: true },
      hooks: {
        userCreated: ({ user }) => {
          if (fails) throw new TypeError("the hook is broken");
          created.push(user.email);
        },
      },
    });
    expect(await codeOf(scene.auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await scene.store.users.findForLogin(EMAIL)).toBeNull();
    fails = false;
    expect((await scene.auth.signup(RIGHT, CLIENT)).status).toBe("challenge");
    expect(created).toEqual([EMAIL]);
    expect((await scene.auth.login(RIGHT, CLIENT)).status).toBe("challenge");
    expect(await codeOf(scene.auth.signup(RIGHT, CLIENT))).toBe("email_taken");
  });
});

test("a proof by another factor than the password renews the session's proof", async () => {
  for (const [, makeStore] of STORES) {
    const scene = sceneOn(makeStore(), unlimited);
    const { accessToken, session } = await enrolled(scene);
    scene.clock.advance("10m");
    const wrong = scene.auth.secondStep.reauthenticate(accessToken, { code: "000000" }, CLIENT);
    expect(await codeOf(wrong)).toBe("invalid_credentials");
    const renewed = await scene.auth.secondStep.reauthenticate(accessToken, { code: CODE }, CLIENT);
    const principal = await scene.auth.verifyToken(renewed.accessToken);
    expect([principal.sessionId, principal.amr]).toEqual([session.id, ["pwd", "otp", "mfa"]]);
    expect(principal.authenticatedAt).toEqual(scene.clock.now());
    const [failure, success] = (await scene.events()).slice(-2);
    expect(failure).toMatchObject({ type: "reauthenticate", outcome: "failure", reason: "wrong_code" });
    expect(success).toMatchObject({ type: "reauthenticate", outcome: "success", sessionId: session.id });
  }
});

test("a reauthentication uses up what its proof uses up, or proves nothing", async () => {
  for (const [, makeStore] of STORES) {
    let wins = true;
    const take: Spend["take"] = async () => wins;
    const scene = sceneOn(makeStore(), { ...unlimited, step: { ...unlimited.step, take } });
    const { accessToken, user } = await enrolled(scene);
    const prove = () => scene.auth.secondStep.reauthenticate(accessToken, { code: CODE }, CLIENT);
    expect(await codeOf(prove())).toBe("fulfilled");
    const provenAt = scene.clock.now();
    wins = false;
    scene.clock.advance("10m");
    expect(await codeOf(prove())).toBe("invalid_challenge");
    const [row] = await scene.store.sessions.listLive(user.id, scene.clock.now(), 1);
    expect(row?.authenticatedAt).toEqual(provenAt); // rolled back
    expect((await scene.events()).at(-1)).toMatchObject({
      type: "reauthenticate",
      reason: "challenge_overtaken",
    });
  }
});

test("of 50 reauthentications at once each that succeeds has used the code up once", async () => {
  for (const [, makeStore] of STORES) {
    const scene = sceneOn(makeStore(), { ...unlimited, limits: { reauthenticate: { session: false } } });
    const { accessToken, user } = await enrolled(scene);
    const prove = () => scene.auth.secondStep.reauthenticate(accessToken, { code: CODE }, { ip: null });
    const { fulfilled = 0, invalid_challenge: lost = 0 } = await tally(times(CALLERS, prove));
    expect([fulfilled > 0, fulfilled + lost]).toEqual([true, CALLERS]);
    const [held] = await scene.store.credentials.list(user.id, "totp");
    expect(JSON.parse(held?.data ?? "")).toMatchObject({ used: fulfilled });
  }
});

test("a known device does not switch off an account's budget that has no rules for devices", async () => {
  const scene = sceneOn(STORES[0]?.[1]() as AuthStore, {
    limits: { login: { address: false, account: false, device: false } },
    step: { limits: { address: "1000/1m", account: "3/15m" } },
  });
  const { deviceToken } = await enrolled(scene);
  const codes: string[] = [];
  for (const _ of times(5, Number)) {
    const { challengeToken } = challenged(await scene.auth.login({ ...RIGHT, deviceToken }, CLIENT));
    codes.push(await codeOf(scene.auth.secondStep.answer({ challengeToken, code: "000000" }, CLIENT)));
  }
  expect(codes).toEqual([...times(3, () => "invalid_credentials"), "rate_limited", "rate_limited"]);
});

test("an answer to a used-up challenge compares nothing, and takes no point of the account", async () => {
  const scene = sceneOn(STORES[0]?.[1]() as AuthStore, {
    limits: { login: { address: false, account: false } },
    step: { limits: { address: "1000/1m", account: "6/15m" } },
  });
  await enrolled(scene);
  const challenge = async () => challenged(await scene.auth.login(RIGHT, CLIENT)).challengeToken;
  const answer = (challengeToken: string, code: string) =>
    codeOf(scene.auth.secondStep.answer({ challengeToken, code }, CLIENT));
  const first = await challenge();
  for (const _ of times(15, Number)) await answer(first, "000000");
  expect(await answer(await challenge(), CODE)).toBe("fulfilled");
});

test("a signup that parks in a transaction which runs twice answers for the second run", async () => {
  const inner = STORES[0]?.[1]() as AuthStore;
  let reruns = true;
  const store: AuthStore = {
    ...inner,
    async transaction(work) {
      if (!reruns) return inner.transaction(work);
      reruns = false;
      const again = new TypeError("run it again");
      await inner.transaction((tx) => work(tx).then(() => Promise.reject(again))).catch(() => {});
      await inner.users.create(sampleUser({ email: EMAIL, emailCanonical: EMAIL })); // another signup is first
      return inner.transaction(work);
    },
  };
  const scene = sceneOn(store, { ...unlimited, step: { ...unlimited.step, forAll: true } });
  expect(await codeOf(scene.auth.signup(RIGHT, CLIENT))).toBe("email_taken");
});

test("a feature's budget is its own: beyond it answers are refused, and only milestones are recorded", async () => {
  const scene = sceneOn(STORES[0]?.[1]() as AuthStore, {
    limits: { login: { address: false } },
    step: { limits: { address: "3/1m", account: "1000/1m" } },
  });
  await enrolled(scene);
  const { challengeToken } = challenged(await scene.auth.login(RIGHT, CLIENT));
  const answer = () => codeOf(scene.auth.secondStep.answer({ challengeToken, code: "000000" }, CLIENT));
  const codes: string[] = [];
  for (const _ of times(4, Number)) codes.push(await answer());
  expect(codes).toEqual([...times(3, () => "invalid_credentials"), "rate_limited"]);
  expect((await scene.events()).at(-1)).toMatchObject({
    type: "login",
    outcome: "refused",
    reason: "rate_limited",
  });
});

test("the account's budget of a feature holds over challenges and addresses, and leaves one event at its end", async () => {
  const scene = sceneOn(STORES[0]?.[1]() as AuthStore, {
    limits: { login: { address: false, account: false } },
    step: { limits: { address: "1000/1m", account: "3/15m" } },
  });
  await enrolled(scene);
  const stranger = strangers();
  const codes: string[] = [];
  for (const _ of times(5, Number)) {
    const { challengeToken } = challenged(await scene.auth.login(RIGHT, stranger()));
    codes.push(await codeOf(scene.auth.secondStep.answer({ challengeToken, code: "000000" }, stranger())));
  }
  expect(codes).toEqual([...times(3, () => "invalid_credentials"), "rate_limited", "rate_limited"]);
  const refusals = (await scene.events()).filter(({ outcome }) => outcome === "refused");
  expect(refusals).toMatchObject([{ type: "login", data: { limit: "account", count: 4 } }]);
  const failures = (await scene.events()).filter(({ outcome }) => outcome === "failure");
  expect(failures).toHaveLength(3); // a refusal is no second event
});
