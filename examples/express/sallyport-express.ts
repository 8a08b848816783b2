import type { ErrorRequestHandler, IRouter, Request, RequestHandler, Response } from "express";
import { AuthError, isAuthError, type Principal } from "sallyport";
import {
  type AuthHandler,
  problemResponse,
  type Requirements,
  sendNodeResponse,
  toNodeHandler,
} from "sallyport/http";

// Beside the request, not on it: no parser and no other middleware can write a principal here.
const principals = new WeakMap<Request, Principal>();

/**
 * Serves the auth routes, of an application or of a router behind a prefix: `basePath` is the full path. Mount
 * it before body parsers: the handler reads and bounds its bodies itself.
 */
export function mountAuth(app: IRouter, handler: AuthHandler): void {
  const serve = toNodeHandler(handler);
  app.use((request, response, next) => {
    hideFramework(response);
    serve(request, response, next);
  });
}

/** Lets only signed-in users pass who meet the requirements. */
export function requireAuth(handler: AuthHandler, requirements?: Requirements): RequestHandler {
  return async (request, _response, next) => {
    principals.set(request, await handler.authenticate(request, requirements));
    next();
  };
}

/** Lets only the user in the path pass: `requireSameUser(handler, "userId")` on `/users/:userId`. */
export function requireSameUser(
  handler: AuthHandler,
  parameter: string,
  requirements?: Requirements,
): RequestHandler {
  return async (request, _response, next) => {
    const userId = request.params[parameter];
    // A misspelt parameter must not skip the check.
    if (typeof userId !== "string") throw new TypeError(`This path has no parameter :${parameter}`);
    // The requirements go on as they are: a copy of a promise or a list would have none left.
    const caller = await handler.authenticate(request, requirements);
    if (caller.userId !== userId) throw new AuthError("forbidden");
    principals.set(request, caller);
    next();
  };
}

/** The sender of this request, verified by one of the two functions above. */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError("principalOf needs requireAuth or requireSameUser in front of it");
  return principal;
}

/**
 * Answers what the library and Express's body parsers refused. Mount it after the routes; other errors go on
 * to the next handler.
 */
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
