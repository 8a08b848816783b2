import { createServer, type Server } from "node:http";
import express from "express";
import type { Auth } from "sallyport";
import { expressAuth, sendAuthErrors } from "sallyport/express";
import { createHandler, problemResponse, sendNodeResponse, toNodeHandler } from "sallyport/http";
import { notesOf, sendJson } from "./by-hand.ts";
import { PATHS, type Place } from "./place.ts";

/** An application with this library: the routes of the contract, and one of its own behind `authenticate`. */
export function serverOfOurs(auth: Auth, framework: Place["framework"]): Server {
  const handler = createHandler(auth);
  const routes = toNodeHandler(handler);
  if (framework === "Express") {
    const { requireAuth, authOf } = expressAuth(handler);
    const app = express();
    app.get(PATHS.own, requireAuth(), (request, response) =>
      sendJson(response, notesOf(authOf(request).userId)),
    );
    return createServer(app.use(routes).use(sendAuthErrors));
  }
  return createServer((request, response) => {
    if (request.url !== PATHS.own) return routes(request, response);
    handler.authenticate(request).then(
      ({ userId }) => sendJson(response, notesOf(userId)),
      (error: unknown) => sendNodeResponse(response, problemResponse(error)),
    );
  });
}
