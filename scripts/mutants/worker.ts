// Runs test files in a scratch copy of the repository, which is the working directory. It keeps one server of vitest: only
// the file of the edit is compiled again. Each run has a process of its own.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createVitest, type Vitest } from "vitest/node";
import { SOURCE_ALIASES } from "../../test/support/source-aliases.ts";
import { applyEdit, type Edit } from "./mutant.ts";

export interface Job {
  readonly testFile: string;
  /** None: the test must pass as it is. */
  readonly edit?: Edit | undefined;
}

/** `stopped`: a test failed, and `by` names it. `broken`: nothing could run. */
export interface Verdict {
  readonly outcome: "passed" | "stopped" | "broken";
  readonly by: string;
}

/** A test that waits for ever is stopped by its time. */
const TIMEOUT_MS = 60_000;

const vitest = await startVitest();
process.on("message", (job: Job) => {
  judge(job).then(
    (verdict) => process.send?.(verdict),
    (error) => process.send?.({ outcome: "broken", by: String(error) } satisfies Verdict),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function startVitest(): Promise<Vitest> {
  const options = {
    config: false as const,
    root: process.cwd(),
    include: ["test/**/*.test.ts"],
    watch: false,
    pool: "forks" as const,
    isolate: true,
    maxWorkers: 1,
    bail: 1,
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    reporters: [{}],
    env: { NODE_COMPILE_CACHE: resolve(".cache/compiled") },
  };
  const started = await createVitest(options, {
    resolve: { alias: [...SOURCE_ALIASES] },
    logLevel: "silent",
  });
  await started.standalone();
  return started;
}

async function judge({ testFile, edit }: Job): Promise<Verdict> {
  if (!edit) return run(testFile);
  const path = resolve(edit.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, applyEdit(source, edit));
  vitest.invalidateFile(path);
  try {
    return await run(testFile);
  } finally {
    writeFileSync(path, source);
    vitest.invalidateFile(path);
  }
}

async function run(testFile: string): Promise<Verdict> {
  const path = resolve(testFile);
  const specifications = await vitest.globTestSpecifications([path]);
  if (specifications.length !== 1)
    return { outcome: "broken", by: `${specifications.length} files are ${testFile}` };
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  const module = testModules.find(({ moduleId }) => moduleId === path);
  if (!module) return { outcome: "broken", by: "no test ran" };
  const [failed] = module.children.allTests("failed");
  if (failed) return { outcome: "stopped", by: failed.fullName };
  if (unhandledErrors.length > 0) return { outcome: "stopped", by: "an unhandled error" };
  // An edit that does not even load shows nothing of the test.
  if (!module.ok()) return { outcome: "broken", by: String(module.errors()[0]?.message ?? "a suite failed") };
  return { outcome: "passed", by: "" };
}
