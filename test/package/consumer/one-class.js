// Each entry refuses something; whatever it throws must be an instance of the one class of the core.
import assert from "node:assert/strict";
import "./in-place-of-next.js";
import { AuthError, createAuth, memoryStore } from "sallyport";
import { expressAuth } from "sallyport/express";
import { fastifyAuth } from "sallyport/fastify";
import { honoAuth } from "sallyport/hono";
import { createHandler } from "sallyport/http";
import { kyselyStore } from "sallyport/kysely";
import { nodemailerMailer } from "sallyport/nodemailer";
import manifest from "sallyport/package.json" with { type: "json" };
import { pwnedPasswords } from "sallyport/pwned-passwords";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { sqliteStore } from "sallyport/sqlite";
import { unreliableStore } from "sallyport/testing";
import { createVerifier } from "sallyport/verifier";

const { nextAuth } = await import("sallyport/next");
const secret = "tZ4v1kq9Yw7s2LxR8cJ3nB6mD5hF0gQa-uEiOpTy";
const handler = createHandler(createAuth({ secret, store: memoryStore() }));
const credentials = { email: "ada@example.com", password: "Difference-Engine-1" };
const request = { method: "GET", headers: new Headers() };
const refusals = {
  ".": () => createAuth({}),
  "./express": () => expressAuth(handler).requireAuth()(request, {}, () => {}),
  "./fastify": () => fastifyAuth(handler).requireAuth()({ raw: request }),
  "./hono": () => honoAuth(handler).requireAuth()({ req: { raw: request } }, () => {}),
  "./http": () => handler.authenticate(request),
  "./kysely": () => kyselyStore({}),
  "./next": () => nextAuth(() => handler).actor(),
  "./nodemailer": () => nodemailerMailer("http://localhost", { from: "auth@acme.example" }),
  "./pwned-passwords": () => pwnedPasswords({ threshold: 0 }),
  "./rate-limiter": () => flexibleRateLimiter({}),
  "./sqlite": () => sqliteStore(5),
  "./testing": () => {
    const { store, fail } = unreliableStore(memoryStore());
    fail();
    return createAuth({ secret, store }).login(credentials, { ip: null });
  },
  "./verifier": () => createVerifier({}),
};
/** They run in pages, without the core. What they throw is an `AuthProblem`, or nothing. */
const forPages = ["./client", "./client-mail", "./client-storage", "./react"];
const entries = Object.keys(manifest.exports).filter((path) => path !== "./package.json");
assert.deepEqual([...Object.keys(refusals), ...forPages].sort(), entries.sort());

for (const [entry, refuse] of Object.entries(refusals)) {
  const thrown = await Promise.try(refuse).then(
    () => "nothing",
    (error) => error,
  );
  if (!(thrown instanceof AuthError)) throw new TypeError(`${entry}: ${thrown}`);
}
console.log("one class: ok");
