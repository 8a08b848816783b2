import type { Folded } from "./fold.ts";
import type { FindParts, Part } from "./part.ts";

// The longer form stands first: a pattern takes the first that fits.
const DAY = "(?:[12]\\d|3[01]|0?[1-9])";
const MONTH = "(?:1[0-2]|0?[1-9])";
const YEAR = "(?:1[89]|20)\\d\\d";
const SHORT_YEAR = "\\d\\d";

interface Rule {
  readonly pattern: RegExp;
  readonly cost: number;
}

const RULES: readonly Rule[] = [
  { pattern: /20[0-4]\d/y, cost: 1 },
  { pattern: /1[89]\d\d/y, cost: 1.5 },
  { pattern: new RegExp(`${DAY}${MONTH}|${MONTH}${DAY}`, "y"), cost: 2.5 },
  { pattern: joined(YEAR), cost: 3.8 },
  { pattern: joined(SHORT_YEAR), cost: 3.8 },
  // An unknown word with a year or a count: the name of a company, a town or a pet. Guesses of one site have it.
  { pattern: /(?<!\p{L})\p{L}{3,10}[^\p{L}\d]?(?:(?:1[89]|20)\d\d|123(?:4(?:56?)?)?)(?!\d)/uy, cost: 5.5 },
];

/** Years, days, and one unknown word beside a year or a count. */
export const dateParts: FindParts = (text, from) => RULES.flatMap((rule) => match(text, from, rule));

function match({ plain }: Folded, from: number, { pattern, cost }: Rule): readonly Part[] {
  pattern.lastIndex = from; // of a sticky pattern: where it must match
  return pattern.test(plain) ? [{ end: pattern.lastIndex, cost }] : [];
}

/** A day of a year, in any order, with or without marks between. */
function joined(year: string): RegExp {
  const mark = "[-./ _]?";
  const orders = [
    [DAY, MONTH, year],
    [MONTH, DAY, year],
    [year, MONTH, DAY],
  ];
  return new RegExp(orders.map((order) => order.join(mark)).join("|"), "y");
}
