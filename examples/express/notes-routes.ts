import express, { type Router } from "express";
import { AuthError } from "sallyport";
import type { ExpressAuth } from "sallyport/express";
import { noteText, tooManyNotes } from "../shared/note-text.ts";
import type { Notes } from "../shared/notes.ts";

/** One user's notes. The owner is always the proven caller, never a part of the request. */
export function notesRoutes({ authOf }: ExpressAuth, notes: Notes): Router {
  const router = express.Router();

  router.use((_request, response, next) => {
    response.set("cache-control", "no-store");
    next();
  });

  router.get("/", async (request, response) => {
    response.json({ notes: await notes.list(authOf(request).userId) });
  });

  router.post("/", express.json({ limit: "4kb" }), async (request, response) => {
    const note = await notes.add(authOf(request).userId, noteText(request.body));
    if (!note) throw tooManyNotes();
    response.status(201).json({ note });
  });

  router.delete("/:noteId", async (request, response) => {
    const removed = await notes.remove(authOf(request).userId, request.params.noteId);
    if (!removed) throw new AuthError("not_found");
    response.status(204).end();
  });

  return router;
}
