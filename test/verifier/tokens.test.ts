// That header and claims are judged to the letter is shown in test/adapters; here: with keys that are public.
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { type AuthOptions, memoryStore } from "sallyport";
import { createVerifier, isAuthError } from "sallyport/verifier";
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { encode, jwksOf, makeKey, PARTIES, payloadOf, START, signWith, tokenOf } from "./support.ts";

const [edwards, curved] = [makeKey("ed"), makeKey("p256", "ES256")];
const clock = { now: (): Date => new Date(START) };
const verifier = createVerifier({ jwks: jwksOf(edwards, curved), ...PARTIES, clock });
const judge = (text: unknown): Promise<string> => codeOf(verifier.verify(text as string));

test.each([edwards, curved])(
  "a token of $kid is taken, and one of another key by its name is not",
  async (key) => {
    expect(await judge(tokenOf(key))).toBe("fulfilled");
    expect(await judge(tokenOf(makeKey(key.kid, key.alg)))).toBe("invalid_token");
  },
);

describe("confusion of algorithms and keys is invalid_token", () => {
  const body = encode(payloadOf());
  const hmac = (key: string | Buffer, head: object) => {
    const input = `${encode(head)}.${body}`;
    return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
  };

  test.each([edwards, curved])(
    "HS256 with what is public of $kid as the secret",
    async ({ kid, alg, privateKey, public: jwk }) => {
      const publicKey = createPublicKey(privateKey);
      const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
      const { use: _, kid: __, alg: ___, ...bare } = jwk;
      const secrets = [
        ...[pem, pem.trim(), ` ${pem}`, `\n${pem}`, pem.replaceAll("\n", "\r\n")],
        ...[JSON.stringify(jwk), JSON.stringify(bare), JSON.stringify(jwksOf(edwards, curved))],
        ...[jwk.x as string, kid, ""],
        ...[publicKey.export({ type: "spki", format: "der" }), Buffer.from(jwk.x as string, "base64url")],
      ];
      for (const secret of secrets) {
        for (const claimed of ["HS256", alg]) {
          expect(await judge(hmac(secret, { alg: claimed, typ: "at+jwt", kid }))).toBe("invalid_token");
        }
      }
    },
  );

  test("none, in every case, with and without a signature", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      const input = `${encode({ alg, typ: "at+jwt", kid: "ed" })}.${body}`;
      for (const text of [`${input}.`, input, signWith(edwards, input)]) {
        expect(await judge(text)).toBe("invalid_token");
      }
    }
  });

  test("one key's algorithm with the other key's name, signed by either", async () => {
    for (const [alg, kid] of [
      ["ES256", "ed"],
      ["EdDSA", "p256"],
      ["Ed25519", "ed"],
    ]) {
      const input = `${encode({ alg, typ: "at+jwt", kid })}.${body}`;
      for (const key of [edwards, curved]) expect(await judge(signWith(key, input))).toBe("invalid_token");
    }
  });

  test("RS256 and PS256, by an RSA key that the token brings along or names by an address", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = publicKey.export({ format: "jwk" });
    for (const more of [
      {},
      { jwk },
      { jku: "https://evil.example/jwks" },
      { x5u: "https://evil.example/" },
    ]) {
      const input = `${encode({ alg: "RS256", typ: "at+jwt", kid: "ed", ...more })}.${body}`;
      const signature = sign("sha256", Buffer.from(input), privateKey).toString("base64url");
      expect(await judge(`${input}.${signature}`)).toBe("invalid_token");
    }
  });

  test("a key that the token brings along (CVE-2018-0114)", async () => {
    const mine = makeKey("ed");
    expect(await judge(tokenOf(mine, { header: { jwk: mine.public } }))).toBe("invalid_token");
  });

  test("the shape of a JWE, and the JSON forms of a JWS", async () => {
    const [head, payload, signature] = tokenOf(edwards).split(".");
    const forms = [
      `${encode({ alg: "dir", enc: "A256GCM", typ: "at+jwt", kid: "ed" })}..${body}.${body}.${body}`,
      `${head}.${payload}.${signature}.${payload}.${signature}`,
      JSON.stringify({ protected: head, payload, signature }),
      JSON.stringify({ payload, signatures: [{ protected: head, signature }] }),
    ];
    for (const text of forms) expect(await judge(text)).toBe("invalid_token");
  });

  test("zero signatures, and the other spelling of an ES256 signature", async () => {
    const [head, payload, signature = ""] = tokenOf(curved).split(".");
    const bytes = Buffer.from(signature, "base64url");
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const other = order - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
    const high = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from(other.toString(16).padStart(64, "0"), "hex"),
    ]);
    for (const wrong of [high, Buffer.alloc(64)]) {
      expect(await judge(`${head}.${payload}.${wrong.toString("base64url")}`)).toBe("invalid_token");
    }
  });
});

test("issuer and audience are compared to the letter", async () => {
  for (const payload of [
    { iss: `${PARTIES.issuer}/` },
    { iss: [PARTIES.issuer] },
    { aud: [PARTIES.audience] },
    { aud: PARTIES.issuer },
  ]) {
    expect(await judge(tokenOf(edwards, { payload }))).toBe("invalid_token");
  }
});

test.each([undefined, null, 1, 1n, {}, [], true, Symbol("x"), () => "x", Object("x"), new Proxy({}, {})])(
  "instead of a token, %o is invalid_token",
  async (value) => expect(await judge(value)).toBe("invalid_token"),
);

test.each([null, "019b796d-d600-71bf-8b34-0d97f910c68f", 1])(
  "options that are %o are no check left out: forbidden",
  async (options) =>
    expect(await codeOf(verifier.verify(tokenOf(edwards), options as never))).toBe("forbidden"),
);

test("a clock that breaks later lets nobody in", async () => {
  let broken: () => Date = () => new Date(START);
  const late = createVerifier({ jwks: jwksOf(edwards), ...PARTIES, clock: { now: () => broken() } });
  expect(await codeOf(late.verify(tokenOf(edwards)))).toBe("fulfilled");
  broken = () => new Date("never");
  expect(await codeOf(late.verify(tokenOf(edwards)))).toBe("token_expired");
  broken = () => {
    throw new TypeError("no time");
  };
  const error = await late.verify(tokenOf(edwards)).catch((thrown) => thrown);
  expect([isAuthError(error), error.code]).toEqual([true, "unavailable"]);
});

describe.each([edwards, curved])("beside createAuth with the key $kid", (key) => {
  const make = (more: Partial<AuthOptions> = {}): Harness =>
    makeAuth({ signingKeys: [key.private], store: memoryStore(), ...PARTIES, ...more });

  test("the principal is the one of auth.verifyToken", async () => {
    const { auth, clock: time } = make({
      hooks: { claims: () => ({ roles: ["admin"] }) },
    } as Partial<AuthOptions>);
    const there = createVerifier<{ roles: readonly string[] }>({
      jwks: auth.jwks(),
      ...PARTIES,
      requireClaims: true,
      clock: time,
    });
    const { accessToken, user, session } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const principal = await there.verify(accessToken);
    expect(principal).toEqual(await auth.verifyToken(accessToken));
    expect(principal).toMatchObject({ userId: user.id, sessionId: session.id, claims: { roles: ["admin"] } });
    expect(principal.claims.roles).toEqual(["admin"]);
    expect(Object.isFrozen(principal.claims)).toBe(true);
  });

  test("with requireClaims a token from before hooks.claims has expired, as at auth.verifyToken", async () => {
    const { auth, clock: time } = make();
    const strict = createVerifier({ jwks: auth.jwks(), ...PARTIES, requireClaims: true, clock: time });
    const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    expect(await codeOf(strict.verify(accessToken))).toBe("token_expired");
    const lenient = createVerifier({ jwks: auth.jwks(), ...PARTIES, clock: time });
    expect((await lenient.verify(accessToken)).claims).toEqual({});
    // @ts-expect-error: without requireClaims the claims may be absent
    createVerifier<{ readonly role: string }>({ jwks: auth.jwks(), ...PARTIES });
  });

  test("userId refuses everybody else, and undefined is nobody", async () => {
    const { auth, clock: time } = make();
    const there = createVerifier({ jwks: auth.jwks(), ...PARTIES, clock: time });
    const { accessToken, user } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const asked = (userId: unknown) => codeOf(there.verify(accessToken, { userId: userId as string }));
    expect([await asked(user.id), await asked("other"), await asked(undefined)]).toEqual([
      "fulfilled",
      "forbidden",
      "forbidden",
    ]);
  });

  test("time is judged as there: the end itself is too late, 5 s of tolerance for the future", async () => {
    const { auth, clock: time } = make();
    const there = createVerifier({ jwks: auth.jwks(), ...PARTIES, clock: time });
    const issued = time.now();
    const { accessToken, accessTokenExpiresAt: end } = await auth.signup(
      { email: EMAIL, password: PASSWORD },
      CLIENT,
    );
    for (const at of [issued.getTime() - 5001, issued.getTime() - 5000, end.getTime() - 1, end.getTime()]) {
      time.set(new Date(at));
      expect(await codeOf(there.verify(accessToken))).toBe(await codeOf(auth.verifyToken(accessToken)));
    }
    expect(await codeOf(there.verify(accessToken))).toBe("token_expired");
  });

  test("an ended session shows in auth.verifyToken at once, and in a verifier when the token ends", async () => {
    const { auth, clock: time } = make();
    const there = createVerifier({ jwks: auth.jwks(), ...PARTIES, clock: time });
    const { accessToken, accessTokenExpiresAt } = await auth.signup(
      { email: EMAIL, password: PASSWORD },
      CLIENT,
    );
    await auth.logout(accessToken, CLIENT);
    expect([await codeOf(auth.verifyToken(accessToken)), await codeOf(there.verify(accessToken))]).toEqual([
      "session_revoked",
      "fulfilled",
    ]);
    time.set(accessTokenExpiresAt);
    expect(await codeOf(there.verify(accessToken))).toBe("token_expired");
  });
});

test("tokens that are signed with a secret have no public key: such a set does not start", () => {
  const { auth } = makeAuth();
  expect(auth.jwks()).toEqual({ keys: [] });
  expect(() => createVerifier({ jwks: auth.jwks(), ...PARTIES })).toThrow(/jwks: has no keys/);
});
