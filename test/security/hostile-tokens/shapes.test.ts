// Classes: algorithm and key confusion (CVE-2015-9235, CVE-2016-10555, CVE-2018-0114, Hono CVE-2026-22817, fast-jwt
// CVE-2023-48223, CVE-2026-34950, GHSA-ww5h-9m49-7xx4, GHSA-g3jj-5cmm-3hxx), empty keys (fast-jwt CVE-2026-44351,
// CVE-2019-20933), unknown `crit` (fast-jwt CVE-2026-35042, PyJWT CVE-2026-32597, Authlib CVE-2025-59420), claims of
// other types (fast-jwt CVE-2025-30144, Supabase Realtime CVE-2026-54238), JWE side doors (jose CVE-2024-28176),
// null and zero signatures (CVE-2020-28042, CVE-2022-21449).
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, type Ground, prepareGround } from "../../support/forged-tokens.ts";
import { confusedKeys, foreignKeys, hostileHeaders, type Shapes } from "../../support/hostile-headers.ts";
import { hostilePayloads } from "../../support/hostile-payloads.ts";
import { hostileSignatures, hostileTexts, oversized } from "../../support/hostile-signatures.ts";
import { judgesOf } from "../../support/token-judges.ts";

const KINDS: readonly (readonly [kind: string, shapes: (ground: Ground) => Shapes])[] = [
  ["rightly signed, with a header of", hostileHeaders],
  ["rightly signed, with a payload of", hostilePayloads],
  ["with an HMAC:", confusedKeys],
  ["signed by another key:", foreignKeys],
  ["with a", hostileSignatures],
  ["that is no compact JWS of ours:", hostileTexts],
  ["that is too long:", oversized],
];

const GROUNDS = await Promise.all(CONFIGURATIONS.map(prepareGround));

describe.each(GROUNDS)("with $name", (ground) => {
  const judges = judgesOf(ground);

  describe.each(KINDS)("refused as invalid_token is a token %s", (_kind, shapesOf) => {
    test.each(Object.entries(shapesOf(ground)))("%s", async (_shape, token) => {
      expect(token).not.toBe(ground.token);
      for (const [{ name }, judge] of judges)
        expect([name, await judge(token)]).toEqual([name, "invalid_token"]);
    });
  });

  // Were the forge unsound, everything above would be refused for the wrong reason. Last: logouts are final.
  test("the same forge makes good tokens, which everybody takes", async () => {
    const { forge, headerText, payloadText, header, payload } = ground;
    const good = [
      ground.token,
      forge(headerText, payloadText),
      forge(header, { ...payload, jti: payload["sid"] }),
      forge(header, { ...payload, claims: { x: "x".repeat(2000) } }),
    ];
    for (const [{ name }, judge] of judges)
      for (const token of good) expect([name, await judge(token)]).toEqual([name, "fulfilled"]);
  });
});
