import type { Application, ErrorRequestHandler, Request, RequestHandler } from "express";
import { isAuthError, type Principal } from "sallyport";
import { type AuthHandler, problemResponse, sendNodeResponse, toNodeHandler } from "sallyport/http";

// Beside the request, not on it: no parser and no other middleware can write a principal here.
const principals = new WeakMap<Request, Principal>();

/** Serves the auth routes. Mount it before body parsers: the handler reads and bounds its bodies itself. */
export function mountAuth(app: Application, handler: AuthHandler): void {
  app.use(toNodeHandler(handler));
}

/** Lets only signed-in users pass. */
export function requireAuth(handler: AuthHandler): RequestHandler {
  return async (request, _response, next) => {
    principals.set(request, await handler.authenticate(request));
    next();
  };
}

/** Lets only the user pass whom the path names: `requireSameUser(handler, "userId")` on `/users/:userId`. */
export function requireSameUser(handler: AuthHandler, parameter: string): RequestHandler {
  return async (request, _response, next) => {
    const userId = request.params[parameter];
    // A misspelt parameter must not become a check that is left out.
    if (typeof userId !== "string") throw new TypeError(`This path has no parameter :${parameter}`);
    principals.set(request, await handler.authenticate(request, { userId }));
    next();
  };
}

/** Who sent this request, proven by one of the two above. */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError("principalOf needs requireAuth or requireSameUser in front of it");
  return principal;
}

/** Answers what the library refused. Mount it after the routes; other errors go on to the next handler. */
// biome-ignore lint/complexity/useMaxParams: four parameters make an error handler in Express
export const sendAuthErrors: ErrorRequestHandler = (error, _request, response, next) => {
  if (!isAuthError(error) || response.headersSent) return next(error);
  sendNodeResponse(response, problemResponse(error));
};
