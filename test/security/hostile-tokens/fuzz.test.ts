// Class: malformed input that throws, or passes (next-auth GHSA-xmf8-cvqr-rfgj). What fast-check finds it prints,
// with the seed that finds it again.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, encodePart, type Ground, prepareGround } from "../../support/forged-tokens.ts";
import { fuzzRuns } from "../../support/fuzz.ts";
import { judgesOf } from "../../support/token-judges.ts";

const RUNS = fuzzRuns(300);
const GROUNDS = await Promise.all(CONFIGURATIONS.map(prepareGround));
const NAMES =
  "iss aud sub sid jti iat exp auth_time amr claims nbf admin alg typ kid crit b64 jwk jku __proto__";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CLAIMS = "iss aud sub sid jti iat exp auth_time amr".split(" ");

interface Attempt {
  readonly token: string;
  /** Of a token that the real key signed. */
  readonly signed?: { readonly head: string; readonly body: string };
}

describe.each(GROUNDS)("with $name", (ground) => {
  test(`of ${RUNS} mutations of a good token nobody takes any, nor ends in anything but a code`, async () => {
    await fc.assert(
      fc.asyncProperty(attempts(ground), async (attempt) => {
        for (const [{ name, judgesMore }, judge] of judgesOf(ground)) {
          if (!mayBeGood(ground, attempt)) {
            expect([name, await judge(attempt.token)]).toEqual([name, "invalid_token"]);
          } else if (judgesMore) {
            const code = await judge(attempt.token);
            expect(GOOD_ENDS).toContain(code);
            if (code === "fulfilled") expect(isHers(ground, attempt)).toBe(true);
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(await ground.harness.auth.verifyToken(ground.token)).toMatchObject({
      userId: ground.payload["sub"],
    });
  });
});

/** A token that only says other things than the good one may be too old, too new, or of no session. */
const GOOD_ENDS: readonly string[] = ["fulfilled", "token_expired", "session_revoked", "invalid_token"];

function attempts(ground: Ground): fc.Arbitrary<Attempt> {
  return fc.oneof(
    { weight: 3, arbitrary: editedText(ground.token).map((token) => ({ token })) },
    { weight: 3, arbitrary: flippedBytes(ground.token).map((token) => ({ token })) },
    { weight: 3, arbitrary: resigned(ground, fc.constant(ground.headerText), editedJson(ground.payload)) },
    {
      weight: 2,
      arbitrary: resigned(ground, fc.constant(ground.headerText), editedText(ground.payloadText)),
    },
    { weight: 2, arbitrary: resigned(ground, editedJson(ground.header), fc.constant(ground.payloadText)) },
    {
      weight: 1,
      arbitrary: resigned(ground, editedText(ground.headerText), fc.constant(ground.payloadText)),
    },
    { weight: 1, arbitrary: looseTexts().map((token) => ({ token })) },
  );
}

/** Some characters are taken out, and others put in. */
function editedText(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length);
  const added = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: "binary", maxLength: 2 }));
  return fc
    .tuple(place, fc.nat(3), added)
    .map(([at, removed, more]) => text.slice(0, at) + more + text.slice(at + removed));
}

/** In the bytes of header, payload or signature; what the text says is still base64url. */
function flippedBytes(token: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 })).map(([part, place, flip]) => {
    const parts = token.split(".");
    const bytes = Buffer.from(parts[part] as string, "base64url");
    const at = place % bytes.length;
    bytes[at] = (bytes[at] as number) ^ flip;
    return parts.with(part, encodePart(bytes)).join(".");
  });
}

/** Members are set to anything, or taken out. */
function editedJson(object: object): fc.Arbitrary<string> {
  const names = fc.oneof(fc.constantFrom(...NAMES.split(" ")), fc.string({ maxLength: 5 }));
  const numbers = fc.constantFrom(0, -1, 0.5, 1_767_268_800, 1_767_268_806, 9_999_999_999, 2 ** 53, 1e308);
  const values = fc.oneof(fc.jsonValue(), numbers, fc.constantFrom(...Object.values(object)));
  const edits = fc.array(fc.tuple(names, fc.option(values, { nil: undefined })), {
    minLength: 1,
    maxLength: 3,
  });
  return edits.map((list) => JSON.stringify(Object.fromEntries([...Object.entries(object), ...list])));
}

function resigned(
  { forge }: Ground,
  heads: fc.Arbitrary<string>,
  bodies: fc.Arbitrary<string>,
): fc.Arbitrary<Attempt> {
  return fc
    .tuple(heads, bodies)
    .map(([head, body]) => ({ token: forge(head, body), signed: { head, body } }));
}

function looseTexts(): fc.Arbitrary<string> {
  const part = fc.base64String().map((text) => text.replaceAll("=", ""));
  const parts = fc.array(part, { maxLength: 5 }).map((list) => list.join("."));
  return fc.oneof(fc.string(), fc.string({ unit: "binary" }), parts);
}

/** Whether a token is the good one, or says lawfully something else: by a reading of its own. */
function mayBeGood({ token, headerText }: Ground, attempt: Attempt): boolean {
  if (attempt.token === token) return true;
  if (attempt.signed?.head !== headerText || attempt.token.length > 4096) return false;
  const said = parse(attempt.signed.body);
  if (!said || JSON.stringify(said) !== attempt.signed.body) return false;
  const names = Object.keys(said);
  if (!CLAIMS.every((name) => names.includes(name))) return false;
  return names.every((name) => CLAIMS.includes(name) || name === "claims") && areLawful(said);
}

function areLawful(said: Readonly<Record<string, unknown>>): boolean {
  const { iss, aud, sub, sid, jti, iat, exp, auth_time, amr, claims } = said;
  const ids = [sub, sid, jti].every((id) => typeof id === "string" && UUID.test(id));
  const times = [iat, exp, auth_time].every((time) => Number.isSafeInteger(time) && Number(time) >= 0);
  const ways = Array.isArray(amr) && amr.length > 0 && amr.every((way) => typeof way === "string");
  const own = claims === undefined || Object.prototype.toString.call(claims) === "[object Object]";
  return iss === "sallyport" && aud === "sallyport" && ids && times && ways && own;
}

/** Whether what it says is of the one session that lives, and of now. */
function isHers({ payload, harness }: Ground, { token, signed }: Attempt): boolean {
  const said = parse(signed?.body ?? Buffer.from(token.split(".")[1] as string, "base64url").toString());
  const now = harness.clock.now().getTime() / 1000;
  const isOfNow = Number(said?.["exp"]) > now && Number(said?.["iat"]) <= now + 5;
  return isOfNow && said?.["sub"] === payload["sub"] && said?.["sid"] === payload["sid"];
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Object.prototype.toString.call(value) === "[object Object]"
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
