// Class: private columns that leak as soon as a row is passed on whole.
import type { AuthEvent, AuthStore, ClaimsHolder, UserCreated } from "sallyport";
import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { closedGate, loginThrough } from "../../support/gates.ts";
import { CLIENT, EMAIL, makeAuth, PASSWORD, STORES } from "../../support/harness.ts";
import { MARK, scriptIn } from "../../support/marked.ts";
import { ed25519 } from "../../support/signing-keys.ts";

const right = { email: EMAIL, password: PASSWORD };

const USER = ["createdAt", "email", "emailVerified", "id", "lastLoginAt"];
const SESSION = ["amr", "createdAt", "expiresAt", "id", "ip", "userAgent"];
const PAIR = ["accessToken", "accessTokenExpiresAt", "refreshToken", "refreshTokenExpiresAt"];
const REFRESHED = [...PAIR, "session", "status", "user"];
const SIGNED_IN = [...REFRESHED, "deviceToken"].sort();
const PRINCIPAL = ["amr", "authenticatedAt", "claims", "expiresAt", "issuedAt", "sessionId", "userId"];
const LISTED_EVENT = [
  "id",
  "ip",
  "occurredAt",
  "outcome",
  "reason",
  "requestId",
  "sessionId",
  "type",
  "userAgent",
];
const EVENT = [...LISTED_EVENT, "attemptedEmail", "data", "userId"].sort();

function fieldsOf(view: object): readonly string[] {
  return Reflect.ownKeys(view).map(String).sort();
}

/** The store of a later version: each row that it reads has a column that no view names. */
function withNewColumn(store: AuthStore): AuthStore {
  const rooms = ["users", "credentials", "sessions", "tokens", "proofs", "outbox", "events"] as const;
  const wrapped = rooms.map((room) => {
    const verbs = Object.entries(store[room]).map(([name, verb]) => [
      name,
      async (...args: unknown[]) => addColumn(await verb(...args)),
    ]);
    return [room, Object.fromEntries(verbs)];
  });
  return {
    ...store,
    ...Object.fromEntries(wrapped),
    transaction: (work) => store.transaction((tx) => work(withNewColumn(tx))),
  };
}

function addColumn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addColumn);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if ("createdAt" in value || "occurredAt" in value) return { ...value, note: MARK };
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, addColumn(part)]));
}

test.each(STORES)(
  "on %s every answer has exactly its public fields, whatever a row holds",
  async (_name, makeStore) => {
    const holders: object[] = [];
    const hooks = {
      userCreated: ({ user }: UserCreated) => void holders.push(user),
      claims: (holder: ClaimsHolder) => {
        holders.push(holder);
        return {};
      },
    };
    const told: AuthEvent[] = [];
    const store = withNewColumn(makeStore());
    const harness = makeAuth({ store, hooks: hooks as never, onEvent: (event) => told.push(event) });
    const { auth, ctx } = harness;

    const signedUp = await auth.signup(right, CLIENT);
    const loggedIn = await auth.login(right, CLIENT);
    const refreshed = await auth.refresh(signedUp.refreshToken, CLIENT);
    const reauthenticated = await auth.reauthenticate(refreshed.accessToken, { password: PASSWORD }, CLIENT);
    const principal = await auth.verifyToken(refreshed.accessToken);
    const current = await auth.getUser(refreshed.accessToken);
    const sessions = await auth.sessions.list(refreshed.accessToken);
    const page = await auth.events.list(refreshed.accessToken);
    const challenge = await loginThrough(ctx, [closedGate], right, CLIENT);
    const handler = createHandler(auth);
    const headers = { authorization: `Bearer ${refreshed.accessToken}` };
    const body = { kind: "none" } as const;
    const answers = [];
    for (const path of ["me", "sessions", "events"]) {
      const client = { ip: null };
      answers.push(await handler.dispatch({ method: "GET", target: `/auth/${path}`, headers, body, client }));
    }
    const input = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    const changed = await auth.password.change(refreshed.accessToken, input, CLIENT);
    const others = await auth.sessions.revokeOthers(changed.accessToken, CLIENT);
    const revoked = await auth.sessions.revoke(changed.accessToken, changed.session.id, CLIENT);

    for (const view of [signedUp, loggedIn, changed]) expect(fieldsOf(view)).toEqual(SIGNED_IN);
    expect(fieldsOf(refreshed)).toEqual(REFRESHED);
    expect(fieldsOf(reauthenticated)).toEqual(PAIR);
    expect(fieldsOf(principal)).toEqual(PRINCIPAL);
    expect(fieldsOf(challenge)).toEqual(["challengeToken", "expiresAt", "kind", "methods", "status"]);
    for (const holder of [
      signedUp,
      refreshed,
      changed,
      current,
      ...holders.filter((held) => "session" in held),
    ] as const) {
      const { user, session } = holder as ClaimsHolder;
      expect([fieldsOf(user), fieldsOf(session)]).toEqual([USER, SESSION]);
    }
    expect(fieldsOf(current)).toEqual(["session", "user"]);
    const [created] = holders;
    expect(fieldsOf(created as object)).toEqual(USER);
    expect(sessions.length).toBeGreaterThan(1);
    for (const session of sessions) expect(fieldsOf(session)).toEqual([...SESSION, "current"].sort());
    expect(fieldsOf(page)).toEqual(["events", "nextCursor"]);
    expect(page.events.length).toBeGreaterThan(2);
    for (const event of page.events) expect(fieldsOf(event)).toEqual(LISTED_EVENT);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.length).toBeGreaterThan(4);
    for (const event of told) expect(fieldsOf(event)).toEqual(EVENT);
    expect([others, revoked]).toEqual([{ revoked: 0 }, { current: true }]);

    for (const { status, body: text } of answers) {
      expect(status).toBe(200);
      expect(scriptIn(text ?? "")).toBeNull();
    }
    const stored = await store.users.find(signedUp.user.id);
    expect(stored).toMatchObject({ note: MARK }); // the column is there
    const all = [
      signedUp,
      loggedIn,
      refreshed,
      reauthenticated,
      principal,
      current,
      sessions,
      page,
      changed,
      told,
      holders,
    ];
    expect(scriptIn(JSON.stringify(all))).toBeNull();
  },
);

test("the public key set has the public members of each key, and no other", () => {
  const { auth } = makeAuth({ signingKeys: [ed25519()] });
  const [key] = auth.jwks().keys as readonly [object];
  expect(fieldsOf(key)).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
});
