// One auth module with claims of its own, behind each framework: the claims arrive typed, without annotations.
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { createAuth, memoryStore } from "sallyport";
import { expressAuth, sendAuthErrors } from "sallyport/express";
import * as forFastify from "sallyport/fastify";
import * as forHono from "sallyport/hono";
import { createHandler } from "sallyport/http";
import { nextAuth } from "sallyport/next";

const auth = createAuth({
  secret: process.env["SALLYPORT_SECRET"],
  store: memoryStore(),
  hooks: { claims: () => ({ roles: ["member"] }) },
});
const handler = createHandler(auth);

export const onExpress = expressAuth(handler);
export const app = express();
app.use(onExpress.routes);
app.get(
  "/admin",
  onExpress.requireAuth({ allow: ({ claims }) => claims.roles.includes("admin"), fresh: "5m" }),
  async (request, response) => {
    const me = onExpress.authOf(request);
    const roles: readonly string[] = me.claims.roles;
    response.json({ roles, email: (await me.user()).user.email });
  },
);
app.delete("/users/:userId", onExpress.requireSameUser("userId", { fresh: true }), (request, response) => {
  response.json({ id: request.params["userId"], of: onExpress.authOf(request).userId });
});
app.get("/", onExpress.optionalAuth, (request, response) => {
  response.json(onExpress.authOrNull(request)?.claims.roles ?? []);
});
app.use(sendAuthErrors);
// @ts-expect-error the claims have no such field
onExpress.requireAuth({ allow: ({ claims }) => claims.tenant === "acme" });
// @ts-expect-error an unknown requirement
onExpress.requireAuth({ userid: "x" });
// @ts-expect-error the caller may be null
app.get("/null", onExpress.optionalAuth, (request) => void onExpress.authOrNull(request).userId);

const { authOf, requireAuth, requireSameUser, routes, ...others } = forFastify.fastifyAuth(handler);
export const server = fastify({ frameworkErrors: forFastify.frameworkErrors });
server.setErrorHandler(forFastify.sendAuthErrors);
await server.register(routes, { prefix: "/api" });
server.get("/me", { onRequest: requireAuth() }, async (request): Promise<readonly string[]> => {
  return authOf(request).claims.roles;
});
server.get<{ Params: { userId: string } }>(
  "/users/:userId",
  { onRequest: [requireSameUser("userId")] },
  async (request) => ({ id: request.params.userId, of: authOf(request).userId }),
);
server.get("/", { onRequest: others.optionalAuth }, async (request) => others.authOrNull(request)?.userId);

const onHono = forHono.honoAuth(handler);
export const hono = new Hono()
  .all("/auth/*", onHono.routes)
  .get("/me", onHono.requireAuth(), async (c) => {
    const roles: readonly string[] = c.var.auth.claims.roles;
    return c.json({ roles, email: (await c.var.auth.user()).user.email });
  })
  .get("/users/:userId", onHono.requireSameUser("userId"), (c) => c.json({ id: c.req.param("userId") }))
  .get("/", onHono.optionalAuth, (c) => c.json({ id: c.var.auth?.userId ?? null }))
  .onError(forHono.sendAuthErrors);
// @ts-expect-error without a guard there is no caller
hono.get("/bare", (c) => c.json(c.var.auth.userId));
// @ts-expect-error the caller may be null
hono.get("/null", onHono.optionalAuth, (c) => c.json(c.var.auth.userId));

export const onNext = nextAuth(() => createHandler(auth, { clientAddress: () => null }));
export const { GET, HEAD, POST } = onNext.routes;
interface Context {
  readonly params: Promise<{ readonly userId: string }>;
}
export const byUser = onNext.withUser(
  async (me, request, { params }: Context) => {
    const roles: readonly string[] = me.claims.roles;
    return Response.json({ roles, id: (await params).userId, method: request.method });
  },
  { allow: ({ claims }) => claims.roles.includes("admin"), fresh: "5m" },
);
export async function page(): Promise<string> {
  const me = await onNext.requireUser("/me");
  const { user } = await me.user();
  return `${user.email} ${me.claims.roles.length} ${(await onNext.visitor())?.claims.roles.length}`;
}
// @ts-expect-error an unknown requirement
void onNext.actor({ userid: "x" });
// @ts-expect-error the visitor may be null
void onNext.visitor().then((me) => me.userId);
// @ts-expect-error this handler wants the address from a socket, and Next.js shows none
nextAuth(() => createHandler(auth));
