import { ROW } from "./keyboards.ts";
import type { Part } from "./part.ts";
import type { Places } from "./places.ts";

const SHORTEST = 4;
const START = 2;
const TURN = 0.7;
/** From a key to itself, or to one of the keys around it. */
const NEIGHBOURS: ReadonlySet<number> = new Set([-ROW, 0, ROW].flatMap((rows) => [rows - 1, rows, rows + 1]));

/** Walks over neighbouring keys: `qwertz`, `zaq12wsx`. */
export function walkParts(keyboards: readonly Places[], from: number): readonly Part[] {
  return keyboards.flatMap((places) => walkFrom(places, from));
}

function walkFrom(places: Places, from: number): readonly Part[] {
  const parts: Part[] = [];
  let cost = START;
  let before = Number.NaN;
  for (let end = from + 1; end < places.length; end++) {
    const step = (places[end] as number) - (places[end - 1] as number);
    if (!NEIGHBOURS.has(step)) break;
    if (end > from + 1 && step !== before) cost += TURN;
    before = step;
    if (end + 1 - from >= SHORTEST) parts.push({ end: end + 1, cost });
  }
  return parts;
}
