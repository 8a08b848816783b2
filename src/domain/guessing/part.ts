import type { Folded } from "./fold.ts";

/** A part of a password that begins at a known place. */
export interface Part {
  /** The index after its last character. */
  readonly end: number;
  /** The power of ten of the guesses that find it. */
  readonly cost: number;
}

/** Finds the parts of one kind that begin at `from`. */
export type FindParts = (text: Folded, from: number) => readonly Part[];
