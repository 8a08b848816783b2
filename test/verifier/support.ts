import { generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { fakeClock } from "sallyport/testing";
import type { JwksFetch, VerifierOptions } from "sallyport/verifier";
import { toLowS } from "../../src/tokens/low-s.ts";

export const START = "2026-01-01T12:00:00.000Z";
export const PARTIES = { issuer: "https://accounts.example", audience: "https://api.example" } as const;
export const JWKS_URL = "https://accounts.example/auth/jwks.json";

export interface TestKey {
  readonly kid: string;
  readonly alg: "EdDSA" | "ES256";
  readonly privateKey: KeyObject;
  /** As `signingKeys` of `createAuth` takes it. */
  readonly private: JsonWebKey & { readonly kty: string };
  /** As a JWKS publishes it. */
  readonly public: JsonWebKey;
}

export function makeKey(kid: string, alg: TestKey["alg"] = "EdDSA"): TestKey {
  const { privateKey, publicKey } =
    alg === "EdDSA" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const named = { kid, alg, use: "sig" };
  const jwk = privateKey.export({ format: "jwk" }) as TestKey["private"];
  return {
    kid,
    alg,
    privateKey,
    private: { ...jwk, ...named },
    public: { ...publicKey.export({ format: "jwk" }), ...named },
  };
}

export function jwksOf(...keys: readonly TestKey[]): { readonly keys: readonly JsonWebKey[] } {
  return { keys: keys.map((key) => key.public) };
}

export function encode(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** What `createAuth` writes into a token at `START`, with changes. */
export function payloadOf(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Date.parse(START) / 1000;
  return {
    iss: PARTIES.issuer,
    aud: PARTIES.audience,
    sub: "019b796d-d600-71bf-8b34-0d97f910c68f",
    sid: "019b796d-d600-71c1-bf76-179c4c82d7b1",
    jti: randomUUID(),
    iat: now,
    exp: now + 30 * 86_400,
    auth_time: now,
    amr: ["pwd"],
    ...changes,
  };
}

/** Signs with the key, whatever header and payload say. */
export function tokenOf(key: TestKey, changes: { header?: object; payload?: object } = {}): string {
  const header = { alg: key.alg, typ: "at+jwt", kid: key.kid, ...changes.header };
  return signWith(key, `${encode(header)}.${encode(payloadOf({ ...changes.payload }))}`);
}

export function signWith({ alg, privateKey }: TestKey, input: string): string {
  const data = Buffer.from(input);
  const signature =
    alg === "EdDSA"
      ? sign(null, data, privateKey)
      : Buffer.from(toLowS(sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" })));
  return `${input}.${signature.toString("base64url")}`;
}

/** An address of keys in a test's hands: it counts, and answers what it is told to. */
export interface FakeEndpoint {
  readonly fetch: JwksFetch;
  readonly calls: () => number;
  /** From now on it answers this: a set, a `Response` to copy, an error to reject with, or whatever a promise brings. */
  answer(next: Answer): void;
}

type Answer = object | Error | (() => Promise<Response>);

export function fakeEndpoint(first: Answer): FakeEndpoint {
  let current = first;
  let calls = 0;
  return {
    calls: () => calls,
    answer: (next) => {
      current = next;
    },
    fetch: async () => {
      calls += 1;
      if (typeof current === "function") return (current as () => Promise<Response>)();
      if (current instanceof Error) throw current;
      return current instanceof Response ? current.clone() : Response.json(current);
    },
  };
}

export function remoteOptions(
  endpoint: FakeEndpoint,
  more: Partial<VerifierOptions> = {},
): VerifierOptions & { readonly clock: ReturnType<typeof fakeClock> } {
  const clock = fakeClock(START);
  return { jwksUrl: JWKS_URL, ...PARTIES, fetch: endpoint.fetch, ...more, clock };
}

/** What a call rejects with; it must. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ code: string; cause?: unknown; message: string }> {
  return call.then(
    () => {
      throw new TypeError("It was fulfilled.");
    },
    (error) => error,
  );
}
