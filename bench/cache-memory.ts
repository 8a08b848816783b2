import { createHmac, hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Auth,
  type AuthStore,
  createAuth,
  memoryStore,
  type SessionId,
  type SessionRecord,
} from "sallyport";
import { CLIENT, freeHasher, PASSWORD } from "./fixtures.ts";
import { atMost, type Row } from "./report.ts";

const GROUP = "memory of the caches, every token and session another one";
const STEPS = 4;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/**
 * Shows one process so many genuine tokens, each of its own session: signatures and sessions are kept in
 * bounded tables, so what they hold after the last is what they held after a quarter.
 */
export async function cacheMemoryRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const tokens = quick ? 100_000 : 400_000;
  const secret = randomBytes(32).toString("base64url");
  const store = boundless(memoryStore());
  const session = { check: { atMostEvery: "5s" } } as const;
  const auth = createAuth({ secret, store, session, password: { hasher: freeHasher } });
  const result = await auth.signup({ email: "user@example.com", password: PASSWORD }, CLIENT);
  if (result.status !== "signed_in") throw new TypeError("Stopped by a gate");
  const { accessToken } = result;
  await auth.verifyToken(accessToken); // the first session is the one they all lead to
  const mint = minting(secret, accessToken);
  const before = megabytes();
  const after: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await verifyMany(auth, mint, tokens / STEPS);
    after.push(megabytes() - before);
  }
  const [first = 0, last = 0] = [after[0], after.at(-1)];
  const row = (name: string, value: number) => ({ group: GROUP, name, value, unit: "MB" as const });
  return [
    row(`held after ${(tokens / STEPS).toLocaleString("en")} tokens`, first),
    { ...row(`held after ${tokens.toLocaleString("en")} tokens`, last), goal: atMost(32, last, "MB") },
  ];
}

async function verifyMany(auth: Auth, mint: () => string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await auth.verifyToken(mint());
}

function megabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

/** A store in which every session id leads to the user's first session: rows would be memory, too. */
function boundless(store: AuthStore): AuthStore {
  let template: SessionRecord | null = null;
  const find = async (id: SessionId): Promise<SessionRecord | null> => {
    template ??= await store.sessions.find(id);
    return template && { ...template, session: { ...template.session, id } };
  };
  return { ...store, sessions: { ...store.sessions, find } };
}

/** Signs tokens as the library does, with the key that it derives. */
function minting(secret: string, token: string): () => string {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "sallyport:v1:access-token", 32));
  const [header, payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return () => {
    const body = { ...claims, sid: randomUUID(), jti: randomUUID() };
    const signed = `${header}.${Buffer.from(JSON.stringify(body)).toString("base64url")}`;
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  };
}
