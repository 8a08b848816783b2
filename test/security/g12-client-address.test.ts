// Class: forged forwarding headers as limit keys (60 guesses with a new X-Forwarded-For each were all
// answered by a widely used peer).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHandler, toNodeHandler } from "sallyport/http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeAuth, times } from "../support/harness.ts";

const FORGED = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "x-client-ip",
];

let harness = makeAuth();
const server = createServer((request, response) =>
  toNodeHandler(createHandler(harness.auth))(request, response),
);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  harness = makeAuth();
});

function login(headers: Record<string, string>, localAddress = "127.0.0.1"): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options = {
    port,
    host: "127.0.0.1",
    localAddress,
    path: "/auth/login",
    method: "POST",
    agent: false,
  } as const;
  const outgoing = httpRequest(
    { ...options, headers: { "content-type": "application/json", ...headers } },
    (response) => {
      response.resume().on("end", () => resolve(response.statusCode as number));
    },
  );
  outgoing.on("error", reject).end(JSON.stringify({ email: "ada@example.com", password: "wrong" }));
  return promise;
}

test("no header moves the client's address: the sixth login of a socket is refused, whatever it claims", async () => {
  for (const header of FORGED) {
    harness = makeAuth();
    const statuses = [];
    for (const index of times(6, (i) => i)) {
      const value = header === "forwarded" ? `for=192.0.2.${index}` : `192.0.2.${index}`;
      statuses.push(await login({ [header]: value }));
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  }
});

test("sessions and events name the socket's address, and another socket has its own budget", async () => {
  for (const _ of times(6, (i) => i)) await login({ "x-forwarded-for": "192.0.2.1" });
  expect(await login({}, "127.0.0.2")).toBe(401);
  await new Promise((resolve) => setImmediate(resolve));
  expect([...new Set(harness.sink.events.map((event) => event.ip))]).toEqual(["127.0.0.1", "127.0.0.2"]);
});

test("a peer that resets its connection after sending gets no attempt without an address", async () => {
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify({ email: "ada@example.com", password: "wrong" });
  const head = "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json";
  // From another process: the reset must be there before this one reads.
  const script = `
    const net = require("node:net");
    let open = 60;
    for (let i = 0; i < 60; i++) {
      const socket = net.connect(${port}, "127.0.0.1", () => {
        socket.write(${JSON.stringify(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)}, () => {
          socket.resetAndDestroy();
          if (--open === 0) process.exit();
        });
      });
      socket.on("error", () => {});
    }`;
  await new Promise((resolve) => spawn(process.execPath, ["-e", script]).on("exit", resolve));
  for (let waited = 0; waited < 20; waited++) await new Promise((resolve) => setImmediate(resolve));
  expect(await login({})).not.toBe(0); // the server lives on
  await new Promise((resolve) => setImmediate(resolve));
  expect(harness.sink.events.filter((event) => event.ip === null)).toEqual([]);
  expect(harness.sink.events.filter((event) => event.outcome === "failure").length).toBeLessThanOrEqual(5);
});

test("on a Unix socket nothing is served without an address, and the operator is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-g12-"));
  const errors: unknown[] = [];
  const handler = toNodeHandler(createHandler(harness.auth, { onError: (error) => errors.push(error) }));
  const unix = createServer(handler);
  const socketPath = join(folder, "socket");
  await new Promise<void>((resolve) => unix.listen(socketPath, resolve));
  const status = await new Promise((resolve) => {
    const outgoing = httpRequest(
      { socketPath, path: "/auth/login", method: "POST", agent: false },
      (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      },
    );
    outgoing.end("{}");
  });
  await new Promise((resolve) => unix.close(resolve));
  rmSync(folder, { recursive: true });
  expect(status).toBe(500);
  expect(errors.map(String)).toEqual([expect.stringContaining("client's address is not known")]);
});

test("a Request without a stated client is not served: no address is guessed", async () => {
  const handler = createHandler(harness.auth);
  const request = () =>
    new Request("http://localhost/auth/me", { headers: { "x-forwarded-for": "192.0.2.1" } });
  await expect(handler(request(), undefined as never)).rejects.toThrow(/client\.ip/);
  await expect(handler(request(), {} as never)).rejects.toThrow(/client\.ip/);
  expect((await handler(request(), { ip: "192.0.2.7" })).status).toBe(401);
});
