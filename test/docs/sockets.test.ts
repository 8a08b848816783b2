// Every block of the page, run on Node: who gets in, and what closes a connection.
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ORIGIN, type SocketServer, socketServers } from "../support/socket-servers.ts";

let servers: ReturnType<typeof socketServers>;
beforeAll(() => {
  servers = socketServers();
});
afterAll(() => servers.remove());

const HOUR = "3600000";
const FOREIGN = [{}, { origin: "https://evil.example" }, { origin: "null" }, { origin: `${ORIGIN}:8443` }];

interface Opened {
  readonly socket: WebSocket;
  /** What the server said first: the id of the user. */
  readonly userId: string;
  readonly closed: Promise<number>;
}

/** The status of a refusal, or an open socket. */
async function open(
  server: SocketServer,
  headers: Record<string, string>,
  first?: string,
): Promise<Opened | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`, { headers });
  const closed = once(socket, "close").then(([code]) => code as number);
  const refused = new Promise<number>((resolve) => {
    socket
      .on("error", () => {})
      .on("unexpected-response", (_request, { statusCode = 0 }) => resolve(statusCode));
  });
  if (first !== undefined) socket.on("open", () => socket.send(first));
  const greeted = once(socket, "message").then(([data]) => ({ socket, userId: String(data), closed }));
  return Promise.race([refused, greeted, closed]);
}

async function opened(...args: Parameters<typeof open>): Promise<Opened> {
  const got = await open(...args);
  if (typeof got === "number") throw new TypeError(`The socket was refused: ${got}`);
  return got;
}

test("a socket of ws opens for pages of the list alone", async () => {
  const server = await servers.start("ws", { everyMs: HOUR });
  const ada = await server.signUp();
  for (const from of FOREIGN) expect(await open(server, { ...from, cookie: ada.cookie })).toBe(401);
  expect(await open(server, { origin: ORIGIN })).toBe(401);
  expect((await opened(server, { origin: ORIGIN, cookie: ada.cookie })).userId).toBe(ada.userId);
});

// With an hour between two checks, only the event can have closed a socket.
test.each([
  ["by a sign-out in this process", HOUR, "own"],
  ["by a sign-out elsewhere, found by a check", "20", "elsewhere"],
] as const)("a socket of ws is closed %s, and no other user's is", async (_how, everyMs, where) => {
  const server = await servers.start("ws", { everyMs });
  const [ada, eve] = [await server.signUp(), await server.signUp()];
  const [own, other] = [
    await opened(server, { origin: ORIGIN, cookie: ada.cookie }),
    await opened(server, { origin: ORIGIN, cookie: eve.cookie }),
  ];
  await server.signOut(ada, where);
  expect(await own.closed).toBe(4401);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
});

test("Socket.IO opens a session for pages of the list alone, also by its first plain request", async () => {
  const server = await servers.start("socket.io", { everyMs: HOUR });
  const { cookie } = await server.signUp();
  const poll = async (headers: Record<string, string>, query = "transport=polling"): Promise<number> =>
    (await server.get(`/socket.io/?EIO=4&${query}`, headers)).status;
  for (const from of [...FOREIGN, { "sec-fetch-site": "same-site" }, { "sec-fetch-site": "cross-site" }])
    expect(await poll({ ...from, cookie })).toBe(403);
  expect(await poll({ origin: ORIGIN })).toBe(403);
  expect(server.said().match(/^engine/gm)).toBe(null);
  expect(await poll({ "sec-fetch-site": "same-origin", cookie })).toBe(200);
  await server.says(/^engine/m);
});

test.each([
  ["this process ends it", HOUR, "own"],
  ["another one does, and a check finds out", "20", "elsewhere"],
] as const)("an event stream is for pages of the list, and ends when %s", async (_how, everyMs, where) => {
  const server = await servers.start("stream", { everyMs });
  const ada = await server.signUp();
  const codeFor = async (headers: Record<string, string>): Promise<string> => {
    const response = await server.get("/stream", { ...headers, cookie: ada.cookie });
    if (response.status !== 200) return JSON.parse(await response.text()).code;
    await response.body?.cancel();
    return "open";
  };
  for (const [site, code] of [
    [undefined, "cross_site_request"],
    ["same-origin", "open"],
    ["same-site", "cross_site_request"],
    ["cross-site", "cross_site_request"],
    ["none", "cross_site_request"],
  ] as const)
    expect([site, await codeFor(site === undefined ? {} : { "sec-fetch-site": site })]).toEqual([site, code]);
  const stream = await server.get("/stream", { "sec-fetch-site": "same-origin", cookie: ada.cookie });
  const whole = stream.text();
  await server.signOut(ada, where);
  expect(await whole).toBe(`data: ${ada.userId}\n\n`);
});

test("a ticket opens one socket, and no token but by a signed-in route", async () => {
  const server = await servers.start("tickets", { everyMs: HOUR });
  const ada = await server.signUp();
  const ticketFor = (headers: Record<string, string>) => server.post("/ticket", headers);
  expect((await ticketFor({})).status).toBe(401);
  const ticket = await (await ticketFor({ authorization: `Bearer ${ada.accessToken}` })).text();
  for (const wrong of ["", "x", ada.accessToken, `${ticket}x`])
    expect(await open(server, {}, wrong)).toBe(4401);
  const { userId, closed } = await opened(server, { origin: "https://any.example" }, ticket);
  expect(userId).toBe(ada.userId);
  expect(await open(server, {}, ticket)).toBe(4401); // it was used
  await server.signOut(ada, "own");
  expect(await closed).toBe(1006);
});
