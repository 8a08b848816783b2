// Classes: X-Forwarded-For trusted by default (allauth 65.14.2; a widely used peer answered 60 guesses with a
// new header each), limiter keys that are not canonical (better-auth CVE-2026-45364, express-rate-limit
// CVE-2026-30827), header blocks that are cut where a proxy's own line would stand.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHandler, type ProxyOptions, toNodeHandler } from "sallyport/http";
import { afterEach, describe, expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD, times } from "../../support/harness.ts";
import { type HeaderLines, type Listening, listenOn, SERVERS } from "../../support/three-servers.ts";

const PROXY = "127.0.0.1";
const STRANGER = "127.0.0.2";
/** What the proxy appends: whom it saw. */
const TRUE = "198.51.100.9";

interface Attack {
  readonly name: string;
  readonly options: ProxyOptions;
  /** What the server is sent at each attempt: the forged part changes, so that a key made of it would too. */
  readonly headers: (attempt: number) => HeaderLines;
  readonly ip: string;
  /** Default: the proxy. */
  readonly from?: string;
}

const ONE = { trustedProxies: [PROXY] } as const;
const CHAIN = { trustedProxies: [PROXY, "10.0.0.0/8", "2001:db8:aaaa::/48"] } as const;
const RFC = { ...ONE, forwardedHeader: "forwarded" } as const;
const COUNT = (trustedProxies: number) => ({ trustedProxies });
const xff = (write: (forged: string) => string | string[]) => (attempt: number) => ({
  "x-forwarded-for": write(`192.0.2.${attempt}`),
});
const fwd = (write: (forged: string) => string | string[]) => (attempt: number) => ({
  forwarded: write(`192.0.2.${attempt}`),
});

const X_FORWARDED_FOR: readonly Attack[] = [
  { name: "a stranger's header", options: ONE, headers: xff((f) => f), ip: STRANGER, from: STRANGER },
  { name: "no trust at all", options: {}, headers: xff((f) => f), ip: PROXY },
  { name: "a forged left", options: ONE, headers: xff((f) => `${f}, ${TRUE}`), ip: TRUE },
  { name: "a forged trusted left", options: CHAIN, headers: xff((f) => `${f}, 10.1.1.1, ${TRUE}`), ip: TRUE },
  {
    name: "a forged right, behind a proxy that appends",
    options: CHAIN,
    headers: xff((f) => `${f}, 10.9.9.9, ${TRUE}, 10.1.1.1`),
    ip: TRUE,
  },
  { name: "a chain", options: CHAIN, headers: xff((f) => `${f}, ${TRUE}, 10.1.1.1,10.2.2.2`), ip: TRUE },
  {
    name: "a chain of both versions",
    options: CHAIN,
    headers: xff((f) => `${f}, ${TRUE}, [2001:DB8:AAAA::1]:443, ::ffff:10.2.2.2`),
    ip: TRUE,
  },
  { name: "only proxies", options: CHAIN, headers: xff(() => "10.3.3.3, 10.2.2.2"), ip: "10.3.3.3" },
  { name: "a repeated header", options: ONE, headers: xff((f) => [f, `${f}, ${TRUE}`]), ip: TRUE },
  { name: "a line of its own", options: ONE, headers: xff((f) => [f, f, TRUE]), ip: TRUE },
  { name: "ports", options: ONE, headers: xff((f) => `${f}:1, ${TRUE}:${f.slice(8)}`), ip: TRUE },
  { name: "a port too large", options: ONE, headers: xff((f) => `${f}, ${TRUE}:65536`), ip: PROXY },
  { name: "brackets", options: ONE, headers: xff((f) => `${f}, [2001:db8::9]`), ip: "2001:db8::9" },
  {
    name: "brackets and ports",
    options: ONE,
    headers: (i) => ({ "x-forwarded-for": `[2001:db8:0::9]:${i}` }),
    ip: "2001:db8::9",
  },
  { name: "IPv4 in brackets", options: ONE, headers: xff((f) => `${f}, [${TRUE}]`), ip: PROXY },
  { name: "IPv4-mapped", options: ONE, headers: xff((f) => `${f}, ::FFFF:${TRUE}`), ip: TRUE },
  { name: "IPv4-mapped in hex", options: ONE, headers: xff((f) => `${f}, [::ffff:c633:6409]`), ip: TRUE },
  {
    name: "zone ids",
    options: ONE,
    headers: (i) => ({ "x-forwarded-for": `fe80::1%eth${i}` }),
    ip: "fe80::1",
  },
  { name: "a zone on IPv4", options: ONE, headers: xff((f) => `${f}, ${TRUE}%1`), ip: PROXY },
  { name: "a private client", options: ONE, headers: xff((f) => `${f}, 10.0.0.7`), ip: "10.0.0.7" },
  { name: "a loopback client", options: ONE, headers: xff((f) => `${f}, ::1`), ip: "::1" },
  { name: "unknown", options: ONE, headers: xff((f) => `${f}, unknown`), ip: PROXY },
  {
    name: "unknown in a chain",
    options: CHAIN,
    headers: xff((f) => `${f}, unknown, 10.1.1.1`),
    ip: "10.1.1.1",
  },
  { name: "an obfuscated identifier", options: ONE, headers: xff((f) => `${f}, _hidden`), ip: PROXY },
  { name: "an octal address", options: ONE, headers: xff((f) => `${f}, 0306.51.100.9`), ip: PROXY },
  { name: "a short address", options: ONE, headers: xff((f) => `${f}, 198.51.9`), ip: PROXY },
  { name: "a name", options: ONE, headers: xff((f) => `${f}, localhost`), ip: PROXY },
  { name: "a quoted address", options: ONE, headers: xff((f) => `${f}, "${TRUE}"`), ip: PROXY },
  { name: "an empty last element", options: ONE, headers: xff((f) => `${f}, ${TRUE}, `), ip: TRUE },
  { name: "empty elements", options: CHAIN, headers: xff((f) => `${f},${TRUE},, ,10.1.1.1`), ip: TRUE },
  { name: "an empty header", options: ONE, headers: xff(() => ""), ip: PROXY },
  { name: "an empty last line", options: ONE, headers: xff((f) => [f, TRUE, ""]), ip: TRUE },
  {
    name: "10,000 forged hops",
    options: ONE,
    headers: xff((f) => `${`${f}, `.repeat(9_999)}${TRUE}`),
    ip: TRUE,
  },
  {
    name: "10,000 trusted hops",
    options: CHAIN,
    headers: xff((f) => `${f}, ${"10.1.1.1, ".repeat(9_998)}10.2.2.2`),
    ip: "10.1.1.1",
  },
  { name: "one long hop", options: ONE, headers: xff((f) => `${f}, ${" ".repeat(9_000)}x`), ip: PROXY },
  { name: "no header", options: ONE, headers: () => ({}), ip: PROXY },
  {
    name: "other headers",
    options: ONE,
    headers: (i) =>
      Object.fromEntries(
        ["x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip", "fly-client-ip"].map((name) => [
          name,
          `192.0.2.${i}`,
        ]),
      ),
    ip: PROXY,
  },
  {
    name: "the other header as well",
    options: ONE,
    headers: (i) => ({ "x-forwarded-for": TRUE, forwarded: `for=192.0.2.${i}` }),
    ip: TRUE,
  },
  { name: "the other header alone", options: ONE, headers: fwd((f) => `for=${f}`), ip: PROXY },
];

const HOP_COUNTS: readonly Attack[] = [
  { name: "one hop", options: COUNT(1), headers: xff((f) => `${f}, ${TRUE}`), ip: TRUE },
  { name: "one hop from any peer", options: COUNT(1), headers: xff(() => TRUE), ip: TRUE, from: STRANGER },
  { name: "two hops", options: COUNT(2), headers: xff((f) => `${f}, ${TRUE}, 203.0.113.1`), ip: TRUE },
  {
    name: "two hops in two lines",
    options: COUNT(2),
    headers: xff((f) => [f, TRUE, "203.0.113.1"]),
    ip: TRUE,
  },
  { name: "fewer hops", options: COUNT(3), headers: xff(() => `${TRUE}, 203.0.113.1`), ip: TRUE },
  { name: "no hop", options: COUNT(3), headers: () => ({}), ip: PROXY },
  {
    name: "a malformed second hop",
    options: COUNT(2),
    headers: xff((f) => `${f}, unknown, 203.0.113.1`),
    ip: "203.0.113.1",
  },
  { name: "a malformed first hop", options: COUNT(2), headers: xff((f) => `${f}, x`), ip: PROXY },
];

const FORWARDED: readonly Attack[] = [
  { name: "a forged left", options: RFC, headers: fwd((f) => `for=${f}, for=${TRUE}`), ip: TRUE },
  {
    name: "parameters around it",
    options: RFC,
    headers: fwd((f) => `for=${f}, by=_me;FOR="${TRUE}:4711"; proto=https;host="a.example"`),
    ip: TRUE,
  },
  {
    name: "IPv6",
    options: RFC,
    headers: fwd((f) => `for=${f}, for="[2001:DB8:0:0::9]:4711"`),
    ip: "2001:db8::9",
  },
  {
    name: "an open quote on the left",
    options: RFC,
    headers: fwd((f) => `for="${f}, for=${TRUE}`),
    ip: TRUE,
  },
  {
    name: "an open quote in a line before",
    options: RFC,
    headers: fwd((f) => [`for=${f};host="`, `for=${TRUE}`]),
    ip: TRUE,
  },
  {
    name: "an open quote before a quoted element",
    options: RFC,
    headers: fwd((f) => `for=${f};host=", for="${TRUE}"`),
    ip: TRUE,
  },
  {
    name: "a comma in quotes",
    options: RFC,
    headers: fwd((f) => `for=${TRUE};host="a, for=${f}"`),
    ip: PROXY,
  },
  {
    name: "a semicolon in quotes",
    options: RFC,
    headers: fwd((f) => `for=${TRUE};host="a;for=${f};"`),
    ip: TRUE,
  },
  {
    name: "an open quote in the last element",
    options: RFC,
    headers: fwd((f) => `for=${f}, for=${TRUE};host="`),
    ip: PROXY,
  },
  {
    name: "words after the last element",
    options: RFC,
    headers: fwd((f) => `for=${TRUE} for=${f}`),
    ip: PROXY,
  },
  { name: "two for=", options: RFC, headers: fwd((f) => `for=${f};for=${TRUE}`), ip: PROXY },
  { name: "no for=", options: RFC, headers: fwd((f) => `for=${f}, proto=https`), ip: PROXY },
  { name: "an escape", options: RFC, headers: fwd((f) => `for=${f}, for="198.51.100\\.9"`), ip: PROXY },
  { name: "unknown", options: RFC, headers: fwd((f) => `for=${f}, for=unknown`), ip: PROXY },
  { name: "an obfuscated identifier", options: RFC, headers: fwd((f) => `for=${f}, for=_hidden`), ip: PROXY },
  { name: "an obfuscated port", options: RFC, headers: fwd((f) => `for=${f}, for="${TRUE}:_x"`), ip: PROXY },
  { name: "an empty element", options: RFC, headers: fwd((f) => `for=${f}, for=${TRUE},`), ip: TRUE },
  { name: "an address alone", options: RFC, headers: fwd((f) => `for=${f}, ${TRUE}`), ip: PROXY },
  { name: "spaces around =", options: RFC, headers: fwd((f) => `for=${f}, for = ${TRUE}`), ip: PROXY },
  {
    name: "the other header as well",
    options: RFC,
    headers: (i) => ({ forwarded: `for=${TRUE}`, "x-forwarded-for": `192.0.2.${i}` }),
    ip: TRUE,
  },
  { name: "the other header alone", options: RFC, headers: xff((f) => f), ip: PROXY },
];

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

function opened(server: Listening): Listening {
  open.push(server);
  return server;
}

/** Whom limits, events and sessions see at six attempts and a signup after them. */
async function seen(server: Listening, { headers, from }: Pick<Attack, "headers" | "from">) {
  const sender = from === undefined ? {} : { from };
  const login = { path: "/auth/login", body: { email: "nobody@example.com", password: "Wrong1horse" } };
  const statuses = [];
  for (const attempt of times(6, (index) => index)) {
    statuses.push((await server.send({ ...login, ...sender, headers: headers(attempt) })).status);
  }
  const signup = { path: "/auth/signup", body: { email: EMAIL, password: PASSWORD } };
  const { json } = await server.send({ ...signup, ...sender, headers: headers(6) });
  const withToken = { ...headers(7), authorization: `Bearer ${json.accessToken}` };
  const list = await server.send({ path: "/auth/sessions", method: "GET", ...sender, headers: withToken });
  return { statuses, session: list.json.sessions[0].ip };
}

const BOUNDED = [401, 401, 401, 401, 401, 429];

describe.each(SERVERS)("behind %s", (_name, start) => {
  test.each([
    ...X_FORWARDED_FOR.map((attack) => ({ ...attack, header: "X-Forwarded-For" })),
    ...HOP_COUNTS.map((attack) => ({ ...attack, header: "a number of hops" })),
    ...FORWARDED.map((attack) => ({ ...attack, header: "Forwarded" })),
  ])("$header, $name: limits, sessions and events see $ip", async (attack) => {
    const { auth, sink } = makeAuth();
    const server = opened(await start(createHandler(auth, attack.options)));
    expect(await seen(server, attack)).toEqual({ statuses: BOUNDED, session: attack.ip });
    await new Promise((resolve) => setImmediate(resolve));
    expect([...new Set(sink.events.map((event) => event.ip))]).toEqual([attack.ip]);
    expect(sink.events.length).toBe(7); // five guesses, one refusal, one signup
  });

  test("another client of the same proxy has a budget of its own", async () => {
    const server = opened(await start(createHandler(makeAuth().auth, ONE)));
    expect((await seen(server, { headers: () => ({ "x-forwarded-for": TRUE }) })).statuses).toEqual(BOUNDED);
    const other = { "x-forwarded-for": "198.51.100.10" };
    const body = { email: "nobody@example.com", password: "Wrong1horse" };
    expect((await server.send({ path: "/auth/login", headers: other, body })).status).toBe(401);
  });

  test("a client that rotates through its /64 has one budget, and through a /48 ten times that", async () => {
    const server = opened(await start(createHandler(makeAuth().auth, ONE)));
    const login = async (ip: string, index: number) => {
      const body = { email: `user${index}@example.com`, password: "Wrong1horse" };
      const headers = { "x-forwarded-for": `192.0.2.${index}, ${ip}` };
      return (await server.send({ path: "/auth/login", headers, body })).status;
    };
    const within64 = [];
    for (const index of times(6, (i) => i))
      within64.push(await login(`2001:db8:1:2:${index}::${index}`, index));
    expect(within64).toEqual(BOUNDED);
    const within48 = [];
    for (const index of times(51, (i) => i)) within48.push(await login(`[2001:db8:2:${index}::1]`, index));
    expect(within48.indexOf(429)).toBe(50);
  });
});

test("a peer of IPv4 on a server of IPv6 is judged by the IPv4 ranges", async () => {
  const { auth, sink } = makeAuth();
  const handler = toNodeHandler(createHandler(auth, ONE));
  const server = opened(await listenOn(handler, "::ffff:127.0.0.1"));
  const body = { email: "nobody@example.com", password: "Wrong1horse" };
  await server.send({ path: "/auth/login", headers: { "x-forwarded-for": TRUE }, body });
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.events.map((event) => event.ip)).toEqual([TRUE]);
});

describe("on a Unix socket", () => {
  const LIST = { trustedProxies: ["unix", "10.0.0.0/8"] } as const;

  async function onUnixSocket(options: ProxyOptions) {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-proxies-"));
    const { auth, sink } = makeAuth();
    const errors: unknown[] = [];
    const handler = createHandler(auth, { ...options, onError: (error) => errors.push(error) });
    const server = await listenOn(toNodeHandler(handler), { path: join(folder, "socket") });
    open.push({
      close: async () => {
        await server.close();
        rmSync(folder, { recursive: true });
      },
    });
    return { server, sink, errors };
  }

  test.each<Pick<Attack, "name" | "options" | "headers" | "ip">>([
    { name: "a forged left", options: LIST, headers: xff((f) => `${f}, ${TRUE}`), ip: TRUE },
    { name: "a chain", options: LIST, headers: xff((f) => `${f}, ${TRUE}, 10.1.1.1`), ip: TRUE },
    { name: "a malformed end", options: LIST, headers: xff((f) => `${f}, x, 10.1.1.1`), ip: "10.1.1.1" },
    { name: "one hop", options: COUNT(1), headers: xff((f) => `${f}, ${TRUE}`), ip: TRUE },
    { name: "two hops", options: COUNT(2), headers: xff((f) => `${f}, ${TRUE}, 10.1.1.1`), ip: TRUE },
    {
      name: "Forwarded",
      options: { ...LIST, forwardedHeader: "forwarded" },
      headers: fwd((f) => `for="${f}, for=${TRUE}`),
      ip: TRUE,
    },
  ])("$name: the header decides where the socket is trusted", async ({ options, headers, ip }) => {
    const { server, sink, errors } = await onUnixSocket(options);
    expect(await seen(server, { headers })).toEqual({ statuses: BOUNDED, session: ip });
    expect([...new Set(sink.events.map((event) => event.ip))]).toEqual([ip]);
    expect(errors).toEqual([]);
  });

  test.each<Pick<Attack, "name" | "options" | "headers">>([
    { name: "no trust", options: {}, headers: xff(() => TRUE) },
    { name: "trust in others", options: { trustedProxies: ["loopback"] }, headers: xff(() => TRUE) },
    { name: "no header", options: LIST, headers: () => ({}) },
    { name: "no header and a number", options: COUNT(1), headers: () => ({}) },
    { name: "a malformed hop", options: LIST, headers: xff(() => "unknown") },
    { name: "the word itself", options: LIST, headers: xff(() => "unix") },
    { name: "an empty header", options: COUNT(2), headers: xff(() => "") },
  ])("$name: nothing is served, and the operator hears the mend", async ({ options, headers }) => {
    const { server, sink, errors } = await onUnixSocket(options);
    const body = { email: EMAIL, password: PASSWORD };
    const { status, json } = await server.send({ path: "/auth/signup", headers: headers(0), body });
    expect([status, json.code]).toEqual([500, "internal_error"]);
    expect(errors.map(String)).toEqual([
      expect.stringMatching(/address is not known.*"unix" in trustedProxies/),
    ]);
    expect(sink.events).toEqual([]);
  });
});

describe("a peer that is gone", () => {
  const UNIX = { trustedProxies: ["unix"] } as const;
  const headers = { "x-forwarded-for": TRUE };
  const tell = (socket: object, options: ProxyOptions = UNIX) =>
    createHandler(makeAuth().auth, options).clientAddress({ socket, headers });

  test("does not pass for one on a Unix socket, whose header would be believed", () => {
    expect(tell({})).toBe(TRUE);
    expect(tell({ server: { address: () => "/run/app.sock" } })).toBe(TRUE);
    expect(tell({ server: { address: () => null } })).toBe(TRUE); // a descriptor that was handed over
    expect(tell({ destroyed: true })).toBeUndefined();
    expect(tell({ localAddress: "127.0.0.1" })).toBeUndefined();
    expect(tell({ server: { address: () => ({ address: "127.0.0.1", port: 1 }) } })).toBeUndefined();
    expect(tell({ destroyed: true }, COUNT(1))).toBeUndefined();
  });

  test("has no address on a real socket either, once its connection is closed", async () => {
    const handler = createHandler(makeAuth().auth, UNIX);
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    const server = opened(await listenOn((request) => resolve(request)));
    void server.send({ path: "/", headers: { "x-forwarded-for": TRUE } }).catch(() => {});
    const request = await promise;
    request.socket.destroy();
    await once(request.socket, "close");
    // Node may remember the peer's address, but never what the header says.
    expect([undefined, PROXY]).toContain(handler.clientAddress(request));
  });
});

test("a header block that may have been cut says nothing: the proxy's line could be what is missing", () => {
  const handler = createHandler(makeAuth().auth, ONE);
  const tell = (fillers: number) =>
    handler.clientAddress({
      socket: { remoteAddress: PROXY },
      headers: { "x-forwarded-for": "192.0.2.1", a: times(fillers, () => "").join(", ") },
      headersDistinct: { "x-forwarded-for": ["192.0.2.1"], a: times(fillers, () => "") },
    });
  expect(tell(998)).toBe("192.0.2.1");
  expect(tell(999)).toBe(PROXY);
});

test("more lines than Node keeps are no way to hide what the proxy appended", async () => {
  const { auth, sink } = makeAuth();
  const server = await import("node:http").then(({ createServer }) =>
    createServer(toNodeHandler(createHandler(auth, ONE))),
  );
  await new Promise<void>((resolve) => server.listen(0, PROXY, resolve));
  const { port } = server.address() as { port: number };
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const head = `POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const lines = `X-Forwarded-For: 192.0.2.1\r\n${"a:\r\n".repeat(1100)}X-Forwarded-For: ${TRUE}`;
  const socket = connect(port, PROXY, () => socket.write(`${head}\r\n${lines}\r\n\r\n${body}`));
  socket.resume();
  await once(socket, "data");
  socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.events.map((event) => event.ip).filter((ip) => ip !== PROXY)).toEqual([]);
});
