import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { AuthError, isAuthError, memoryStore } from "sallyport";
import * as expressAdapter from "sallyport/express";
import * as fastifyAdapter from "sallyport/fastify";
import * as honoAdapter from "sallyport/hono";
import {
  type AuthHandler,
  type Caller,
  createHandler,
  type HandlerOptions,
  problemResponse,
  type RequestHead,
  type Requirements,
  sendNodeResponse,
  toNodeHandler,
} from "sallyport/http";
import * as nextAdapter from "sallyport/next";
import { type Guard, type GuardedServer, unreliableStore } from "sallyport/testing";
import { makeAuth } from "../support/harness.ts";
import * as nextServer from "./next-server.ts";

type Start = (handler: AuthHandler, guard: Guard) => Promise<Running>;

interface Running {
  readonly origin: string;
  close(): Promise<unknown>;
}

/** Everything that a guard may be mounted on. */
export const GUARDED: Readonly<Record<string, Start>> = {
  "node:http": (handler, guard) => listen(listener(handler, guard, (request) => request)),
  Request: (handler, guard) => listen(listener(handler, guard, asRequest)),
  "{ method, headers }": (handler, guard) => listen(listener(handler, guard, asHead)),
  "Express 5": startExpress,
  "Fastify 5": startFastify,
  "Hono 4": startHono,
  "Next.js 16, routes": (handler, guard) => listen(nextListener(handler, guard, "route")),
};

/** As pages and actions ask. Next.js tells them no method, so this is for bearer mode, in which it does not count. */
export const ASKED_BY_HEADERS: Readonly<Record<string, Start>> = {
  "Next.js 16, pages and actions": (handler, guard) => listen(nextListener(handler, guard, "action")),
};

/** Starts a server of a fresh `Auth`, as `guardSuite` wants it. */
export async function openGuarded(
  start: Start,
  guard: Guard,
  transport: Pick<HandlerOptions, "transport" | "origins"> = {},
): Promise<GuardedServer> {
  const { store, fail, recover } = unreliableStore(memoryStore());
  const { auth, clock } = makeAuth({ store, onError: () => {} });
  const { origin, close } = await start(createHandler(auth, transport), guard);
  return {
    baseUrl: `${origin}/auth`,
    routeUrl: `${origin}/guarded`,
    advance: (ms) => clock.advance(ms),
    loseStore: fail,
    close: async () => {
      recover();
      await close();
      await auth.close();
    },
  };
}

async function listen(serve: RequestListener): Promise<Running> {
  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<unknown> => {
    const closed = once(server.close(), "close");
    server.closeAllConnections();
    return closed;
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

/** What the route behind every guard answers. */
async function contentFor(caller: Caller | null): Promise<object> {
  const email = caller ? (await caller.user()).user.email : null;
  return { userId: caller?.userId ?? null, email };
}

/** A guard where there is no framework: a call in the route. */
async function callerOf(handler: AuthHandler, guard: Guard, request: RequestHead): Promise<Caller | null> {
  if (guard.kind === "optional") return handler.identify(request);
  return handler.authenticate(request, ...argumentsOf(guard));
}

/** As they are: some are wrong. */
function argumentsOf({ asked }: Guard): readonly Requirements[] {
  return asked as readonly Requirements[];
}

function listener(
  handler: AuthHandler,
  guard: Guard,
  headOf: (request: IncomingMessage) => RequestHead,
): RequestListener {
  const serve = toNodeHandler(handler);
  return (request, response) =>
    serve(request, response, () => {
      const userId = /^\/guarded\/([^/?]+)$/.exec(request.url ?? "")?.[1];
      const answer = async (): Promise<object> => {
        const caller = await callerOf(handler, guard, headOf(request));
        if (guard.kind === "same_user" && caller?.userId !== userId) throw new AuthError("forbidden");
        return contentFor(caller);
      };
      answer().then(
        (body) => void response.end(JSON.stringify(body)),
        (error) => sendNodeResponse(response, problemResponse(error)),
      );
    });
}

function asRequest({ method = "", url = "", headersDistinct }: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return new Request(`http://localhost${url}`, { method, headers });
}

function asHead({ method = "", headersDistinct }: IncomingMessage): RequestHead {
  return { method, headers: headersDistinct };
}

function nextListener(handler: AuthHandler, guard: Guard, place: "route" | "action"): RequestListener {
  const serve = toNodeHandler(handler);
  const guards = nextAdapter.nextAuth(() => handler as never); // its guards alone: they need no address
  const route = place === "route" ? nextRoute(guards, guard) : nextAction(guards, guard);
  const listener = nextServer.nextListener((path) => {
    const [, userId] = /^\/guarded(?:\/([^/]+))?$/.exec(path) ?? [];
    return { exports: { GET: route, POST: route }, params: { ...(userId !== undefined && { userId }) } };
  });
  return (request, response) => serve(request, response, () => listener(request, response));
}

type NextRoute = nextAdapter.NextRoute<nextServer.NextContext>;

function nextRoute({ withUser, handler }: nextAdapter.NextAuth, guard: Guard): NextRoute {
  if (guard.kind === "optional")
    return async (request) => orProblem(async () => contentFor(await (await handler()).identify(request)));
  return withUser(
    async (me, _request, { params }: nextServer.NextContext) => {
      if (guard.kind === "same_user" && me.userId !== (await params)["userId"])
        throw new AuthError("forbidden");
      return Response.json(await contentFor(me));
    },
    ...argumentsOf(guard),
  );
}

function nextAction({ visitor, actor }: nextAdapter.NextAuth, guard: Guard): NextRoute {
  return async (_request, { params }) =>
    orProblem(async () => {
      if (guard.kind === "optional") return contentFor(await visitor());
      const me = await actor(...argumentsOf(guard));
      if (guard.kind === "same_user" && me.userId !== (await params)["userId"])
        throw new AuthError("forbidden");
      return contentFor(me);
    });
}

async function orProblem(answer: () => Promise<object>): Promise<Response> {
  try {
    return Response.json(await answer());
  } catch (error) {
    const { body, ...init } = problemResponse(error);
    return new Response(body, init);
  }
}

async function startExpress(handler: AuthHandler, guard: Guard): Promise<Running> {
  const { routes, requireAuth, requireSameUser, optionalAuth, authOf, authOrNull } =
    expressAdapter.expressAuth(handler);
  const app = express().disable("x-powered-by").disable("etag");
  app.set("env", "test"); // Express writes what it ends with to the console, but not in tests
  app.use(routes);
  const { kind } = guard;
  const asked = argumentsOf(guard);
  const answer: express.RequestHandler = async (request, response) => {
    response.json(await contentFor(kind === "optional" ? authOrNull(request) : authOf(request)));
  };
  if (kind === "required") app.all("/guarded", requireAuth(...asked), answer);
  if (kind === "same_user") app.all("/guarded/:userId", requireSameUser("userId", ...asked), answer);
  if (kind === "optional") app.all("/guarded", optionalAuth, answer);
  app.use(expressAdapter.sendAuthErrors);
  return listen(app);
}

async function startFastify(handler: AuthHandler, guard: Guard): Promise<Running> {
  const { routes, requireAuth, requireSameUser, optionalAuth, authOf, authOrNull } =
    fastifyAdapter.fastifyAuth(handler);
  const app = fastify();
  app.setErrorHandler(fastifyAdapter.sendAuthErrors);
  await app.register(routes);
  const { kind } = guard;
  const asked = argumentsOf(guard);
  const guards = {
    required: { url: "/guarded", onRequest: requireAuth(...asked) },
    same_user: { url: "/guarded/:userId", onRequest: requireSameUser("userId", ...asked) },
    optional: { url: "/guarded", onRequest: optionalAuth },
  };
  const answer = async (request: fastify.FastifyRequest): Promise<object> =>
    contentFor(kind === "optional" ? authOrNull(request) : authOf(request));
  app.route({ method: ["GET", "POST"], ...guards[kind], handler: answer });
  return { origin: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
}

async function startHono(handler: AuthHandler, guard: Guard): Promise<Running> {
  const { routes, requireAuth, requireSameUser, optionalAuth } = honoAdapter.honoAuth(handler);
  const app = new Hono();
  app.onError((error, c) => {
    if (isAuthError(error)) return honoAdapter.sendAuthErrors(error, c);
    return c.text("Internal Server Error", 500); // without a line on the console
  });
  app.all("/auth/*", routes);
  const { kind } = guard;
  const asked = argumentsOf(guard);
  if (kind === "required")
    app.all("/guarded", requireAuth(...asked), async (c) => c.json(await contentFor(c.var.auth)));
  if (kind === "same_user")
    app.all("/guarded/:userId", requireSameUser("userId", ...asked), async (c) =>
      c.json(await contentFor(c.var.auth)),
    );
  if (kind === "optional")
    app.all("/guarded", optionalAuth, async (c) => c.json(await contentFor(c.var.auth)));
  return listen(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
}
