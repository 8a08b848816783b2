// The installed adapter for Next.js, where something answers in place of Next.js.
import assert from "node:assert/strict";
import "./in-place-of-next.js";
import { createAuth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";

const { nextAuth } = await import("sallyport/next");
const secret = "Uo3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV";
const auth = createAuth({ secret, store: memoryStore() });
const { routes, visitor, withUser } = nextAuth(() =>
  createHandler(auth, { clientAddress: () => "203.0.113.7" }),
);
const body = JSON.stringify({ email: "ada@example.com", password: "Correct1horse" });
const init = { method: "POST", headers: { "content-type": "application/json" }, body };
const created = await routes.POST(new Request("http://localhost/auth/signup", init));
assert.equal(created.status, 201);
const authorization = `Bearer ${(await created.json()).accessToken}`;
const mine = withUser(async (me) => Response.json((await me.user()).user));
const answer = await mine(new Request("http://localhost/me", { headers: { authorization } }), {});
assert.equal((await answer.json()).email, "ada@example.com");
assert.equal((await mine(new Request("http://localhost/me"), {})).status, 401);
assert.equal(await visitor(), null);
console.log("next: ok");
