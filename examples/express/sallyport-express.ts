import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { AuthError, isAuthError, type NoClaims } from "sallyport";
import {
  type AuthHandler,
  type Caller,
  problemResponse,
  type Requirements,
  sendNodeResponse,
  toNodeHandler,
} from "sallyport/http";
import { callersOf, userInPath } from "../shared/callers.ts";

/** The routes and the guards of one handler. */
export interface ExpressAuth<Claims extends object = NoClaims> {
  /** Serves the auth routes: `app.use(routes)`, before or after body parsers. `basePath` is the full path. */
  readonly routes: RequestHandler;
  /** Lets only signed-in users pass who meet the requirements. Requirements that are `undefined` let no user pass. */
  readonly requireAuth: (...needs: readonly Requirements<Claims>[]) => RequestHandler;
  /** Lets only the user in the path pass: `requireSameUser("userId")` on `/users/:userId`. */
  readonly requireSameUser: (parameter: string, ...needs: readonly Requirements<Claims>[]) => RequestHandler;
  /** Lets all pass, and finds the user for `authOrNull`. Another site and an outage are still refused. */
  readonly optionalAuth: RequestHandler;
  /** The caller that a guard above has proven. A `TypeError` without such a guard. */
  readonly authOf: (request: Request) => Caller<Claims>;
  /** The same behind `optionalAuth`: null if no user is signed in. */
  readonly authOrNull: (request: Request) => Caller<Claims> | null;
}

/**
 * Adapts a handler to Express 5. Two handlers have two factories, and neither knows the callers of the other.
 *
 * @example
 * import express from "express";
 * import { expressAuth, sendAuthErrors } from "sallyport/express";
 *
 * const { routes, requireAuth, authOf } = expressAuth(handler);
 * const app = express();
 * app.use(routes);
 * app.get("/me", requireAuth(), (request, response) => void response.json({ id: authOf(request).userId }));
 * app.use(sendAuthErrors);
 */
export function expressAuth<Claims extends object = NoClaims>(
  handler: AuthHandler<Claims>,
): ExpressAuth<Claims> {
  const { prove, find, ...reading } = callersOf<Request, Claims>(handler, (request) => request);
  const serve = toNodeHandler(handler);
  let isHinted = false;
  return {
    ...reading,
    routes(request, response, next) {
      hideFramework(response);
      serve(request, response, () => {
        const hint = isHinted ? undefined : misplaced(request, handler.basePath);
        isHinted ||= hint !== undefined;
        next(hint);
      });
    },
    requireAuth: (...asked) => guard((request) => prove(request, asked)),
    requireSameUser: (name, ...asked) =>
      guard(async (request) => prove(request, [userInPath(name, request.params[name]), ...asked])),
    optionalAuth: guard(find),
  };
}

function guard(check: (request: Request) => Promise<void>): RequestHandler {
  return (request, _response, next) => check(request).then(() => next());
}

/** Below a prefix that the base path does not have, no request can match. Express alone would answer 404. */
function misplaced({ originalUrl, baseUrl }: Request, basePath: string): TypeError | undefined {
  const at = `${originalUrl.split("?")[0]}/`.indexOf(`${basePath}/`);
  if (at < 1 || at > baseUrl.length) return undefined;
  const full = originalUrl.slice(0, at) + basePath;
  return new TypeError(`routes is mounted below ${baseUrl}: createHandler needs { basePath: "${full}" }`);
}

/** Answers what the library and Express's body parsers refused. Mount it last; other errors go on to `next`. */
// biome-ignore lint/complexity/useMaxParams: four parameters make an error handler in Express
export const sendAuthErrors: ErrorRequestHandler = (error, _request, response, next) => {
  const refusal = isAuthError(error) ? error : parserRefusal(error);
  if (!refusal || response.headersSent) return next(error);
  hideFramework(response);
  sendNodeResponse(response, problemResponse(refusal));
};

const PARSER_CODES = ["malformed_request", "payload_too_large", "unsupported_media_type"] as const;

/** A parser's error, by its `type` or by zlib's `code`. Its message would repeat the input. */
function parserRefusal(error: unknown): AuthError | undefined {
  const { type, code, status } = Object(error) as Readonly<Record<string, unknown>>;
  const isParsers = /^(?:entity|encoding|charset|parameters|request)\./.test(String(type));
  if (!isParsers && !/^Z_/.test(String(code))) return undefined;
  return PARSER_CODES.map((known) => new AuthError(known)).find((refusal) => refusal.status === status);
}

// Strangers must not see which framework is used.
function hideFramework(response: Response): void {
  response.removeHeader("x-powered-by");
}
