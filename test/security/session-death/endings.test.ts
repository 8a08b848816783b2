// Classes: session survives logout, change, deletion (Payload CVE-2025-4643, HAX CVE-2026-46401, Strapi
// CVE-2026-22706, better-auth GHSA-2vg6-77g8-24mp); refresh tokens that a password change leaves alive (ZITADEL
// CVE-2023-22492, allauth CVE-2025-65430); a reuse that ends less than the session (NocoDB CVE-2026-126280).
import type { Auth } from "sallyport";
import { describe, expect, test } from "vitest";
import { codeOf, STORES } from "../../support/harness.ts";
import { respellings } from "../../support/respellings.ts";
import { ENDINGS, type Ending, JOB, playScene, type Scene } from "../../support/session-endings.ts";
import {
  allCalls,
  codesOf,
  each,
  meOverHttp,
  refreshOverHttp,
  signedCalls,
} from "../../support/token-calls.ts";

interface Presented {
  readonly scene: Scene;
  readonly ending: Ending;
  readonly token: string;
}

/** What each mode promises of `verifyToken`, the one call that need not read the session. */
const MODES = [
  { mode: '"always"', check: "always", promise: "is refused at once", expectRefusal: refusedEverywhere },
  {
    mode: '{ atMostEvery: "5s" }',
    check: { atMostEvery: "5s" },
    promise: "is refused at once, by other processes within 5 s",
    expectRefusal: refusedHereAndSoonElsewhere,
  },
  {
    mode: '"never"',
    check: "never",
    promise: "is refused where sessions are read, and for itself when it expires",
    expectRefusal: refusedWhenItExpires,
  },
] as const;

/** Its owner, and whoever has stolen it: a copy is the same bytes, from somewhere else. */
const HOLDERS = [
  { whose: "the", hold: (token: string) => token },
  { whose: "a copy of the", hold: (token: string) => Buffer.from(token).toString() },
] as const;

const ROWS = ENDINGS.flatMap((ending) =>
  HOLDERS.map((holder) => ({ after: ending.name, ending, ...holder })),
);
const AFTER = ENDINGS.map((ending) => ({ after: ending.name, ending }));

describe.each(STORES)("on %s", (_name, makeStore) => {
  describe.each(MODES)("with session.check $mode,", ({ check, promise, expectRefusal }) => {
    test.each(ROWS)(`after $after $whose access token ${promise}`, async ({ ending, hold }) => {
      const scene = await playScene(ending, makeStore(), check);
      const tokens = [scene.ada, scene.first].map(({ accessToken }) => hold(accessToken));
      await ending.end(scene);
      for (const auth of [scene.harness.auth, scene.elsewhere]) {
        const calls = signedCalls(auth);
        for (const token of tokens) expect(await codesOf(calls, token)).toEqual(each(calls, ending.access));
      }
      for (const token of new Set(tokens)) await expectRefusal({ scene, ending, token });
      for (const token of tokens)
        expect(await codeOf(scene.harness.auth.logout(token, JOB))).toBe("fulfilled");
    });

    test.each(ROWS)("after $after $whose refresh token is refused at once", async ({ ending, hold }) => {
      const scene = await playScene(ending, makeStore(), check);
      const token = hold(scene.ada.refreshToken);
      await ending.end(scene);
      for (const auth of [scene.harness.auth, scene.elsewhere]) {
        expect(await codeOf(auth.refresh(token, JOB))).toBe(ending.refresh);
        expect(await refreshOverHttp(auth, token)).toBe(ending.refresh);
      }
      expect(await codeOf(scene.harness.auth.logout(token, JOB))).toBe("fulfilled");
      expect(await codeOf(scene.elsewhere.logout(token, JOB))).toBe("fulfilled");
    });

    test.each(AFTER)("before and after $after no other spelling of a token is one", async ({ ending }) => {
      const scene = await playScene(ending, makeStore(), check);
      const { harness, ada } = scene;
      const spellings = [ada.accessToken, ada.refreshToken].flatMap(respellings);
      const expectNone = async (auth: Auth) => {
        const calls = allCalls(auth);
        for (const [name, text] of spellings)
          expect([name, await codesOf(calls, text)]).toEqual([name, each(calls, "invalid_token")]);
      };
      await expectNone(harness.auth);
      expect(await codeOf(scene.elsewhere.getUser(ada.accessToken))).toBe("fulfilled");
      await ending.end(scene);
      await expectNone(harness.auth);
      await expectNone(scene.elsewhere);
    });

    test.each(AFTER)("$after ends no session but those that it is about", async ({ ending }) => {
      const scene = await playScene(ending, makeStore(), check);
      const { bob } = scene;
      const living = await ending.end(scene);
      for (const auth of [scene.harness.auth, scene.elsewhere]) {
        for (const { accessToken } of living) {
          expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
          expect(await codeOf(auth.getUser(accessToken))).toBe("fulfilled");
        }
      }
      const hers = living.filter(({ user }) => user.id !== bob.user.id);
      for (const { accessToken } of hers)
        expect(await scene.elsewhere.sessions.list(accessToken)).toHaveLength(hers.length);
      for (const { refreshToken } of living)
        expect(await codeOf(scene.elsewhere.refresh(refreshToken, JOB))).toBe("fulfilled");
    });
  });
});

async function refusedEverywhere({ scene, ending, token }: Presented): Promise<void> {
  for (const auth of [scene.harness.auth, scene.elsewhere]) {
    expect(await codeOf(auth.verifyToken(token))).toBe(ending.access);
    expect(await meOverHttp(auth, token)).toBe(ending.access);
  }
}

async function refusedHereAndSoonElsewhere({ scene, ending, token }: Presented): Promise<void> {
  const { harness, elsewhere } = scene;
  expect(await codeOf(harness.auth.verifyToken(token))).toBe(ending.access);
  if (ending.access === "token_expired") return refusedEverywhere({ scene, ending, token });
  const ended = harness.clock.now().getTime();
  const codes: string[] = [];
  for (const elapsed of [0, 2500, 4999, 5000]) {
    harness.clock.set(new Date(ended + elapsed));
    codes.push(await codeOf(elsewhere.verifyToken(token)));
  }
  // The lag is real: what was answered meanwhile does not make it longer.
  expect(codes).toEqual(["fulfilled", "fulfilled", "fulfilled", ending.access]);
  expect(await codeOf(harness.auth.verifyToken(token))).toBe(ending.access);
  harness.clock.set(new Date(ended));
}

async function refusedWhenItExpires({ scene, ending, token }: Presented): Promise<void> {
  const { harness, elsewhere } = scene;
  if (ending.access === "token_expired") return refusedEverywhere({ scene, ending, token });
  const now = harness.clock.now();
  const { iat, exp } = JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString());
  expect(exp - iat).toBeLessThanOrEqual(15 * 60);
  for (const auth of [harness.auth, elsewhere]) {
    harness.clock.set(new Date(exp * 1000 - 1));
    expect(await codeOf(auth.verifyToken(token))).toBe("fulfilled");
    harness.clock.set(new Date(exp * 1000));
    expect(await codeOf(auth.verifyToken(token))).toBe("token_expired");
  }
  harness.clock.set(now);
}
