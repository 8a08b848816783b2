// Applies each edit of scripts/mutants to a scratch copy and runs the one test file that must notice it.
//   npm run test:mutants                  all of them
//   npm run test:mutants -- G4 attempt.ts only those whose guarantee or file is named
//   npm run test:mutants -- --page        writes the table of docs/audit/security.md
// MUTANT_WORKERS says how many run at once. Default: one for each processor.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { MUTANTS } from "./mutants/all.ts";
import { type Crew, hire } from "./mutants/crew.ts";
import { type Mutant, occurrences } from "./mutants/mutant.ts";
import { PAGE, withTable } from "./mutants/page.ts";
import type { Job, Verdict } from "./mutants/worker.ts";

type End = "stopped" | "SURVIVED" | "BROKEN" | "NOT FOUND";
interface Row {
  readonly mutant: Mutant;
  readonly end: End;
  readonly by: string;
}

const named = process.argv.slice(2);
if (named.includes("--page")) writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8")));
else process.exitCode = await runAll(MUTANTS.filter(isNamed));

function isNamed({ guarantee, file }: Mutant): boolean {
  return named.length === 0 || named.some((name) => name === guarantee || file.endsWith(name));
}

async function runAll(mutants: readonly Mutant[]): Promise<number> {
  const started = performance.now();
  const crews = await Promise.all(Array.from({ length: workers() }, hire));
  try {
    const lame = await lameTests(crews, mutants);
    const rows = await inParallel(crews, mutants, judge);
    report(rows, lame);
    const seconds = Math.round((performance.now() - started) / 1000);
    const stopped = rows.filter(({ end }) => end === "stopped").length;
    console.log(
      `mutants: ${stopped} stopped, ${rows.length - stopped} not, ${lame.length} tests fail without them (${seconds} s)`,
    );
    return stopped === rows.length && lame.length === 0 ? 0 : 1;
  } finally {
    for (const crew of crews) crew.close();
  }
}

function workers(): number {
  return Number(process.env["MUTANT_WORKERS"]) || availableParallelism();
}

/** A test that fails without any edit would stop every one. */
async function lameTests(crews: readonly Crew[], mutants: readonly Mutant[]): Promise<readonly string[]> {
  const files = [...new Set(mutants.map(({ stoppedBy }) => stoppedBy))];
  const verdicts = await inParallel(crews, files, async (crew, testFile) => ({
    testFile,
    ...(await crew.run({ testFile })),
  }));
  return verdicts
    .filter(({ outcome }) => outcome !== "passed")
    .map(({ testFile, by }) => `${testFile}: ${by}`);
}

async function judge(crew: Crew, mutant: Mutant): Promise<Row> {
  const count = occurrences(readFileSync(mutant.file, "utf8"), mutant);
  if (count !== 1) return { mutant, end: "NOT FOUND", by: `its text is ${count} times in ${mutant.file}` };
  const job: Job = { testFile: mutant.stoppedBy, edit: mutant };
  const { outcome, by }: Verdict = await crew.run(job);
  const ends: Readonly<Record<Verdict["outcome"], End>> = {
    passed: "SURVIVED",
    stopped: "stopped",
    broken: "BROKEN",
  };
  const row: Row = { mutant, end: ends[outcome], by };
  console.log(lineOf(row));
  return row;
}

async function inParallel<T, R>(
  crews: readonly Crew[],
  tasks: readonly T[],
  work: (crew: Crew, task: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = tasks.entries();
  const serve = async (crew: Crew): Promise<void> => {
    for (const [index, task] of queue) results[index] = await work(crew, task);
  };
  await Promise.all(crews.map(serve));
  return results;
}

function report(rows: readonly Row[], lame: readonly string[]): void {
  const bad = rows.filter(({ end }) => end !== "stopped");
  if (bad.length > 0) console.log(["", "Not stopped:", ...bad.map(lineOf)].join("\n"));
  if (lame.length > 0) console.log(["", "Failed without an edit:", ...lame].join("\n"));
}

function lineOf({ mutant: { guarantee, edit, file, stoppedBy }, end, by }: Row): string {
  const test = stoppedBy.replace(/^test\/(?:security\/)?|\.test\.ts$/g, "");
  return [guarantee.padEnd(3), end.padEnd(9), test.padEnd(32), `${edit} (${file})`, by && `<- ${by}`]
    .filter(Boolean)
    .join("  ");
}
