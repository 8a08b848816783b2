// A server in a process of its own: none of its work is the load's, or another server's.
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hash, verify } from "@node-rs/argon2";
import { Kysely } from "kysely";
import type { AuthStore, PasswordHasher } from "sallyport";
import { migrate, namedStatements } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import { ARGON2, benchAuth, emailsOf, PASSWORD, signUpUsers } from "../fixtures.ts";
import { dialectOn, poolOf, storeOn } from "../postgres.ts";
import { serverByHand, serverOf } from "./by-hand.ts";
import { type HandDatabase, handPostgres, handSqlite } from "./by-hand-database.ts";
import { serverOfOurs } from "./ours.ts";
import { PATHS, type Place, type Served, USERS } from "./place.ts";
import { routesOnStore } from "./same-store.ts";

process.on("disconnect", () => process.exit());
process.once("message", async (place: Place) => {
  process.send?.(
    place.author === "by hand" ? await served(await listen(await byHand(place))) : await ours(place),
  );
});

async function ours(place: Place): Promise<Served> {
  const store = await storeAt(place);
  await signUpUsers(benchAuth(store, { password: { hasher: await seedHasher() } }), USERS);
  const auth = benchAuth(store, { ...(place.session && { session: place.session }) });
  const told = await served(await listen(serverOfOurs(auth, place.framework)));
  if (place.author === "ours") return told;
  const token = told.headers["authorization"]?.slice("Bearer ".length) ?? "";
  const { sessionId } = await auth.verifyToken(token);
  const routes = {
    ...routesOnStore(store),
    login: (_: unknown, response: ServerResponse) => void response.end(),
  };
  const url = await listen(serverOf(routes, place.framework));
  return { ...told, url, headers: { authorization: `Bearer ${sessionId}` } };
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function storeAt({ database, url, named }: Place): Promise<AuthStore> {
  if (database === "SQLite") return sqliteStore(url);
  const pool = named ? namedStatements(poolOf(url)) : poolOf(url);
  await migrate(new Kysely({ dialect: dialectOn(pool) }));
  return storeOn(pool);
}

/** All accounts have one password, so it is hashed once. */
async function seedHasher(): Promise<PasswordHasher> {
  const stored = await hash(PASSWORD, ARGON2);
  return { name: "seed", hash: async () => stored, verify, needsRehash: () => false };
}

async function byHand(place: Place): Promise<Server> {
  const db = await handDatabase(place);
  const stored = await hash(PASSWORD, ARGON2);
  for (const email of emailsOf(USERS)) await db.addUser({ id: crypto.randomUUID(), email, hash: stored });
  return serverByHand(db, place.framework);
}

async function handDatabase({ database, url, named = false }: Place): Promise<HandDatabase> {
  return database === "SQLite" ? handSqlite(url) : handPostgres(poolOf(url), { named });
}

/** Signs the first user in, as any client would. That user signs in no more: more logins would end the session. */
async function served(url: string): Promise<Served> {
  const bodies = emailsOf(USERS).map((email) => JSON.stringify({ email, password: PASSWORD }));
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${PATHS.login}`, {
    method: "POST",
    headers,
    body: bodies[0] as string,
  });
  const { accessToken } = (await response.json()) as { readonly accessToken: string };
  return {
    url,
    login: { path: PATHS.login, bodies: bodies.slice(1) },
    headers: { authorization: `Bearer ${accessToken}` },
    paths: { own: PATHS.own, me: PATHS.me },
  };
}
