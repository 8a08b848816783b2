// Without `.js`: Next.js puts its own modules in place of exactly these names. With the suffix `next build` fails.
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { isAuthError, type NoClaims } from "sallyport";
import {
  type Caller,
  type PlatformHandler,
  problemResponse,
  type RequestHead,
  type Requirements,
} from "sallyport/http";

type Method = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A route of your application, as a file `route.ts` exports it. `context` has the `params` of its path. */
export type NextRoute<Context> = (request: Request, context: Context) => Promise<Response>;

/** What a route answers to its signed-in user. */
export type NextAnswer<Claims extends object, Context> = (
  me: Caller<Claims>,
  request: Request,
  context: Context,
) => Response | Promise<Response>;

/** The routes and the guards of one handler. */
export interface NextAuth<Claims extends object = NoClaims> {
  /** Serves the auth routes, in `app/auth/[...path]/route.ts`. `basePath` is the full path. */
  readonly routes: Readonly<Record<Method, (request: Request) => Promise<Response>>>;
  /** In a page or layout: the user, or null. All calls of one render ask once. Another site and an outage throw. */
  readonly visitor: () => Promise<Caller<Claims> | null>;
  /** In a page or action: the user. Others are led to renew their session or to sign in, and back to this path. */
  readonly requireUser: (returnTo: string) => Promise<Caller<Claims>>;
  /** In a server action: the user who meets the requirements, or an `AuthError`. The origin counts, as for any POST. */
  readonly actor: (...requirements: readonly Requirements<Claims>[]) => Promise<Caller<Claims>>;
  /** In `route.ts`: lets only signed-in users pass who meet the requirements. Refusals become problems. */
  readonly withUser: <Context>(
    answer: NextAnswer<Claims, Context>,
    ...requirements: readonly Requirements<Claims>[]
  ) => NextRoute<Context>;
  /** The handler itself, for all else: `(await handler()).identify(request)` in a route that serves all. */
  readonly handler: () => Promise<PlatformHandler<Claims>>;
}

/**
 * Adapts a handler to the App Router of Next.js 16. The handler is made at the first request, so `next build` needs no
 * secret and no database. It needs `clientAddress`, since Next.js shows no socket.
 *
 * @example
 * import { createHandler } from "sallyport/http";
 * import { nextAuth } from "sallyport/next";
 *
 * const { routes, visitor, actor } = nextAuth(() =>
 *   createHandler(auth, { transport: "cookie", origins: ["https://app.example"], clientAddress: () => null }),
 * );
 */
export function nextAuth<Claims extends object = NoClaims>(
  make: () => PlatformHandler<Claims>,
): NextAuth<Claims> {
  let made: PlatformHandler<Claims> | undefined;
  const handler = async (): Promise<PlatformHandler<Claims>> => {
    await headers(); // there is a request: a build stops here
    made ??= make();
    return made;
  };
  const visitor = cache(async () => (await handler()).identify(await pageHead()));
  const serve = async (request: Request): Promise<Response> => (await handler())(request);
  return {
    routes: { GET: serve, HEAD: serve, OPTIONS: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve },
    handler,
    visitor,
    async requireUser(returnTo) {
      const me = await visitor();
      return me ?? redirect((await handler()).signInUrl(await pageHead(), returnTo));
    },
    actor: async (...asked) =>
      (await handler()).authenticate({ method: "POST", headers: await headers() }, ...asked),
    withUser:
      (answer, ...asked) =>
      async (request, context) => {
        try {
          return await answer(await (await handler()).authenticate(request, ...asked), request, context);
        } catch (error) {
          if (!isAuthError(error)) throw error;
          const { body, ...init } = problemResponse(error);
          return new Response(body, init);
        }
      },
  };
}

/** Next.js tells a page no method. Browsers name the origin of what may change something: of an action that renders it. */
async function pageHead(): Promise<RequestHead> {
  const arrived = await headers();
  return { method: arrived.has("origin") ? "POST" : "GET", headers: arrived };
}
