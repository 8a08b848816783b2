import type { TestProject } from "vitest/node";
import { dropDatabasesOf } from "./databases.ts";
import type { DatabaseKind } from "./services.ts";

/** After the tests on a server: drops the databases of this run. Each process of the run has made one. */
export function setup({ config }: TestProject): () => Promise<void> {
  const { DATABASE_UNDER_TEST: kind, DATABASE_RUN: run } = config.env as Record<string, string>;
  return () => dropDatabasesOf(run as string, kind as DatabaseKind);
}
