import { kyselyStore } from "../../src/adapters/kysely/index.ts";
import { compare } from "../measure.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import { type Planned, type Watch, withWatch } from "./plans.ts";
import type { Population } from "./population.ts";
import { brief, planList, sizeTable, type Timing, timingTable } from "./report.ts";
import { type Seeding, seed } from "./seed.ts";
import { describeServer, type ScratchDatabase, withDatabase } from "./server.ts";
import { tableSizes } from "./sizes.ts";

const SMALL = 10_000;

/** Seeds, measures and prints one server; answers how many plans grow with the tables. */
export function scaleOf(seeding: Seeding): Promise<number> {
  const { server } = seeding;
  return withDatabase(server, (small) =>
    withDatabase(server, async (big) => {
      console.log(`\n## ${await describeServer(server, big)}\n`);
      const smallOne = await populated(small, { ...seeding, users: SMALL });
      const bigOne = await populated(big, seeding);
      console.log(`\n${sizeTable(await tableSizes(server, big), seeding.users)}\n`);
      const measured = await withWatch(server, big, (watch) =>
        measureAll({ small: smallOne, big: bigOne, watch }, seeding.signal),
      );
      console.log(timingTable(measured.timings, { small: SMALL, users: seeding.users }));
      console.log(`\n${planList(measured.planned)}\n`);
      return complain(measured.planned);
    }),
  );
}

interface Populated extends ScratchDatabase {
  readonly population: Population;
}

async function populated(database: ScratchDatabase, seeding: Seeding): Promise<Populated> {
  const start = performance.now();
  const population = await seed(database, seeding);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${seeding.users.toLocaleString("en")} users, seeded in ${seconds} s`);
  return { ...database, population };
}

interface Measuring {
  readonly small: Populated;
  readonly big: Populated;
  readonly watch: Watch;
}

interface Measured {
  readonly timings: readonly Timing[];
  readonly planned: readonly Planned[];
}

async function measureAll(measuring: Measuring, signal: AbortSignal): Promise<Measured> {
  const timings: Timing[] = [];
  const planned: Planned[] = [];
  for (const operation of OPERATIONS) {
    signal.throwIfAborted();
    const perform = operation.on(measuring.big.population);
    planned.push(...(await measuring.watch.plansOf(operation.name, perform)));
    timings.push(await timing(operation, measuring, perform));
  }
  return { timings, planned };
}

/** Both databases in turn, so that a slow second hits both alike. */
async function timing(
  operation: Operation,
  { small, big }: Measuring,
  onBig: ReturnType<Operation["on"]>,
): Promise<Timing> {
  const { name, rounds } = operation;
  const baseline = workOn(small, operation, operation.on(small.population));
  const [result] = await compare(baseline, [workOn(big, operation, onBig)], rounds);
  if (!result) throw new Error("One subject has one result.");
  return { name, elapsed: result.elapsed };
}

function workOn({ db }: Populated, { name, calls, rows }: Operation, perform: ReturnType<Operation["on"]>) {
  const store = kyselyStore(db);
  return {
    name,
    operations: calls * rows,
    run: async () => {
      for (let call = 0; call < calls; call++) await perform(store);
    },
  };
}

function complain(planned: readonly Planned[]): number {
  const faulty = planned.filter(({ fault }) => fault !== null);
  for (const { operation, statement, fault } of faulty)
    console.error(`GROWS WITH THE TABLE: ${operation}: ${brief(statement)}\n    ${fault}`);
  if (faulty.length === 0) console.log(`${planned.length} plans: none grows with the tables.`);
  return faulty.length;
}
