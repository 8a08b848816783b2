/** A guarantee of docs/audit/security.md, or a row of its table below them. */
export type Guarantee = `G${number}` | "Beyond the twelve";

/** An edit of src that a tired maintainer makes, and the one test file that must notice it. */
export interface Mutant extends Edit {
  readonly guarantee: Guarantee;
}

export interface Edit {
  /** What the edit does, in a few words. docs/audit/security.md lists it. */
  readonly edit: string;
  readonly file: string;
  /** A text that the file has exactly once. */
  readonly from: string;
  readonly to: string;
  readonly stoppedBy: string;
}

/** How often the text of the edit is in its file. It must be once. */
export function occurrences(source: string, { from }: Pick<Edit, "from">): number {
  return source.split(from).length - 1;
}

/** The file after the edit. A replacement text is never read as a pattern. */
export function applyEdit(source: string, { from, to }: Pick<Edit, "from" | "to">): string {
  return source.replace(from, () => to);
}
