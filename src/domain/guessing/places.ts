import type { Folded } from "./fold.ts";
import { KEYBOARDS } from "./keyboards.ts";

/** Where the characters of a text are, in one system. NaN: a character is not in it. */
export type Places = readonly number[];

export interface Systems {
  /** One for each keyboard. */
  readonly keyboards: readonly Places[];
  /** All systems in which a sequence may be regular: the alphabets and the letters behind substitutions as well. */
  readonly all: readonly Places[];
}

export function systemsOf({ plain, letters }: Folded): Systems {
  const keyboards = KEYBOARDS.map((places) => [...plain].map((key) => places.get(key) ?? Number.NaN));
  const alphabets = [plain, letters].map((text) => [...text].map((character) => character.charCodeAt(0)));
  return { keyboards, all: [...alphabets, ...keyboards] };
}
