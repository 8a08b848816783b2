// Each entry refuses something; whatever it throws must be an instance of the one class of the core.
import { AuthError, createAuth, memoryStore } from "sallyport";
import { expressAuth } from "sallyport/express";
import { fastifyAuth } from "sallyport/fastify";
import { honoAuth } from "sallyport/hono";
import { createHandler } from "sallyport/http";
import { kyselyStore } from "sallyport/kysely";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { sqliteStore } from "sallyport/sqlite";
import { createVerifier } from "sallyport/verifier";

const secret = "tZ4v1kq9Yw7s2LxR8cJ3nB6mD5hF0gQa-uEiOpTy";
const handler = createHandler(createAuth({ secret, store: memoryStore() }));
const request = { method: "GET", headers: new Headers() };
const refusals = {
  core: () => createAuth({}),
  http: () => handler.authenticate(request),
  express: () => expressAuth(handler).requireAuth()(request, {}, () => {}),
  fastify: () => fastifyAuth(handler).requireAuth()({ raw: request }),
  hono: () => honoAuth(handler).requireAuth()({ req: { raw: request } }, () => {}),
  kysely: () => kyselyStore({}),
  rateLimiter: () => flexibleRateLimiter({}),
  sqlite: () => sqliteStore(5),
  verifier: () => createVerifier({}),
};
for (const [entry, refuse] of Object.entries(refusals)) {
  const thrown = await Promise.try(refuse).then(
    () => "nothing",
    (error) => error,
  );
  if (!(thrown instanceof AuthError)) throw new TypeError(`${entry}: ${thrown}`);
}
console.log("one class: ok");
