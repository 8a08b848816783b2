import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { verify } from "@node-rs/argon2";
import express from "express";
import type { HandDatabase, HandRow } from "./by-hand-database.ts";
import { PATHS, type Place } from "./place.ts";

const DAY_SECONDS = 86_400;
const SESSION_MS = 30 * DAY_SECONDS * 1_000;
const KEY = randomBytes(32);
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");

/**
 * The least that a careful hand writes for the same work: a login that stores a session, the time and an event and
 * signs a token, and routes that check signature, expiry, session and user. It has no limit, no policy, no bound on
 * hashes, and answers only 401.
 */
export function serverByHand(db: HandDatabase, framework: Place["framework"]): Server {
  return serverOf(routesOf(db), framework);
}

export function serverOf(routes: Routes, framework: Place["framework"]): Server {
  if (framework === "Express") {
    const app = express();
    app.post(PATHS.login, routes.login).get(PATHS.me, routes.me).get(PATHS.own, routes.own);
    return createServer(app);
  }
  return createServer((request, response) => {
    if (request.method === "POST" && request.url === PATHS.login) return routes.login(request, response);
    if (request.method === "GET" && request.url === PATHS.me) return routes.me(request, response);
    if (request.method === "GET" && request.url === PATHS.own) return routes.own(request, response);
    response.writeHead(404).end();
  });
}

interface Routes {
  readonly login: RequestListener;
  readonly me: RequestListener;
  readonly own: RequestListener;
}

function routesOf(db: HandDatabase): Routes {
  const answering =
    (work: (request: IncomingMessage) => Promise<unknown>): RequestListener =>
    (request, response) => {
      work(request).then(
        (body) => (body ? sendJson(response, body) : response.writeHead(401).end()),
        () => response.writeHead(500).end(),
      );
    };
  return {
    login: answering(async (request) => login(db, JSON.parse(await textOf(request)))),
    me: answering(async (request) => shown(live(await db.show(sessionIdOf(request))))),
    own: answering(async (request) => notesOf(live(await db.check(sessionIdOf(request)))?.user_id)),
  };
}

async function login(db: HandDatabase, { email, password }: Record<string, string>): Promise<object | null> {
  const user = await db.findUser(String(email).trim().toLowerCase());
  if (!user || !(await verify(user.hash, String(password)))) return null;
  const now = new Date();
  const refreshToken = randomBytes(32).toString("base64url");
  const session = {
    id: crypto.randomUUID(),
    user_id: user.id,
    refresh_hash: createHash("sha256").update(refreshToken).digest("base64url"),
    expires_at: new Date(now.getTime() + SESSION_MS).toISOString(),
    created_at: now.toISOString(),
  };
  await db.open(session);
  const exp = Math.floor(now.getTime() / 1_000) + DAY_SECONDS;
  const accessToken = sign(JSON.stringify({ sub: user.id, sid: session.id, exp }));
  return { accessToken, refreshToken, user: { id: user.id, email: user.email } };
}

function sign(payload: string): string {
  const text = `${HEADER}.${Buffer.from(payload).toString("base64url")}`;
  return `${text}.${macOf(text).toString("base64url")}`;
}

function macOf(text: string): Buffer {
  return createHmac("sha256", KEY).update(text).digest();
}

function sessionIdOf({ headers }: IncomingMessage): string {
  const token = headers.authorization?.slice("Bearer ".length) ?? "";
  const end = token.lastIndexOf(".");
  const given = Buffer.from(token.slice(end + 1), "base64url");
  const expected = macOf(token.slice(0, end));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "";
  const payload = Buffer.from(token.slice(token.indexOf(".") + 1, end), "base64url").toString();
  const { sid, exp } = JSON.parse(payload) as { readonly sid: string; readonly exp: number };
  return exp * 1_000 > Date.now() ? sid : "";
}

function live(row: HandRow | undefined): HandRow | undefined {
  if (!row || row.revoked_at !== null || row.status !== "active") return undefined;
  return Date.parse(row.expires_at) > Date.now() ? row : undefined;
}

function shown(row: HandRow | undefined): object | null {
  if (!row) return null;
  const { user_id, email, user_created_at, last_login_at, id, created_at, expires_at } = row;
  return {
    user: { id: user_id, email, createdAt: user_created_at, lastLoginAt: last_login_at },
    session: { id, createdAt: created_at, expiresAt: expires_at },
  };
}

export function notesOf(userId: string | undefined): object | null {
  return userId === undefined ? null : { userId, notes: ["one", "two"] };
}

export function sendJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  response.writeHead(200, { "content-type": "application/json", "content-length": length }).end(body);
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    request
      .setEncoding("utf8")
      .on("data", (part: string) => {
        text += part;
      })
      .on("end", () => resolve(text))
      .on("error", reject);
  });
}
