import { requireUser } from "@/lib/auth";
import { listNotes } from "@/lib/notes";
import { Account } from "./account";
import { removeNote } from "./actions";
import { NoteForm, RemoveAll } from "./forms";

export default async function Notes() {
  const me = await requireUser("/notes"); // others are led to sign in, and come back
  const { user } = await me.user();
  const notes = listNotes(me.userId);
  return (
    <main className="wide">
      <header className="row">
        <h1>Your notes</h1>
        <Account user={user} />
      </header>
      <NoteForm />
      {notes.length === 0 && <p className="quiet">There is no note yet.</p>}
      <ul>
        {notes.map(({ id, text }) => (
          <li key={id} className="row">
            <span>{text}</span>
            <form action={removeNote}>
              <input name="id" type="hidden" value={id} />
              <button type="submit" className="button plain small" aria-label={`Remove: ${text}`}>
                Remove
              </button>
            </form>
          </li>
        ))}
      </ul>
      {notes.length > 1 && <RemoveAll />}
    </main>
  );
}
