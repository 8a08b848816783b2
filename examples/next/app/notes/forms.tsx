"use client";

import { useActionState } from "react";
import { addNote, removeAllNotes } from "./actions";

/** The action runs without script, too: then the browser posts the form to this page. */
export function NoteForm() {
  const [problem, add, isPending] = useActionState(addNote, null);
  return (
    <form action={add} className="row">
      <label className="grow">
        <span className="hidden">New note</span>
        <input name="text" maxLength={500} placeholder="Water the plants" autoComplete="off" required />
      </label>
      <button type="submit" className="button" disabled={isPending}>
        Add
      </button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}

export function RemoveAll() {
  const [problem, removeAll, isPending] = useActionState(removeAllNotes, null);
  return (
    <form action={removeAll}>
      <button type="submit" className="button plain" disabled={isPending}>
        Remove all notes
      </button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}
