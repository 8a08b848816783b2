import type { FastifyPluginAsync } from "fastify";
import { AuthError } from "sallyport";
import type { FastifyAuth } from "sallyport/fastify";
import { noteText, tooManyNotes } from "../shared/note-text.ts";
import { MAX_NOTE_LENGTH, type Notes } from "../shared/notes.ts";

const NEW_NOTE = {
  type: "object",
  required: ["text"],
  additionalProperties: false,
  properties: { text: { type: "string", maxLength: MAX_NOTE_LENGTH } },
} as const;

const NOTE = {
  type: "object",
  required: ["id", "text", "createdAt"],
  properties: { id: { type: "string" }, text: { type: "string" }, createdAt: { type: "string" } },
} as const;

// Only the fields of a schema are sent: a column that is added later stays private.
const ONE = { type: "object", required: ["note"], properties: { note: NOTE } } as const;
const MANY = {
  type: "object",
  required: ["notes"],
  properties: { notes: { type: "array", items: NOTE } },
} as const;

/** One user's notes, below a path with `:userId`. The owner is always the proven caller, never a part of the request. */
export function notesRoutes({ requireSameUser, authOf }: FastifyAuth, notes: Notes): FastifyPluginAsync {
  return async (app) => {
    // Before the body is read: a refused client costs no parsing and learns nothing about the schema.
    app.addHook("onRequest", requireSameUser("userId"));
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("cache-control", "no-store");
    });

    app.get("/", { schema: { response: { 200: MANY } } }, async (request) => ({
      notes: await notes.list(authOf(request).userId),
    }));

    app.post("/", { schema: { body: NEW_NOTE, response: { 201: ONE } } }, async (request, reply) => {
      const note = await notes.add(authOf(request).userId, noteText(request.body));
      if (!note) throw tooManyNotes();
      return reply.code(201).send({ note });
    });

    app.delete<{ Params: { noteId: string } }>("/:noteId", async (request, reply) => {
      const removed = await notes.remove(authOf(request).userId, request.params.noteId);
      if (!removed) throw new AuthError("not_found");
      return reply.code(204).send();
    });
  };
}
