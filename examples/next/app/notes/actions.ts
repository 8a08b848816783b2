"use server";

// Anyone may call a server action, as any route. So each asks for its user, whatever page has its form.
import { revalidatePath } from "next/cache";
import { isAuthError } from "sallyport";
import { actor, requireUser } from "@/lib/auth";
import * as notes from "@/lib/notes";

/** What is wrong, in words. */
export type Outcome = string | null;

export async function addNote(_before: Outcome, form: FormData): Promise<Outcome> {
  const me = await requireUser("/notes"); // others are led to sign in
  const problem = notes.addNote(me.userId, form.get("text"));
  revalidatePath("/notes");
  return problem;
}

export async function removeNote(form: FormData): Promise<void> {
  const me = await requireUser("/notes");
  notes.removeNote(me.userId, String(form.get("id")));
  revalidatePath("/notes");
}

/** Here a copied cookie is not enough: the user must have signed in within ten minutes. */
export async function removeAllNotes(_before: Outcome): Promise<Outcome> {
  try {
    const me = await actor({ fresh: "10m" });
    notes.removeNotes(me.userId);
    revalidatePath("/notes");
    return null;
  } catch (error) {
    if (isAuthError(error) && error.code === "reauthentication_required")
      return "To remove all notes, sign out and sign in again.";
    throw error;
  }
}
