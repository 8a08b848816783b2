import express, { type Router } from "express";
import { AuthError } from "sallyport";
import { MAX_NOTE_LENGTH, MAX_NOTES, type Notes } from "./notes.ts";
import { principalOf } from "./sallyport-express.ts";

/** One user's notes. The owner is always the proven principal, never a part of the request. */
export function notesRoutes(notes: Notes): Router {
  const router = express.Router();

  router.use((_request, response, next) => {
    response.set("cache-control", "no-store");
    next();
  });

  router.get("/", async (request, response) => {
    response.json({ notes: await notes.list(principalOf(request).userId) });
  });

  router.post("/", express.json({ limit: "4kb" }), async (request, response) => {
    const note = await notes.add(principalOf(request).userId, readText(request.body));
    if (!note) throw invalidText("too_many", `You have ${MAX_NOTES} notes. Delete one first.`);
    response.status(201).json({ note });
  });

  router.delete("/:noteId", async (request, response) => {
    const removed = await notes.remove(principalOf(request).userId, request.params.noteId);
    if (!removed) throw new AuthError("not_found");
    response.status(204).end();
  });

  return router;
}

function readText(body: unknown): string {
  const typed = typeof body === "object" && body !== null && "text" in body ? body.text : undefined;
  const text = typeof typed === "string" ? typed.trim() : "";
  if (text === "") throw invalidText("required", "Write something first.");
  if ([...text].length > MAX_NOTE_LENGTH) {
    throw invalidText("too_long", `Use at most ${MAX_NOTE_LENGTH} characters.`);
  }
  // A NUL ends or breaks a text, and half a surrogate pair is none: no database keeps them as they came.
  if (text.includes("\0") || !text.isWellFormed()) {
    throw invalidText("unsupported_characters", "This contains characters that cannot be used.");
  }
  return text;
}

function invalidText(code: string, message: string): AuthError {
  return new AuthError("invalid_input", { errors: [{ path: "text", code, message }] });
}
