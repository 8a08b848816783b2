import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import express from "express";
import { type AuthStore, memoryStore, type UserId } from "sallyport";
import { expressAuth, sendAuthErrors } from "sallyport/express";
import { type AuthHandler, createHandler, problemResponse, sendNodeResponse } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { accessToken, benchAuth, signUpUsers, withFolder } from "./fixtures.ts";
import { assertSameAnswers, CONNECTIONS, compareLoads, processorRow, rateRow } from "./http-loads.ts";
import { withServers } from "./http-servers.ts";
import { type Load, loadGenerator } from "./load.ts";
import { behindSessionByHand } from "./me-by-hand.ts";
import type { Comparison } from "./measure.ts";
import { storeOn, withPostgres } from "./postgres.ts";
import type { Row } from "./report.ts";

const PATH = "/notes";
const GROUP = `an application's own route behind authenticate, ${CONNECTIONS} connections`;

interface Framework {
  readonly name: string;
  readonly goal: number;
  readonly ours: (handler: AuthHandler) => Server;
  readonly byHand: (listener: RequestListener) => Server;
}

const FRAMEWORKS: readonly Framework[] = [
  {
    name: "node:http",
    goal: 0.9,
    ours: (handler) =>
      createServer((request, response) => {
        handler.authenticate(request).then(
          ({ userId }) => sendNotes(response, userId),
          (error: unknown) => sendNodeResponse(response, problemResponse(error)),
        );
      }),
    byHand: (listener) => createServer(listener),
  },
  {
    name: "Express",
    goal: 0.8,
    ours: (handler) => {
      const { requireAuth, authOf } = expressAuth(handler);
      const app = express();
      app.get(PATH, requireAuth(), (request, response) => sendNotes(response, authOf(request).userId));
      return createServer(app.use(sendAuthErrors));
    },
    byHand: (listener) => createServer(express().get(PATH, listener)),
  },
];

/** What a route of an application costs behind `authenticate`, beside one that looks the session up by hand. */
export async function ownRouteRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const memory = await onStore("memory", memoryStore(), quick);
  const sqlite = await withFolder((folder) => onStore("SQLite", sqliteStore(join(folder, "own.db")), quick));
  const postgres = await withPostgres(GROUP, ({ plain }) => onStore("PostgreSQL", storeOn(plain), quick));
  return [...memory, ...sqlite, ...postgres];
}

async function onStore(name: string, store: AuthStore, quick: boolean): Promise<readonly Row[]> {
  const auth = benchAuth(store);
  const [email = ""] = await signUpUsers(auth, 1);
  const token = await accessToken(auth, email);
  const { sessionId } = await auth.verifyToken(token);
  const byHand = behindSessionByHand(store, (response, { user }) => sendNotes(response, user.id));
  const rows: Row[] = [];
  for (const framework of FRAMEWORKS) {
    const servers = [framework.byHand(byHand), framework.ours(createHandler(auth))];
    const { elapsed, processor } = await compareServers(servers, { byHand: sessionId, ours: token }, quick);
    const place = { group: GROUP, name: `${framework.name}, ${name}` };
    rows.push(rateRow(place, elapsed, framework.goal), processorRow(place, processor));
  }
  await auth.close();
  return rows;
}

interface Tokens {
  readonly byHand: string;
  readonly ours: string;
}

function compareServers(servers: readonly Server[], tokens: Tokens, quick: boolean): Promise<Comparison> {
  return withServers(servers, async ([byHand = "", ours = ""]) => {
    const loads = { byHand: notesLoad(byHand, tokens.byHand), ours: notesLoad(ours, tokens.ours) };
    await assertSameAnswers(loads);
    const generator = loadGenerator();
    const compared = await compareLoads(generator, loads, { quick });
    await generator.end();
    return compared;
  });
}

function notesLoad(server: string, token: string): Load {
  const headers = { authorization: `Bearer ${token}` };
  return { url: `${server}${PATH}`, connections: CONNECTIONS, headers };
}

function sendNotes(response: ServerResponse, userId: UserId): void {
  const body = JSON.stringify({ userId, notes: ["one", "two"] });
  response
    .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}
