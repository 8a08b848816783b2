import type { Load } from "../load.ts";
import { median } from "../measure.ts";

/** The requests to one server. */
export interface Stream {
  readonly name: string;
  readonly load: Load;
}

/** What one server answered in each round. */
export interface Rates {
  readonly name: string;
  /** Successes a second. */
  readonly perSecond: readonly number[];
}

export interface Slices {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Sends to each server for a slice of a few seconds, in turn, after one slice each to warm up. All servers are up all the
 * time, so a slow minute of the machine hits them alike. Every second round goes backwards.
 */
export async function inSlices(
  streams: readonly Stream[],
  { rounds, seconds }: Slices,
  send: (load: Load) => Promise<number>,
): Promise<readonly Rates[]> {
  const rates = streams.map(({ name }) => ({ name, perSecond: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    const order = [...streams.keys()];
    for (const index of round % 2 === 0 ? order : order.reverse()) {
      const { load } = streams[index] as Stream;
      const perSecond = await send({ ...load, duration: seconds });
      if (round > 0) rates[index]?.perSecond.push(perSecond);
    }
  }
  return rates;
}

/** Of the ratios inside each round. */
export function medianRatio(subject: Rates, baseline: Rates): number {
  return median(subject.perSecond.map((rate, round) => rate / (baseline.perSecond[round] ?? Number.NaN)));
}
