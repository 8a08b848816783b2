// node round-trip.js memory|sqlite|kysely: signup, verify, login, logout, and a look at the audit log.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createAuth, memoryStore } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";

const stores = {
  memory: () => memoryStore(),
  sqlite: (path) => sqliteStore(path),
  kysely: async (path) => {
    // Loaded here: the other stores have to work where Kysely's Node is not.
    const [{ Kysely }, { kyselyStore }, { nodeSqliteDialect }] = await Promise.all([
      import("kysely"),
      import("sallyport/kysely"),
      import("sallyport/sqlite"),
    ]);
    return kyselyStore(new Kysely({ dialect: nodeSqliteDialect(path) }));
  },
};

const [kind, path] = process.argv.slice(2);
const store = await stores[kind](path);
const auth = createAuth({ secret: randomBytes(32).toString("base64url"), store });
const client = { ip: "192.0.2.1", userAgent: "round-trip" };
const credentials = { email: "ada@example.com", password: "Difference-Engine-1" };

const signedUp = await auth.signup(credentials, client);
const principal = await auth.verifyToken(signedUp.accessToken);
assert.equal(principal.userId, signedUp.user.id);

const signedIn = await auth.login(credentials, client);
assert.equal(signedIn.status, "signed_in");
await assert.rejects(auth.login({ ...credentials, password: "wrong" }, client), {
  code: "invalid_credentials",
});
const refreshed = await auth.refresh(signedIn.refreshToken, client);
assert.equal((await auth.verifyToken(refreshed.accessToken)).sessionId, signedIn.session.id);
await auth.logout(refreshed.refreshToken, client);
await assert.rejects(auth.verifyToken(signedIn.accessToken), { code: "session_revoked" });

const { events } = await auth.events.list(signedUp.accessToken);
assert.deepEqual(
  events.map(({ type, outcome }) => `${type} ${outcome}`),
  ["logout success", "login failure", "login success", "signup success"],
);
await auth.close();
console.log(`${kind}: ok`);
