// Class: a proxy that strips or adds a prefix, so that the cookies' path is not the one that the browser asks.
import { type AuthHandler, createHandler, type HandlerOptions, toNodeHandler } from "sallyport/http";
import { afterEach, describe, expect, test } from "vitest";
import { type Answer, call } from "../../src/testing/http/call.ts";
import { type CookieJar, cookieJar } from "../support/cookie-jar.ts";
import { ORIGIN } from "../support/cookies.ts";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { prefixFront, type Rewriting } from "../support/prefix-front.ts";

const COOKIE = { transport: "cookie", origins: [ORIGIN] } as const;
const CREDENTIALS = { email: EMAIL, password: PASSWORD };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Browser {
  readonly jar: CookieJar;
  readonly harness: Harness;
  readonly handler: AuthHandler;
  ask(method: string, path: string, body?: object): Promise<Answer>;
}

/** A browser before a front that rewrites paths, before a server of `node:http`. */
async function browse(rewriting: Rewriting, options: HandlerOptions): Promise<Browser> {
  const harness = makeAuth();
  const handler = createHandler(harness.auth, options);
  const server = await listen(toNodeHandler(handler));
  const front = await listen(prefixFront(server.port, rewriting));
  closing.push(front.close, server.close);
  const jar = cookieJar(() => harness.clock.now().getTime());
  const ask: Browser["ask"] = async (method, path, body) => {
    const headers = {
      ...jar.header(path),
      origin: ORIGIN,
      ...(body && { "content-type": "application/json" }),
    };
    const sent = { method, target: path, headers, body: body && JSON.stringify(body) };
    const answer = await call(`http://127.0.0.1:${front.port}`, sent);
    jar.keep(
      path,
      answer.headers.flatMap(([name, value]) => (name === "set-cookie" ? [value] : [])),
    );
    return answer;
  };
  return { jar, harness, handler, ask };
}

/** What nginx does with `location <from> { proxy_pass http://app<to>; }`. */
const FRONTS = [
  {
    title: "strips a prefix",
    rewriting: { from: "/api/", to: "/" },
    basePath: "/auth",
    publicPath: "/api/auth",
  },
  {
    title: "adds a prefix",
    rewriting: { from: "/accounts", to: "/internal/auth" },
    basePath: "/internal/auth",
    publicPath: "/accounts",
  },
  {
    title: "changes a prefix",
    rewriting: { from: "/v2/", to: "/v1/" },
    basePath: "/v1/auth",
    publicPath: "/v2/auth",
  },
] as const;

describe.each(FRONTS)("a front that $title", ({ rewriting, basePath, publicPath }) => {
  test("a browser stays signed in over rotations, and signs out", async () => {
    const { ask, jar, harness } = await browse(rewriting, { ...COOKIE, basePath, publicPath });
    expect((await ask("POST", `${publicPath}/signup`, CREDENTIALS)).status).toBe(201);
    const used = new Set<string>();
    for (let rotation = 0; rotation < 3; rotation++) {
      harness.clock.advance("20h");
      expect((await ask("POST", `${publicPath}/refresh`)).status).toBe(200);
      expect((await ask("GET", `${publicPath}/me`)).status).toBe(200);
      for (const { name, value } of jar.all()) if (name.endsWith("-refresh")) used.add(value);
    }
    expect(used.size).toBe(3);
    const paths = jar.all().map(({ name, path }) => [name, path]);
    expect(Object.fromEntries(paths)).toEqual({
      "__Host-sp-access": "/",
      "__Secure-sp-refresh": publicPath,
      "__Secure-sp-device": publicPath,
    });
    expect((await ask("POST", `${publicPath}/logout`)).status).toBe(204);
    expect(jar.all().map(({ name }) => name)).toEqual(["__Secure-sp-device"]);
  });

  test("the contract that it passes on names the paths that browsers ask", async () => {
    for (const transport of [COOKIE, {}]) {
      const { ask, handler } = await browse(rewriting, { ...transport, basePath, publicPath });
      expect([handler.basePath, handler.publicPath]).toEqual([basePath, publicPath]);
      const { paths, servers } = JSON.parse((await ask("GET", `${publicPath}/openapi.json`)).body);
      expect(servers).toEqual([{ url: "/" }]);
      expect(Object.keys(paths)).toContain(`${publicPath}/login`);
      expect(Object.keys(paths).filter((path) => !path.startsWith(`${publicPath}/`))).toEqual([]);
    }
  });

  test("without publicPath the refresh cookie does not come back: this is what the option is for", async () => {
    const { ask } = await browse(rewriting, { ...COOKIE, basePath });
    expect((await ask("POST", `${publicPath}/signup`, CREDENTIALS)).status).toBe(201);
    const refused = await ask("POST", `${publicPath}/refresh`);
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([401, "token_missing"]);
  });
});

test("without a front, publicPath is the base path, whichever that is", () => {
  const { auth } = makeAuth();
  for (const [options, paths] of [
    [{}, ["/auth", "/auth"]],
    [{ basePath: "/v1/accounts" }, ["/v1/accounts", "/v1/accounts"]],
    [{ publicPath: "/api/auth" }, ["/auth", "/api/auth"]],
    [{ basePath: "/a", publicPath: undefined }, ["/a", "/a"]],
  ] as const) {
    const { basePath, publicPath } = createHandler(auth, options);
    expect([basePath, publicPath]).toEqual(paths);
  }
});

test.each([
  "",
  "/",
  "auth",
  "/auth/",
  "//auth",
  "/a b",
  "/auth;x",
  "/a,b",
  "/%61",
  "/..",
  "https://app.example/auth",
  1,
  null,
])("publicPath %j does not start", (publicPath) => {
  const start = () => createHandler(makeAuth().auth, { publicPath } as HandlerOptions);
  expect(start).toThrow(/^createHandler: publicPath must be a plain path/);
});

test("the server itself answers below the base path alone", async () => {
  const { auth } = makeAuth();
  const { dispatch } = createHandler(auth, { publicPath: "/api/auth" });
  const ask = (target: string) =>
    dispatch({ method: "GET", target, headers: {}, body: { kind: "none" }, client: { ip: null } });
  expect((await ask("/auth/jwks.json")).status).toBe(200);
  expect((await ask("/api/auth/jwks.json")).status).toBe(404);
});
