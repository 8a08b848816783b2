// A server of another library in a process of its own, with the same accounts and the same hash.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import fastifyJwt from "@fastify/jwt";
import { hash, verify } from "@node-rs/argon2";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import express from "express";
import session from "express-session";
import fastify from "fastify";
import passport from "passport";
import { Strategy } from "passport-local";
import { ARGON2, emailsOf, PASSWORD } from "../fixtures.ts";
import { notesOf, sendJson } from "../http/by-hand.ts";
import { handSqlite } from "../http/by-hand-database.ts";
import { USERS } from "../http/place.ts";

const SECRET = randomBytes(32).toString("base64url");
const PEERS = { "Better Auth": betterAuthServer, passport: passportServer, "@fastify/jwt": fastifyJwtServer };

process.on("disconnect", () => process.exit());
process.once("message", async ({ peer, path }) => process.send(await PEERS[peer](path)));

/** Sessions in SQLite, by its own driver for `node:sqlite`. A check reads the session and the user. */
async function betterAuthServer(path) {
  const stored = await hash(PASSWORD, ARGON2);
  const port = await freePort();
  const options = {
    database: new DatabaseSync(path),
    secret: SECRET,
    baseURL: `http://127.0.0.1:${port}`,
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      autoSignIn: false,
      password: { hash: async () => stored, verify: ({ hash: known, password }) => verify(known, password) },
    },
  };
  options.database.exec("pragma journal_mode = wal; pragma synchronous = normal");
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  for (const email of emailsOf(USERS))
    await auth.api.signUpEmail({ body: { email, password: PASSWORD, name: email } });
  const routes = toNodeHandler(auth);
  const server = createServer((request, response) => {
    if (request.url !== "/notes") return routes(request, response);
    auth.api.getSession({ headers: fromNodeHeaders(request.headers) }).then(
      (found) => (found ? sendJson(response, notesOf(found.user.id)) : response.writeHead(401).end()),
      () => response.writeHead(500).end(),
    );
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  const paths = { login: "/api/auth/sign-in/email", own: "/notes", me: "/api/auth/get-session" };
  return served(options.baseURL, paths, ({ headers }) => ({ cookie: cookiesOf(headers) }));
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Its sessions are in the memory of the process, which is the default of express-session. */
async function passportServer(path) {
  const db = await usersIn(path);
  const byPassword = async (email, password, done) => {
    const user = db.findUser(email.trim().toLowerCase());
    done(null, user && (await verify(user.hash, password)) ? user : false);
  };
  passport.use(new Strategy({ usernameField: "email" }, byPassword));
  passport.serializeUser(({ email }, done) => done(null, email));
  passport.deserializeUser((email, done) => done(null, db.findUser(email) ?? false));
  const app = express();
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }), passport.session());
  app.post("/login", express.json(), passport.authenticate("local"), ({ user }, response) =>
    sendJson(response, { id: user.id }),
  );
  app.get("/notes", (request, response) =>
    request.isAuthenticated() ? sendJson(response, notesOf(request.user.id)) : response.sendStatus(401),
  );
  const url = await listening(createServer(app));
  return served(url, { login: "/login", own: "/notes", me: "/notes" }, ({ headers }) => ({
    cookie: cookiesOf(headers),
  }));
}

/** No session at all: a token is good until it expires. */
async function fastifyJwtServer(path) {
  const db = await usersIn(path);
  const app = fastify();
  await app.register(fastifyJwt, { secret: SECRET });
  app.post("/login", async ({ body: { email, password } }, reply) => {
    const user = db.findUser(email.trim().toLowerCase());
    if (!user || !(await verify(user.hash, password))) return reply.code(401).send();
    return { accessToken: app.jwt.sign({ sub: user.id }, { expiresIn: "24h" }) };
  });
  app.get("/notes", async (request) => {
    await request.jwtVerify();
    return notesOf(request.user.sub);
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const bearer = ({ body: { accessToken } }) => ({ authorization: `Bearer ${accessToken}` });
  return served(url, { login: "/login", own: "/notes", me: "/notes" }, bearer);
}

async function usersIn(path) {
  const db = handSqlite(path);
  const stored = await hash(PASSWORD, ARGON2);
  for (const email of emailsOf(USERS)) await db.addUser({ id: crypto.randomUUID(), email, hash: stored });
  return db;
}

async function listening(server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

/** Signs the first user in. The others are for the load. */
async function served(url, { login, ...paths }, proofOf) {
  const bodies = emailsOf(USERS).map((email) => JSON.stringify({ email, password: PASSWORD }));
  const headers = { "content-type": "application/json", origin: url };
  const response = await fetch(`${url}${login}`, { method: "POST", headers, body: bodies[0] });
  if (!response.ok) throw new Error(`Nobody is signed in: ${response.status} ${await response.text()}`);
  const proof = proofOf({ headers: response.headers, body: await response.json() });
  return { url, login: { path: login, bodies: bodies.slice(1) }, headers: proof, paths };
}

function cookiesOf(headers) {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
