// @vitest-environment jsdom
// Applications test pages and server in one process. jsdom brings a global `Uint8Array` of its own, so `instanceof`
// says no to the bytes of Node.
import { createAuth, memoryStore } from "sallyport";
import { createAuthClient } from "sallyport/client";
import { createHandler } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { createVerifier } from "sallyport/verifier";
import { describe, expect, test } from "vitest";
import { EMAIL, PASSWORD, SECRET, signedIn } from "../support/harness.ts";
import { ed25519, es256 } from "../support/signing-keys.ts";

const CLIENT = { ip: null };
const right = { email: EMAIL, password: PASSWORD };

test("this file has two classes of bytes", () => {
  expect(typeof document).toBe("object");
  expect(Buffer.from("bytes")).not.toBeInstanceOf(Uint8Array);
  expect(new TextEncoder().encode("bytes")).not.toBeInstanceOf(Uint8Array);
});

describe.each([
  ["a secret", []],
  ["an Ed25519 key", [ed25519()]],
  ["a P-256 key", [es256()]],
] as const)("with %s", (_name, signingKeys) => {
  const keys = signingKeys.length > 0 ? { signingKeys } : {};

  test("a user signs up, is known, refreshes and signs out", async () => {
    // The real hasher, limiter and store.
    const auth = createAuth({ secret: SECRET, store: sqliteStore(":memory:"), onWarning: () => {}, ...keys });
    const made = signedIn(await auth.signup(right, CLIENT));
    expect(await auth.verifyToken(made.accessToken)).toMatchObject({ userId: made.user.id });
    const next = await auth.refresh(made.refreshToken, CLIENT);
    await auth.logout(next.accessToken, CLIENT);
    await expect(auth.verifyToken(next.accessToken)).rejects.toMatchObject({ code: "session_revoked" });
    const { deviceToken } = made;
    expect(await auth.login({ ...right, deviceToken }, CLIENT)).toMatchObject({ status: "signed_in" });
    await auth.close();
  });

  test.runIf(signingKeys.length > 0)("the verifier takes its tokens", async () => {
    const auth = createAuth({ secret: SECRET, store: memoryStore(), onWarning: () => {}, ...keys });
    const { accessToken, user } = signedIn(await auth.signup(right, CLIENT));
    const verifier = createVerifier({ jwks: auth.jwks(), issuer: "sallyport", audience: "sallyport" });
    expect(await verifier.verify(accessToken)).toMatchObject({ userId: user.id });
  });
});

test("a client of a page signs up through a handler, with bodies that are parsed, raw or not read yet", async () => {
  const auth = createAuth({
    secret: SECRET,
    store: memoryStore(),
    limits: { signup: { address: false } },
    onWarning: () => {},
  });
  const handler = createHandler(auth);
  const client = createAuthClient({
    basePath: "https://app.example/auth",
    fetch: (request) => handler(request, CLIENT),
  });
  expect(await client.signup(right)).toMatchObject({ user: { email: EMAIL } });
  expect((await client.me()).user.email).toBe(EMAIL);
  const body = JSON.stringify({ ...right, email: "raw@example.com" });
  const raw = await handler.dispatch({
    method: "POST",
    target: "/auth/signup",
    headers: { "content-type": "application/json", "content-length": String(body.length) },
    body: { kind: "parsed", value: Buffer.from(body) },
    client: CLIENT,
  });
  expect(raw.status).toBe(201);
});
