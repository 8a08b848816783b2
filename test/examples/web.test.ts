import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { boundedServer } from "../../examples/shared/bounded-server.ts";
import { openNotes, type SqliteNotes } from "../../examples/shared/sqlite-notes.ts";
import { type App, createApp } from "../../examples/web/app.ts";
import { toNodeListener } from "../../examples/web/node-bridge.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { followPage } from "./readme-commands.ts";
import { behavesAsProcess, useFolder } from "./server-process.ts";

const CLIENT = { ip: "203.0.113.7" };
const JSON_TYPE = { "content-type": "application/json" };

describe("as a process", () => {
  useFolder();
  behavesAsProcess("web", "npm run demo:web");
});

describe("the application, without any server", () => {
  let app: App;
  let notes: SqliteNotes;
  let failures: unknown[];

  beforeEach(() => {
    notes = openNotes(":memory:");
    failures = [];
    app = createApp({ auth: makeAuth().auth, notes, onError: (error) => failures.push(error) });
  });

  interface Call {
    readonly token?: string;
    readonly body?: BodyInit;
    readonly headers?: Record<string, string>;
  }

  async function send(method: string, path: string, { token, body, headers }: Call = {}) {
    const init = {
      method,
      duplex: "half", // for bodies that are streams
      headers: { ...JSON_TYPE, ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body }),
    };
    const answer = await app(new Request(`https://app.example${path}`, init), CLIENT);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text === "" ? null : JSON.parse(text) };
  }

  async function signUp(): Promise<{ token: string; path: string }> {
    const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
    const { status, json } = await send("POST", "/auth/signup", { body });
    expect(status).toBe(201);
    return { token: json.accessToken, path: `/api/users/${json.user.id}/notes` };
  }

  test("needs Request and Response only: no file of it imports from Node", () => {
    const files = filesBelow(new URL("../../examples/web/app.ts", import.meta.url));
    expect(files.size).toBeGreaterThan(2);
    const imported = [...files.values()].flat().filter((name) => !name.startsWith("."));
    expect([...new Set(imported)].sort()).toEqual(["sallyport", "sallyport/http"]);
  });

  test("from sign-up to sign-out, after which the same token opens nothing", async () => {
    const { token, path } = await signUp();
    const added = await send("POST", path, { token, body: '{"text":" a note "}' });
    expect([added.status, added.json.note.text]).toEqual([201, "a note"]);
    expect((await send("GET", path, { token })).json).toEqual({ notes: [added.json.note] });
    const trail = await send("GET", "/auth/events", { token });
    expect(trail.json.events).toMatchObject([{ type: "signup", ip: CLIENT.ip }]);
    expect((await send("DELETE", `${path}/${added.json.note.id}`, { token })).status).toBe(204);
    expect((await send("DELETE", `${path}/${added.json.note.id}`, { token })).status).toBe(404);
    expect((await send("POST", "/auth/logout", { token })).status).toBe(204);
    const after = await send("GET", path, { token });
    expect([after.status, after.json.code]).toEqual([401, "session_revoked"]);
    expect(after.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });

  test("every refusal is a problem, and who is not let in learns nothing of what a note must be", async () => {
    const { token, path } = await signUp();
    const endless = () => new ReadableStream({ pull: (body) => body.enqueue(new Uint8Array(1024)) });
    const refusals = [
      await send("GET", "/nothing"),
      await send("POST", "/health"),
      await send("GET", "/auth/nothing"),
      await send("POST", path, { body: "{" }),
      await send("GET", "/api/users/another-user/notes", { token }),
      await send("POST", path, { token, body: "{" }),
      await send("POST", path, { token, body: new Uint8Array([0x22, 0xff, 0x22]) }),
      await send("POST", path, { token, body: "text=a", headers: { "content-type": "text/plain" } }),
      await send("POST", path, { token, body: '{"text":5}' }),
      await send("POST", path, { token, body: endless() }),
      await send("PUT", path, { token, body: "{}" }),
    ];
    expect(refusals.map(({ status, json }) => [status, json.code])).toEqual([
      [404, "not_found"],
      [405, "method_not_allowed"],
      [404, "not_found"],
      [401, "token_missing"],
      [403, "forbidden"],
      [400, "malformed_request"],
      [400, "malformed_request"],
      [415, "unsupported_media_type"],
      [422, "invalid_input"],
      [413, "payload_too_large"],
      [404, "not_found"],
    ]);
    for (const { headers } of refusals) expect(headers.get("content-type")).toBe("application/problem+json");
    expect((await send("GET", path, { token })).json).toEqual({ notes: [] });
    expect(failures).toEqual([]);
  });

  test("a fault of the application is said inside, and outside it is an error without any detail", async () => {
    const { token, path } = await signUp();
    notes.close();
    const answer = await send("GET", path, { token });
    expect([answer.status, answer.json.code]).toEqual([500, "internal_error"]);
    expect(failures).toHaveLength(1);
  });

  test("the commands of its page do what they say, on node:http", async () => {
    const { port, close } = await listen(toNodeListener(app, (error) => failures.push(error)));
    expect(await followPage("examples/web/README.md", `http://127.0.0.1:${port}`)).toBeGreaterThan(4);
    await close();
  });
});

describe("the bridge to node:http", () => {
  const server = boundedServer((incoming, outgoing) => toNodeListener(app, fail)(incoming, outgoing));
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  let app: App;
  let port: number;
  let url: string;

  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    url = `http://127.0.0.1:${port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(failures.splice(0)).toEqual([]);
  });

  test("cookies of one answer stay apart, and repeated headers of a request are seen to be repeated", async () => {
    app = async ({ headers }) =>
      new Response(headers.get("authorization"), {
        headers: [
          ["set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
          ["set-cookie", "b=2"],
        ],
      });
    const head =
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: 1\r\nAuthorization: 2\r\n\r\n";
    const answer = await wholeExchange(port, head);
    expect(answer.match(/set-cookie: .*/gi)).toEqual([
      "set-cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "set-cookie: b=2",
    ]);
    expect(answer).toContain("1, 2");
  });

  test("the client is who holds the socket, whatever its headers say; the host of the URL is nobody's word", async () => {
    app = async (request, client) => Response.json([client, request.url]);
    const headers = { "x-forwarded-for": "198.51.100.1", forwarded: "for=198.51.100.1" };
    const answer = await fetch(`${url}/a?b=c`, { headers });
    expect(await answer.json()).toEqual([{ ip: "127.0.0.1" }, "http://localhost/a?b=c"]);
  });

  test("HEAD is answered with the headers alone, and the body is let go", async () => {
    const { promise: letGo, resolve } = Promise.withResolvers<void>();
    app = async () => new Response(new ReadableStream({ cancel: () => resolve() }), { headers: { a: "b" } });
    const answer = await fetch(url, { method: "HEAD" });
    expect([answer.status, answer.headers.get("a"), await answer.text()]).toEqual([200, "b", ""]);
    await letGo;
  });

  test("a body goes through as it comes, both ways at once", async () => {
    app = async ({ body }) => new Response(body);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const first = writer.write(new TextEncoder().encode("first"));
    const init = { method: "POST", body: readable, duplex: "half" };
    const reader = (await fetch(url, init)).body?.getReader();
    await first;
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first"); // the request has not ended
    const second = writer.write(new TextEncoder().encode("second"));
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("second");
    await Promise.all([second, writer.close()]);
    expect((await reader?.read())?.done).toBe(true);
  });

  test("an application hears of a client that went away, and may stop", async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
    app = ({ signal }) => {
      arrive();
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          hear();
          reject(signal.reason);
        });
      });
    };
    const client = connect(port, "127.0.0.1", () => client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    await arrived;
    client.destroy();
    await heard;
  });

  test("what streams to a client that went away is stopped", async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    app = async () =>
      new Response(
        new ReadableStream({
          pull: (body) => body.enqueue(new Uint8Array(65_536)),
          cancel: () => resolve(),
        }),
      );
    const client = connect(port, "127.0.0.1", () => client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    await new Promise((resolve) => client.once("data", resolve));
    client.destroy();
    await stopped;
  });

  test("an answer before the end of a large body reaches its client, and the rest is not waited for", async () => {
    app = async (request) => {
      for await (const _first of request.body ?? []) break; // which gives the rest up
      return new Response(null, { status: 413 });
    };
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nonly the beginning";
    const answer = await wholeExchange(port, head);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  test.each(["/a/../auth/me", "/a/%2e%2e/auth/me", "/a\\..\\auth/me", "http://x/auth/me", "*", "/a#b"])(
    "the target %s, which a URL would change, leads nowhere",
    async (target) => {
      const seen: string[] = [];
      app = async (request) => {
        seen.push(request.url);
        return new Response();
      };
      const answer = await wholeExchange(
        port,
        `OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(seen).toEqual([]);
    },
  );

  test("an application that throws becomes an error without any detail", async () => {
    app = async () => {
      throw new TypeError("the key is under the mat");
    };
    const answer = await fetch(url);
    expect([answer.status, (await answer.json()).code]).toEqual([500, "internal_error"]);
    expect(failures.splice(0)).toHaveLength(1);
  });

  test("an answer that breaks off in the application breaks off at its client, and is said inside", async () => {
    app = async () =>
      new Response(
        new ReadableStream({
          pull: () => {
            throw new TypeError("no more of it");
          },
        }),
      );
    const answer = await fetch(url);
    await expect(answer.text()).rejects.toThrow("terminated");
    await expect.poll(() => failures.splice(0)).toEqual([new TypeError("no more of it")]);
  });

  test("it has less than a hundred lines", () => {
    const file = new URL("../../examples/web/node-bridge.ts", import.meta.url);
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(100);
  });
});

/** All that comes back before the server closes the connection. */
async function wholeExchange(port: number, head: string): Promise<string> {
  const socket = connect(port, "127.0.0.1", () => socket.write(head));
  return Buffer.concat(await socket.toArray()).toString();
}

/** The files that a file is made of, each with what it imports by name. */
function filesBelow(file: URL, found = new Map<string, readonly string[]>()): Map<string, readonly string[]> {
  if (found.has(file.href)) return found;
  const imports = [...readFileSync(file, "utf8").matchAll(/(?:\bfrom|\bimport) *\(?"([^"]+)"/g)];
  const names = imports.map((match) => match[1] as string);
  found.set(file.href, names);
  for (const name of names) if (name.startsWith(".")) filesBelow(new URL(name, file), found);
  return found;
}
