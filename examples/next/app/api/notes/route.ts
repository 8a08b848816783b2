import { withUser } from "@/lib/auth";
import { listNotes } from "@/lib/notes";

/** The same notes for scripts of the page. */
export const GET = withUser((me) =>
  Response.json({ notes: listNotes(me.userId) }, { headers: { "cache-control": "no-store" } }),
);
