/** A fixed amount of work; what is timed is one of its `operations`. */
export interface Work {
  readonly name: string;
  readonly operations: number;
  /** Runs before each round, outside the timing. */
  prepare?(): Promise<void> | void;
  run(): Promise<void> | void;
}

/** How one operation compares to one of the baseline. */
export interface Comparison {
  readonly name: string;
  readonly elapsed: Measured;
  /** Of all threads. Other programs on the machine change it little. */
  readonly processor: Measured;
}

/** Medians over all rounds, for one operation. */
interface Measured {
  readonly ms: number;
  readonly baselineMs: number;
  /** Each round's time over the mean of the two baselines around it: a slow second hits both alike. */
  readonly ratio: number;
}

/** Times baseline, subject, baseline, subject, ... , baseline in every round, after one round to warm up. */
export async function compare(
  baseline: Work,
  subjects: readonly Work[],
  rounds: number,
): Promise<readonly Comparison[]> {
  const samples = subjects.map(({ name }) => ({ name, rounds: [] as Sample[] }));
  for (let round = 0; round <= rounds; round++) {
    let before = await time(baseline);
    for (const [index, subject] of subjects.entries()) {
      const own = await time(subject);
      const after = await time(baseline);
      if (round > 0) samples[index]?.rounds.push({ own, before, after });
      before = after;
    }
  }
  return samples.map((sample) => ({
    name: sample.name,
    elapsed: summarize(sample.rounds, ({ elapsedMs }) => elapsedMs),
    processor: summarize(sample.rounds, ({ processorMs }) => processorMs),
  }));
}

/** Milliseconds of one operation. */
interface Timing {
  readonly elapsedMs: number;
  readonly processorMs: number;
}

interface Sample {
  readonly own: Timing;
  readonly before: Timing;
  readonly after: Timing;
}

async function time(work: Work): Promise<Timing> {
  await work.prepare?.();
  const processor = process.cpuUsage();
  const start = performance.now();
  await work.run();
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  return { elapsedMs: elapsed / work.operations, processorMs: (user + system) / 1000 / work.operations };
}

function summarize(samples: readonly Sample[], pick: (timing: Timing) => number): Measured {
  const pairs = samples.map(({ own, before, after }) => ({
    ms: pick(own),
    baselineMs: (pick(before) + pick(after)) / 2,
  }));
  return {
    ms: median(pairs.map(({ ms }) => ms)),
    baselineMs: median(pairs.map(({ baselineMs }) => baselineMs)),
    ratio: median(pairs.map(({ ms, baselineMs }) => ms / baselineMs)),
  };
}

/** Calls `work` that many times, `callers` at once, each caller waiting for its answer. */
export async function spread(
  callers: number,
  times: number,
  work: (turn: number) => Promise<unknown>,
): Promise<void> {
  let turn = 0;
  const caller = async (): Promise<void> => {
    while (turn < times) await work(turn++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that at least this share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError("No values.");
  return value;
}
