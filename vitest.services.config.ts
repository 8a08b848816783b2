import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import shared, { HOW_TO_RUN_ALL, say } from "./vitest.config.ts";

const DATABASES = ["postgres", "mariadb", "pglite", "node-sqlite", "better-sqlite3"] as const;
/** What has to be started first, and how the tests learn where it is. */
const VARIABLES: Readonly<Record<string, string>> = {
  postgres: "POSTGRES_URL",
  mariadb: "MYSQL_URL",
  redis: "REDIS_URL",
};
const SERVICES = [...DATABASES, "redis"] as const;

/** What every database has to pass. */
const EACH = [
  "test/conformance/kysely-store.test.ts",
  "test/conformance/spellings.test.ts",
  "test/flows/**/*.test.ts",
  "test/security/**/*.test.ts",
  "test/services/databases/**/*.test.ts",
];

const ELSEWHERE = [
  "test/flows/two-processes.test.ts", // about one file of SQLite
  "test/security/hostile-tokens/**", // judged before any store is asked
  "test/security/trusted-proxies/**", // likewise
  "test/security/guess-bound.test.ts", // about limiters
];

const missing: readonly string[] = SERVICES.filter(
  (name) => name in VARIABLES && !process.env[VARIABLES[name] as string],
);
if (missing.length > 0 && process.env["REQUIRE_SERVICES"] === "1") {
  const variables = missing.map((name) => VARIABLES[name]).join(" and ");
  throw new TypeError(`${variables}: not set, and REQUIRE_SERVICES=1 lets nothing be left out.`);
}

const alone = (groupOrder: number) => ({ maxWorkers: 1, sequence: { groupOrder } });

function onDatabase(name: string): TestProjectInlineConfiguration {
  return {
    resolve: shared.resolve ?? {},
    test: {
      name,
      include: name in VARIABLES ? [...EACH, "test/services/servers/**/*.test.ts"] : EACH,
      exclude: ELSEWHERE,
      env: { DATABASE_UNDER_TEST: name },
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // One PGlite for all files: each takes seconds to boot, and most of a gigabyte.
      ...(name === "pglite" ? { isolate: false, ...alone(1) } : {}),
    },
  };
}

/** Several processes at once, each test on the databases it names. They want the machine for themselves. */
const acrossProcesses: TestProjectInlineConfiguration = {
  resolve: shared.resolve ?? {},
  test: {
    name: "processes",
    include: ["test/services/*.test.ts", "test/services/limiters/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...alone(2),
  },
};

const countByService: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    for (const name of missing) say(`${name}: skipped, ${VARIABLES[name]} is not set. ${HOW_TO_RUN_ALL}`);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    for (const [name, states] of Object.entries(Object.groupBy(tests, serviceOf))) {
      const counts = Object.entries(Object.groupBy(states ?? [], (test) => test.result().state));
      say(`${name}: ${counts.map(([state, of]) => `${of?.length} ${state}`).join(", ")}`);
    }
  },
};

function serviceOf(test: TestCase): string {
  const { project, fullName } = test;
  return SERVICES.find((name) => project.name === name || fullName.includes(name)) ?? "no database";
}

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [...DATABASES.filter((name) => !missing.includes(name)).map(onDatabase), acrossProcesses],
    reporters: [countByService, "default"],
  },
});

export default config;
