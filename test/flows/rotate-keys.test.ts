// Class: a rotation of keys that signs everybody out, or that leaves the old key good for ever.
import { type Auth, type AuthOptions, type AuthStore, memoryRateLimiter, type Refreshed } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import {
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  SECRET,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { ed25519, es256 } from "../support/signing-keys.ts";

type Configuration = Pick<AuthOptions, "secret" | "signingKeys">;

const [OLD, NEW] = [SECRET, `new-${SECRET}`];
const [OLD_KEY, NEW_KEY] = [ed25519(), es256()];
const RIGHT = { email: EMAIL, password: PASSWORD };

/** The four configurations of a rotation, from the old alone to the new alone. */
function stagesOf<T>(old: T, next: T): readonly (readonly T[])[] {
  return [[old], [old, next], [next, old], [next]];
}

const SWITCH = 2; // from this stage on the new one makes tokens
const LAST = 3;

interface Rotation {
  readonly what: string;
  readonly stages: readonly Configuration[];
  /** Which tokens end with the last stage, when they were made before the switch. */
  readonly ends: readonly ("access" | "refresh")[];
}

const ROTATIONS: readonly Rotation[] = [
  {
    what: "secrets",
    stages: stagesOf(OLD, NEW).map((secret) => ({ secret })),
    ends: ["access", "refresh"],
  },
  {
    what: "signing keys",
    stages: stagesOf(OLD_KEY, NEW_KEY).map((signingKeys) => ({ secret: OLD, signingKeys })),
    ends: ["access"],
  },
  {
    what: "secrets beside a signing key",
    stages: stagesOf(OLD, NEW).map((secret) => ({ secret, signingKeys: [OLD_KEY] })),
    ends: ["refresh"],
  },
];

/** Which stage each of two instances is at: they are upgraded one after the other. */
const MOMENTS: readonly (readonly [one: number, two: number])[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [2, 1],
  [2, 2],
  [3, 2],
  [3, 3],
];

interface Instance {
  readonly stage: number;
  readonly auth: Auth;
}

interface Issued extends Refreshed {
  /** The stage of the instance that made it. */
  readonly stage: number;
}

function fleet(store: AuthStore): (configuration: Configuration) => Auth {
  const shared = { store, clock: fakeClock(), rateLimiter: memoryRateLimiter() };
  const none = { address: false, account: false, session: false } as const;
  const limits = {
    login: { address: none.address, account: none.account },
    refresh: { address: none.address, session: none.session },
  };
  return (configuration) => makeAuth({ ...shared, limits, session: { max: 1000 }, ...configuration }).auth;
}

async function login({ stage, auth }: Instance): Promise<Issued> {
  const signedIn = await auth.login(RIGHT, CLIENT);
  if (signedIn.status !== "signed_in") throw new TypeError("There is no gate here");
  return { stage, ...signedIn };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  describe.each(ROTATIONS)("rotating $what, instance by instance", ({ stages, ends }) => {
    /** What a call with a token of `issued` must end with at an instance of `stage`. */
    const expected = (kind: "access" | "refresh", issued: Issued, { stage }: Instance): string =>
      ends.includes(kind) && stage === LAST && issued.stage < SWITCH ? "invalid_token" : "fulfilled";

    test("every token works at every instance, until the old one is dropped; nobody signs in again", async () => {
      const start = fleet(makeStore());
      await start(stages[0] as Configuration).signup(RIGHT, CLIENT);
      const kept: Issued[] = [];
      const unused: Issued[][] = MOMENTS.map(() => []);
      for (const [now, moment] of MOMENTS.entries()) {
        const instances = moment.map((stage) => ({ stage, auth: start(stages[stage] as Configuration) }));
        for (const instance of instances) {
          kept.push(await login(instance));
          // A refresh or logout uses a session up: one for each, at each instance, now and at each later moment.
          for (const later of unused.slice(now)) {
            later.push(...(await Promise.all(times(4 * instances.length, () => login(instance)))));
          }
        }
        const sessions = (unused[now] as Issued[]).values();
        const issuers = new Set((unused[now] as Issued[]).map(({ stage }) => stage));
        expect([...issuers].sort()).toEqual([...new Set(MOMENTS.slice(0, now + 1).flat())].sort());
        await everyTokenIsJudgedRight(instances, kept);
        await everySessionIsUsed(instances, [...sessions]);
      }
    });

    async function everyTokenIsJudgedRight(instances: readonly Instance[], kept: readonly Issued[]) {
      for (const instance of instances) {
        for (const issued of kept) {
          const verdict = await codeOf(instance.auth.verifyToken(issued.accessToken));
          expect(verdict).toBe(expected("access", issued, instance));
        }
      }
    }

    /** Half of them refresh, half of them log out, with each of their tokens, at each instance. */
    async function everySessionIsUsed(instances: readonly Instance[], sessions: readonly Issued[]) {
      for (const [index, issued] of sessions.entries()) {
        const here = instances[index % 2] as Instance;
        const there = instances[(index + 1) % 2] as Instance;
        const use = [refresh, refreshTwice, logoutByAccess, logoutByRefresh][(index >> 1) % 4];
        await use?.(issued, here, there);
      }
    }

    async function refresh(issued: Issued, here: Instance, there: Instance) {
      if (expected("refresh", issued, here) !== "fulfilled") {
        return expect(await codeOf(here.auth.refresh(issued.refreshToken, CLIENT))).toBe("invalid_token");
      }
      const next = await here.auth.refresh(issued.refreshToken, CLIENT);
      const made = { ...next, stage: here.stage };
      expect(next.session.id).toBe(issued.session.id);
      for (const instance of [here, there]) {
        expect(await codeOf(instance.auth.verifyToken(next.accessToken))).toBe(
          expected("access", made, instance),
        );
      }
      expect(await codeOf(there.auth.refresh(next.refreshToken, CLIENT))).toBe(
        expected("refresh", made, there),
      );
    }

    /** A client whose answer was lost asks again, and another instance answers. */
    async function refreshTwice(issued: Issued, here: Instance, there: Instance) {
      for (const instance of [here, there]) {
        expect(await codeOf(instance.auth.refresh(issued.refreshToken, CLIENT))).toBe(
          expected("refresh", issued, instance),
        );
      }
    }

    async function logoutByAccess(issued: Issued, here: Instance, there: Instance) {
      const verdict = expected("access", issued, here);
      expect(await codeOf(here.auth.logout(issued.accessToken))).toBe(verdict);
      await isOver(issued, verdict === "fulfilled", there);
    }

    async function logoutByRefresh(issued: Issued, here: Instance, there: Instance) {
      const verdict = expected("refresh", issued, here);
      expect(await codeOf(here.auth.logout(issued.refreshToken))).toBe(verdict);
      await isOver(issued, verdict === "fulfilled", there);
    }

    async function isOver(issued: Issued, wasEnded: boolean, { auth, ...there }: Instance) {
      const judged = expected("access", issued, { auth, ...there });
      const verdict = wasEnded && judged === "fulfilled" ? "session_revoked" : judged;
      expect(await codeOf(auth.verifyToken(issued.accessToken))).toBe(verdict);
    }
  });

  test("once idleTtl has passed since the switch, dropping the old secret signs nobody out", async () => {
    const [store, clock] = [makeStore(), fakeClock()];
    const start = (secret: readonly string[]) => makeAuth({ store, clock, secret }).auth;
    const before = start([OLD, NEW]);
    const idle = await before.signup(RIGHT, CLIENT);
    const active = await login({ stage: 1, auth: before });
    const between = start([NEW, OLD]);
    clock.advance("13d");
    const refreshed = await between.refresh(active.refreshToken, CLIENT);
    clock.advance("1d");
    expect(await codeOf(between.verifyToken(idle.accessToken))).toBe("token_expired");
    expect(await codeOf(between.refresh(idle.refreshToken, CLIENT))).toBe("session_expired");
    const after = start([NEW]);
    expect(await codeOf(after.refresh(refreshed.refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("from the secret to signing keys and back: access tokens end, and every session is refreshed", async () => {
    const start = fleet(makeStore());
    const bySecret = start({ secret: OLD });
    const byKey = start({ secret: OLD, signingKeys: [NEW_KEY] });
    const first = signedIn(await bySecret.signup(RIGHT, CLIENT));
    expect(bySecret.jwks().keys).toEqual([]);
    expect(byKey.jwks().keys).toHaveLength(1);
    let last: Refreshed = first;
    for (const [there, back] of [
      [byKey, bySecret],
      [bySecret, byKey],
    ] as const) {
      expect(await codeOf(there.verifyToken(last.accessToken))).toBe("invalid_token");
      last = await there.refresh(last.refreshToken, CLIENT);
      expect(last.session.id).toBe(first.session.id);
      expect(await codeOf(there.verifyToken(last.accessToken))).toBe("fulfilled");
      expect(await codeOf(back.verifyToken(last.accessToken))).toBe("invalid_token");
    }
    await byKey.logout(last.refreshToken);
    expect(await codeOf(bySecret.verifyToken(last.accessToken))).toBe("session_revoked");
  });

  test("a new secret alone, as after a theft, refuses every token there is, and people sign in again", async () => {
    const start = fleet(makeStore());
    const stolen = start({ secret: OLD });
    const mended = start({ secret: NEW });
    const { accessToken, refreshToken } = signedIn(await stolen.signup(RIGHT, CLIENT));
    for (const token of [accessToken, refreshToken]) {
      expect(await codeOf(mended.verifyToken(token))).toBe("invalid_token");
      expect(await codeOf(mended.refresh(token, CLIENT))).toBe("invalid_token");
      expect(await codeOf(mended.logout(token))).toBe("invalid_token");
    }
    expect(await codeOf(mended.login(RIGHT, CLIENT))).toBe("fulfilled");
  });

  test("a new signing key alone, as after a theft, refuses its access tokens, and sessions go on", async () => {
    const start = fleet(makeStore());
    const stolen = start({ secret: OLD, signingKeys: [OLD_KEY] });
    const mended = start({ secret: OLD, signingKeys: [NEW_KEY] });
    const { accessToken, refreshToken } = signedIn(await stolen.signup(RIGHT, CLIENT));
    expect(await codeOf(mended.verifyToken(accessToken))).toBe("invalid_token");
    const next = await mended.refresh(refreshToken, CLIENT);
    expect(await codeOf(mended.verifyToken(next.accessToken))).toBe("fulfilled");
  });

  test("what stands for an unknown email changes with the first secret, and says which key made it", async () => {
    const store = makeStore();
    const standIns: (string | null)[] = [];
    for (const secret of stagesOf(OLD, NEW)) {
      const { auth, sink } = makeAuth({ store, secret });
      await codeOf(auth.login({ email: "nobody@example.com", password: PASSWORD }, CLIENT));
      standIns.push(sink.events.at(-1)?.attemptedEmail ?? null);
    }
    const [first, second, third, fourth] = standIns;
    expect([second, fourth]).toEqual([first, third]);
    expect(third).not.toBe(first);
    const parts = standIns.map((text) => /^hmac:([\w-]{8}):[\w-]{22}$/.exec(text ?? "")?.[1]);
    expect(new Set(parts).size).toBe(2);
    expect(parts).not.toContain(undefined);
  });

  describe("instances that share a secret share an account's limit", () => {
    const configurations = { "[a]": [OLD], "[a, b]": [OLD, NEW], "[b, a]": [NEW, OLD], "[b]": [NEW] };
    const pairs = Object.entries(configurations).flatMap(([first, secrets], index, all) =>
      all
        .filter(([, others]) => others.some((secret) => secrets.includes(secret)))
        .map(([second]) => [first, second, index] as const),
    );
    const limits = {
      login: { address: false, account: "10/15m" },
      signup: { address: false, account: "5/15m" },
    };

    test.each(pairs)("%s beside %s: ten guesses, however they are mixed", async (first, second) => {
      const shared = { store: makeStore(), clock: fakeClock(), rateLimiter: memoryRateLimiter() };
      const instances = [first, second].map(
        (name) =>
          makeAuth({
            ...shared,
            limits: limits as AuthOptions["limits"],
            secret: configurations[name as keyof typeof configurations],
          }).auth,
      ) as [Auth, Auth];
      const guess = (index: number) => (instances[index % 2] as Auth).login(RIGHT, CLIENT);
      expect(await tally(times(50, guess))).toEqual({ invalid_credentials: 10, rate_limited: 40 });
      expect(await tally(times(10, () => instances[0].login(RIGHT, CLIENT)))).toEqual({ rate_limited: 10 });
      const signup = (index: number) => (instances[index % 2] as Auth).signup(RIGHT, CLIENT);
      const { rate_limited: refused, ...others } = await tally(times(20, signup));
      expect([refused, others]).toEqual([15, { fulfilled: 1, email_taken: 4 }]);
    });

    test("a right answer gives back its point under each secret", async () => {
      const shared = { store: makeStore(), clock: fakeClock(), rateLimiter: memoryRateLimiter() };
      const rotating = makeAuth({ ...shared, secret: [NEW, OLD] }).auth;
      await rotating.signup(RIGHT, CLIENT);
      const stranger = strangers();
      for (const _ of times(30, Number)) await rotating.login(RIGHT, stranger());
      for (const secret of [OLD, NEW])
        expect(await codeOf(makeAuth({ ...shared, secret }).auth.login(RIGHT, stranger()))).toBe("fulfilled");
    });
  });
});
