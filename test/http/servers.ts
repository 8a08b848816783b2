import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express, { type Express } from "express";
import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from "fastify";
import { Hono } from "hono";
import { type Auth, AuthError } from "sallyport";
import * as expressAdapter from "sallyport/express";
import * as fastifyAdapter from "sallyport/fastify";
import * as honoAdapter from "sallyport/hono";
import {
  type AddressPreset,
  type AuthHandler,
  createHandler,
  forwarded,
  type HandlerOptions,
  type NodeRequest,
  type NodeResponse,
  type PlatformHandler,
  problemResponse,
  sendNodeResponse,
  toNodeHandler,
} from "sallyport/http";
import { nextAuth } from "sallyport/next";
import { capturingMailer, type HttpServerUnderTest, type MailServerUnderTest } from "sallyport/testing";
import { type Harness, makeAuth } from "../support/harness.ts";
import { prefixFront } from "../support/prefix-front.ts";
import { pathOf, sendWebResponse, toWebRequest } from "../support/web-request.ts";
import { http2Front, lambdaFront } from "./fronts.ts";
import { type NextContext, type NextFile, nextListener } from "./next-server.ts";

type TransportOptions = Pick<HandlerOptions, "transport" | "origins" | "pages">;
type Start = (handler: AuthHandler) => Promise<Running>;

/** A server that listens, at this origin. */
interface Running {
  readonly origin: string;
  close(): Promise<unknown>;
}

export interface Mount {
  /** As browsers see it. */
  readonly basePath: string;
  /** As the server gets it, if a front rewrites it. */
  readonly innerPath?: string;
  /** What stands in front of the application's own routes. */
  readonly prefix: string;
  /** Where no socket tells the address of a client: what does. */
  readonly clientAddress?: AddressPreset;
  readonly start: Start;
}

/** Every server, in every place where it may mount the contract. */
export const MOUNTS: Readonly<Record<string, Mount>> = {
  "node:http": at("/auth", (handler) => listen(nodeListener(handler))),
  "node:http, a base path of its own": at("/v1/accounts", (handler) => listen(nodeListener(handler))),
  "node:http, behind a front that strips a prefix": {
    ...at("/api/auth", (handler) => behindPrefix(() => listen(nodeListener(handler))), "/api"),
    innerPath: "/auth",
  },
  "Request and Response": at("/auth", (handler) => listen(webListener(handler))),
  "Request and Response, a base path of its own": at("/v1/accounts", (handler) =>
    listen(webListener(handler)),
  ),
  "Express 5": at("/auth", (handler) => listen(mountExpress(express(), handler))),
  "Express 5, behind body parsers": at("/auth", (handler) => {
    const parsers = [express.json(), express.urlencoded({ extended: true }), express.text()];
    return listen(mountExpress(express().use(parsers), handler));
  }),
  "Express 5, behind a prefix": at(
    "/api/auth",
    (handler) => {
      const router = mountExpress(express.Router(), handler);
      return listen(quiet(express()).use("/api", router));
    },
    "/api",
  ),
  "Fastify 5": at("/auth", (handler) => startFastify(handler, (app, routes) => app.register(routes))),
  "Fastify 5, beside parsers of its own": at("/auth", (handler) =>
    startFastify(handler, (app, routes) => {
      app.removeContentTypeParser("text/plain");
      app.addContentTypeParser(
        "text/plain",
        { parseAs: "string" },
        async (_request: unknown, body: unknown) => body,
      );
      app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, async () => ({
        parsed: true,
      }));
      app.addContentTypeParser(/^application\/x-/, { parseAs: "buffer" }, async () => ({ parsed: true }));
      app.addContentTypeParser("*", { parseAs: "string" }, async () => {
        throw new TypeError("This parser is not for the auth routes");
      });
      return app.register(routes);
    }),
  ),
  "Fastify 5, behind a prefix": at("/api/auth", (handler) =>
    startFastify(handler, (app, routes) => app.register(routes, { prefix: "/api" })),
  ),
  "Hono 4": at("/auth", (handler) => listen(honoListener(handler))),
  "Hono 4, behind a prefix": at(
    "/api/auth",
    (handler) => listen(honoListener(handler, { prefix: "/api" })),
    "/api",
  ),
  "Next.js 16, its routes behind a proxy": {
    ...at("/auth", (handler) => listen(nextListener(nextFiles(handler)))),
    clientAddress: forwarded({ hops: 1 }),
  },
  "node:http2": at("/auth", (handler) => behindHttp2(() => listenHttp2(nodeListener(handler)))),
  "Fastify 5 on HTTP/2": at("/auth", (handler) =>
    behindHttp2(() => startFastify(handler, (app, routes) => app.register(routes), { http2: true })),
  ),
  "a function on AWS, by serverless-http": at("/auth", (handler) =>
    listen(lambdaFront(nodeListener(handler))),
  ),
};

function at(basePath: string, start: Start, prefix = ""): Mount {
  return { basePath, prefix, start };
}

/** Starts a server of a fresh `Auth`, as `httpSuite` wants it. */
export async function open(mount: Mount, transport: TransportOptions = {}): Promise<HttpServerUnderTest> {
  return serve(mount, makeAuth(), transport);
}

/** The same with a mailer, as `mailHttpSuite` wants it. */
export async function openMailing(
  mount: Mount,
  transport: TransportOptions = {},
): Promise<MailServerUnderTest> {
  const mailer = capturingMailer();
  const harness = makeAuth({ mailer, mail: { page: "https://app.example/mail", delivery: "manual" } });
  const deliver: MailServerUnderTest["deliver"] = async (to) => {
    mailer.clear();
    await harness.auth.mail.deliver();
    return mailer.last(to);
  };
  return { ...(await serve(mount, harness, transport)), deliver };
}

async function serve(
  { basePath, innerPath = basePath, prefix, clientAddress, start }: Mount,
  { auth: plain, rawSignup: signup, clock, errors }: Harness,
  transport: TransportOptions,
): Promise<HttpServerUnderTest> {
  const auth: Auth = { ...plain, signup };
  const paths = { basePath: innerPath, publicPath: basePath };
  const options = { ...transport, ...paths, onError: (error: unknown) => errors.push(error) };
  const handler = clientAddress
    ? createHandler(auth, { ...options, clientAddress })
    : createHandler(auth, options);
  const { origin, close } = await start(handler as AuthHandler);
  return {
    baseUrl: origin + basePath,
    appUrl: origin + prefix,
    advance: (ms) => clock.advance(ms),
    close: async () => {
      await close();
      await auth.close();
      if (errors.length > 0) throw new AggregateError(errors, "onError was told of faults");
    },
  };
}

async function listenHttp2(listener: NodeListener): Promise<Running> {
  const server = createHttp2Server(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<unknown> => {
    server.close();
    return once(server, "close");
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

async function behindHttp2(start: () => Promise<Running>): Promise<Running> {
  const inner = await start();
  const front = http2Front(inner.origin);
  const { origin, close } = await listen(front.listener);
  return {
    origin,
    close: async () => {
      await close();
      front.close();
      await inner.close();
    },
  };
}

/** As nginx with `location /api/ { proxy_pass http://app/; }`. */
async function behindPrefix(start: () => Promise<Running>): Promise<Running> {
  const inner = await start();
  const front = await listen(prefixFront(Number(new URL(inner.origin).port), { from: "/api/", to: "/" }));
  return { origin: front.origin, close: async () => [await front.close(), await inner.close()] };
}

async function listen(listener: RequestListener): Promise<Running> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<unknown> => {
    const closed = once(server.close(), "close");
    server.closeAllConnections();
    return closed;
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

/** The application's own routes, where there is no framework. */
async function answerApp(handler: AuthHandler, request: NodeRequest): Promise<object> {
  const path = pathOf(request);
  const userId = /^\/users\/([^/]+)$/.exec(path)?.[1];
  if (path !== "/whoami" && userId === undefined) throw new AuthError("not_found");
  const principal = await handler.authenticate(request, ...(userId === undefined ? [] : [{ userId }]));
  return { userId: principal.userId };
}

function serveApp(handler: AuthHandler, request: NodeRequest, response: NodeResponse): void {
  answerApp(handler, request).then(
    (body) => void response.end(JSON.stringify(body)),
    (error) => sendNodeResponse(response, problemResponse(error)),
  );
}

/** Takes requests of HTTP/1 and of HTTP/2. */
type NodeListener = (request: NodeRequest, response: NodeResponse) => void;

function nodeListener(handler: AuthHandler): NodeListener {
  const serve = toNodeHandler(handler);
  return (request, response) => serve(request, response, () => serveApp(handler, request, response));
}

/** A server of `Request` and `Response`, on Node. */
function webListener(handler: AuthHandler): RequestListener {
  return (request, response) => {
    const path = pathOf(request);
    if (path !== handler.basePath && !path.startsWith(`${handler.basePath}/`)) {
      return serveApp(handler, request, response);
    }
    void serveWeb(handler, request, response);
  };
}

async function serveWeb(
  handler: AuthHandler,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = toWebRequest(incoming);
  if (!request) return sendNodeResponse(response, problemResponse(new AuthError("not_found")));
  await sendWebResponse(response, await handler(request, { ip: incoming.socket.remoteAddress ?? null }));
}

/** Its files `route.ts`: those of the contract, and the application's own two. */
function nextFiles(handler: AuthHandler): (path: string) => NextFile | null {
  // It has `clientAddress`, as the mount says.
  const { routes, withUser } = nextAuth(() => handler as AuthHandler & PlatformHandler);
  const whoami = withUser((me) => Response.json({ userId: me.userId }));
  const named = withUser(async (me, _request, { params }: NextContext) => {
    if (me.userId !== (await params)["userId"]) throw new AuthError("forbidden");
    return Response.json({ userId: me.userId });
  });
  return (path) => {
    if (path.startsWith(`${handler.basePath}/`)) return { exports: routes };
    if (path === "/whoami") return { exports: { GET: whoami, POST: whoami } };
    const userId = /^\/users\/([^/]+)$/.exec(path)?.[1];
    return userId === undefined ? null : { exports: { GET: named }, params: { userId } };
  };
}

function quiet<App extends Express>(app: App): App {
  app.set("env", "test"); // Express writes what it ends with to the console, but not in tests
  return app;
}

function mountExpress<App extends express.IRouter>(app: App, handler: AuthHandler): App {
  const { routes, requireAuth, requireSameUser, authOf } = expressAdapter.expressAuth(handler);
  app.use(routes);
  const answer: express.RequestHandler = (request, response) =>
    void response.json({ userId: authOf(request).userId });
  app.all("/whoami", requireAuth(), answer);
  app.get("/users/:userId", requireSameUser("userId"), answer);
  app.use(expressAdapter.sendAuthErrors);
  return app;
}

async function startFastify(
  handler: AuthHandler,
  mount: (app: FastifyInstance, routes: FastifyPluginAsync) => PromiseLike<unknown>,
  options: object = {},
): Promise<Running> {
  const { routes, requireAuth, requireSameUser, authOf } = fastifyAdapter.fastifyAuth(handler);
  const app = fastify({ frameworkErrors: fastifyAdapter.frameworkErrors, ...options });
  app.setErrorHandler(fastifyAdapter.sendAuthErrors);
  await mount(app, routes);
  const answer = async (request: FastifyRequest): Promise<object> => ({ userId: authOf(request).userId });
  for (const method of ["GET", "POST"])
    app.route({ method, url: "/whoami", onRequest: requireAuth(), handler: answer });
  app.get("/users/:userId", { onRequest: requireSameUser("userId") }, answer);
  return { origin: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
}

interface HonoMount {
  readonly prefix?: string;
  /** Told of each target that the bridge refused, before Hono. */
  readonly refused?: (target: string | undefined) => void;
}

/** With the one refusal of its bridge in our own format. It would be 400, without a body. */
export function honoListener(
  handler: AuthHandler,
  { prefix = "", refused }: HonoMount = {},
): RequestListener {
  const { routes, requireAuth, requireSameUser } = honoAdapter.honoAuth(handler);
  const app = new Hono().basePath(prefix);
  app.onError(honoAdapter.sendAuthErrors);
  app.all(`${handler.basePath.slice(prefix.length)}/*`, routes);
  app.on(["GET", "POST"], "/whoami", requireAuth(), (c) => c.json({ userId: c.var.auth.userId }));
  app.get("/users/:userId", requireSameUser("userId"), (c) => c.json({ userId: c.var.auth.userId }));
  const notFound = problemResponse(new AuthError("not_found"));
  return (incoming, outgoing) => {
    const errorHandler = (error: unknown): Response => {
      if (String(error) !== HONO_REFUSES) throw error;
      refused?.(incoming.url);
      return new Response(notFound.body, notFound);
    };
    void getRequestListener(app.fetch, { errorHandler, overrideGlobalObjects: false })(incoming, outgoing);
  };
}

/** All that `@hono/node-server` may answer in place of us. */
const HONO_REFUSES = "RequestError: Backslash in request path";
