// The front of examples/cluster: what it passes on, what it tries again, and what it must not.
import { once } from "node:events";
import { createServer, request as httpRequest, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createFront } from "../../examples/cluster/front.ts";
import { rawAnswer } from "../support/http.ts";
import { type Answer, type Call, call } from "./demo.ts";

const open = new Set<Server>();

afterEach(() => {
  for (const server of open) server.close().closeAllConnections();
  open.clear();
});

async function listening(server: Server): Promise<number> {
  open.add(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Instances that answer so, and a front before them. */
async function frontOf(
  ...listeners: readonly RequestListener[]
): Promise<{ port: number; send(method: string, options?: Call): Promise<Answer> }> {
  const ports: number[] = [];
  for (const listener of listeners) ports.push(await listening(createServer(listener)));
  const port = await listening(createFront(() => ports));
  return { port, send: (method, options) => call(`http://127.0.0.1:${port}/path?a=b`, method, options) };
}

const says =
  (text: string): RequestListener =>
  (_request, response) =>
    void response.end(text);

/** Reads all of the request, and dies before it answers. */
const dies =
  (seen: string[]): RequestListener =>
  async (request) => {
    seen.push(request.method ?? "");
    await request.toArray();
    request.socket.destroy();
  };

/** Ask for it last: the next to listen may be given it. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("each instance has its turn", async () => {
  const { send } = await frontOf(says("1"), says("2"), says("3"));
  const bodies: string[] = [];
  for (let turn = 0; turn < 6; turn++) bodies.push((await send("GET")).body);
  expect(bodies.join("")).toBe("123123");
});

test("an instance that is not there costs nobody an answer, whatever the method, and has a rest", async () => {
  const there = await listening(createServer((request, response) => void request.pipe(response)));
  const ports = [there];
  const port = await listening(createFront(() => ports));
  ports.unshift(await unusedPort());
  for (const [index, method] of ["POST", "DELETE", "GET", "PUT"].entries()) {
    const body = method.startsWith("P") ? `body ${index}` : undefined;
    const answer = await call(`http://127.0.0.1:${port}/`, method, { body });
    expect([answer.status, answer.body]).toEqual([200, body ?? ""]);
  }
});

test("a POST whose connection broke in the middle is never sent again: it may have happened", async () => {
  const seen: string[] = [];
  const { send } = await frontOf(dies(seen), dies(seen), dies(seen));
  for (const method of ["POST", "DELETE", "PUT"]) {
    const answer = await send(method, method === "DELETE" ? {} : { body: { note: "once" } });
    expect([answer.status, answer.json.code, answer.json.status]).toEqual([502, "answer_lost", 502]);
    expect(answer.headers).toMatchObject({
      "content-type": "application/problem+json",
      "retry-after": "1",
      "cache-control": "no-store",
    });
  }
  expect(seen).toEqual(["POST", "DELETE", "PUT"]);
});

test("a GET whose connection broke in the middle gets its answer from another instance", async () => {
  const seen: string[] = [];
  const { send } = await frontOf(dies(seen), says("there"));
  const answer = await send("GET");
  expect([answer.status, answer.body, seen]).toEqual([200, "there", ["GET"]]);
});

test("a GET with a body is not sent again: the body is gone", async () => {
  const seen: string[] = [];
  const { send } = await frontOf(dies(seen), says("there"));
  const headers = { "content-length": "4" };
  expect((await send("GET", { body: "body", headers })).status).toBe(502);
});

test("an answer that breaks off is seen to break off, and is not completed by another instance", async () => {
  const { send } = await frontOf((_request, response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("half");
    setImmediate(() => response.destroy());
  }, says("whole"));
  await expect(send("GET")).rejects.toThrow();
});

test("with no instance the answer is a problem, and says when to come again", async () => {
  const none = await listening(createFront(() => []));
  const silent: number[] = [];
  const refused = await listening(createFront(() => silent));
  silent.push(await unusedPort(), await unusedPort());
  for (const port of [none, refused, refused]) {
    const answer = await call(`http://127.0.0.1:${port}/`, "POST", { body: {} });
    expect([answer.status, answer.json.code, answer.headers["retry-after"]]).toEqual([
      503,
      "unavailable",
      "1",
    ]);
  }
  expect(await rawAnswer(refused, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")).toMatch(/^HTTP\/1\.1 503 /);
});

test("an instance that comes back is asked again", async () => {
  const ports: number[] = [];
  const front = await listening(createFront(() => ports));
  const port = await unusedPort();
  ports.push(port);
  expect((await call(`http://127.0.0.1:${front}/`, "GET")).status).toBe(503);
  const back = createServer(says("back"));
  open.add(back);
  await once(back.listen(port, "127.0.0.1"), "listening");
  expect((await call(`http://127.0.0.1:${front}/`, "GET")).body).toBe("back");
});

test("the peer's address stands to the right of what the client says, and nothing else is lost", async () => {
  const { port, send } = await frontOf((request, response) => {
    const { method, url, headersDistinct } = request;
    response.writeHead(200, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
    response.end(JSON.stringify({ method, url, headers: headersDistinct }));
  });
  const plain = await send("DELETE", { token: "t" });
  expect(plain.json).toMatchObject({ method: "DELETE", url: "/path?a=b" });
  expect(plain.json.headers).toMatchObject({
    "x-forwarded-for": ["127.0.0.1"],
    authorization: ["Bearer t"],
    host: [`127.0.0.1:${port}`],
  });
  expect(plain.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect(plain.headers["x-served-by"]).toMatch(/^\d+$/);

  const forged = await send("GET", { headers: { "x-forwarded-for": "198.51.100.1" } });
  expect(forged.json.headers["x-forwarded-for"]).toEqual(["198.51.100.1, 127.0.0.1"]);
  // `Connection` may name what ends here, but not the address.
  const stripping = { connection: "close, x-forwarded-for, x-mine", "x-mine": "1" };
  const stripped = (await send("GET", { headers: stripping })).json.headers;
  expect([stripped["x-forwarded-for"], stripped["x-mine"]]).toEqual([["127.0.0.1"], undefined]);
});

test("a repeated header stays repeated: whoever judges it must see that", async () => {
  const { port } = await frontOf((request, response) => {
    response.end(JSON.stringify(request.headersDistinct["authorization"]));
  });
  const request = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n";
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.write(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  expect((await socket.toArray()).join("")).toContain('["Bearer a","Bearer b"]');
});

test("no body can carry a second request past the front", async () => {
  const seen: string[] = [];
  const { port } = await frontOf(async (request, response) => {
    seen.push(`${request.method} ${Buffer.concat(await request.toArray())}`);
    response.end();
  });
  const smuggled = "GET /auth/me HTTP/1.1\r\nHost: a\r\n\r\n";
  const size = smuggled.length;
  const bodies = [
    `Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    `Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n\r\n${size.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    `Content-Length: ${size}\r\n\r\n${smuggled}`,
    `Content-Length: ${size}\r\nConnection: content-length\r\n\r\n${smuggled}`,
  ];
  for (const method of ["GET", "DELETE", "POST"]) {
    for (const body of bodies) await rawAnswer(port, `${method} / HTTP/1.1\r\nHost: a\r\n${body}`);
    expect(seen.splice(0)).toEqual(Array(bodies.length).fill(`${method} ${smuggled}`));
  }
  const both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  expect(await rawAnswer(port, `POST / HTTP/1.1\r\nHost: a\r\n${both}`)).toMatch(/^HTTP\/1\.1 400 /);
  expect(seen).toEqual([]);
});

test("a body that is said to be too large is refused before an instance sees it", async () => {
  const { send } = await frontOf((request, response) => void request.pipe(response));
  for (const [bytes, status] of [
    [64 * 1024, 200],
    [64 * 1024 + 1, 413],
  ] as const) {
    const answer = await send("POST", {
      body: "x".repeat(bytes),
      headers: { "content-length": String(bytes) },
    });
    expect([bytes, answer.status]).toEqual([bytes, status]);
  }
});

test("a body of unknown length passes as a stream, both ways", async () => {
  const { port } = await frontOf((request, response) => void request.pipe(response));
  const sent = 32 * 1024 * 1024;
  const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false });
  const answered = once(request, "response");
  const chunk = Buffer.alloc(64 * 1024, 1);
  const write = async (): Promise<void> => {
    for (let written = 0; written < sent; written += chunk.length) {
      if (!request.write(chunk)) await once(request, "drain");
    }
    request.end();
  };
  const writing = write();
  const [response] = await answered;
  let received = 0;
  for await (const part of response) received += part.length;
  await writing;
  expect(received).toBe(sent);
});

test("when the client goes away, the instance's request ends too", async () => {
  const left = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { port } = await frontOf((_request, response) => {
    response.once("close", () => left.resolve());
    arrived.resolve();
  });
  const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false });
  request.on("error", () => {});
  request.end("{}");
  await arrived.promise;
  request.destroy();
  await left.promise;
});
