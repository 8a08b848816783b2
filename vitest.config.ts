import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";
import { summary } from "./test/support/reporter.ts";
import { absenceOf, DATABASES, VARIABLES } from "./test/support/services.ts";
import { SOURCE_ALIASES } from "./test/support/source-aliases.ts";

/** What needs a build, a server, a browser or several processes has a project of its own. */
const ELSEWHERE = ["browser", "cluster", "http", "newcomer", "package", "recipes", "services", "support"];
const UNIT = `test/!(${ELSEWHERE.join("|")})/**/*.test.ts`;
const HTTP = "test/http/**/*.test.ts";

/** What the next file of the same process would meet. A file that does it gets a process of its own. */
const CHANGES_ITS_PROCESS =
  /@vitest-environment|\bvi\.(?:mock|hoisted)\(|\bprocess\.(?:on|chdir|memoryUsage)\(|\bprocess\.env(?:\.\w+|\[.+?\]) = /;
const ISOLATED = globSync([UNIT, HTTP]).filter((file) =>
  CHANGES_ITS_PROCESS.test(readFileSync(file, "utf8")),
);

/** What every database has to pass. */
const ON_EACH_DATABASE = [
  "test/conformance/spellings.test.ts",
  "test/features/second-factor.test.ts",
  "test/flows/**/*.test.ts",
  "test/http/mail-enumeration.test.ts",
  "test/security/**/*.test.ts",
  "test/services/databases/**/*.test.ts",
  "test/upgrades/**/*.test.ts",
];

const NOT_ABOUT_DATABASES = [
  "test/flows/two-processes.test.ts", // about one file of SQLite
  "test/security/hostile-tokens/**", // judged before any store is asked
  "test/security/trusted-proxies/**", // likewise
  "test/security/secrets/errors.test.ts", // about errors of every store
  "test/security/guess-bound.test.ts", // about limiters
  "test/security/limiter-flood.test.ts", // likewise
];

/** Begins the names of databases that this run makes on a server. */
const DATABASE_RUN = `${process.pid}_`;

/** For files that share a process. */
const SHARED = { isolate: false, setupFiles: ["test/support/undo-stubs.ts"] };

/** For files that start programs. */
const STARTS_PROGRAMS = { globalSetup: ["test/support/bundled-source.ts"] };

/** Its files run one after the other, when those of the groups before are done. */
const alone = (groupOrder: number) => ({ maxWorkers: 1, sequence: { groupOrder } });

type ProjectOptions = NonNullable<TestProjectInlineConfiguration["test"]>;

function project(name: string, options: ProjectOptions): TestProjectInlineConfiguration {
  return { extends: true, test: { name, ...options } };
}

function onDatabase(name: string): TestProjectInlineConfiguration {
  const env = { DATABASE_UNDER_TEST: name, DATABASE_RUN };
  if (absenceOf(name)) return project(name, { include: ["test/support/absent-database.test.ts"], env });
  return project(name, {
    include: [...ON_EACH_DATABASE, ...(name in VARIABLES ? ["test/services/servers/**/*.test.ts"] : [])],
    exclude: NOT_ABOUT_DATABASES,
    env,
    setupFiles: ["test/support/database-hooks.ts", ...SHARED.setupFiles],
    ...(name in VARIABLES && { globalSetup: ["test/support/drop-databases.ts"] }),
    isolate: false,
  });
}

const config: ViteUserConfig = defineConfig({
  resolve: { alias: [...SOURCE_ALIASES] },
  test: {
    // A slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: "100%",
    // Programs under test are compiled once, not at each of their starts.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL(".cache/compiled", import.meta.url)) },
    reporters: ["default", summary],
    projects: [
      project("unit", { include: [UNIT], exclude: ISOLATED, ...SHARED, ...STARTS_PROGRAMS }),
      project("isolated", { include: ISOLATED }),
      project("http", { include: [HTTP], exclude: ISOLATED, ...SHARED }),
      ...DATABASES.map(onDatabase),
      // Several processes at once, each test on the databases it names. They want the machine for themselves.
      project("processes", {
        include: ["test/services/{,limiters/}*.test.ts"],
        ...STARTS_PROGRAMS,
        ...alone(1),
      }),
      // examples/cluster as it runs: each file starts four processes, with a database and counters of its own.
      project("cluster", { include: ["test/cluster/**/*.test.ts"], ...STARTS_PROGRAMS, ...alone(2) }),
      project("browser", { include: ["test/browser/**/*.test.ts"], ...alone(3) }),
      // Applications on a framework that is too large for this folder, each with a lock file of its own.
      project("recipes", {
        include: ["test/recipes/**/*.test.ts"],
        globalSetup: ["test/recipes/next/global-setup.ts"],
        hookTimeout: 600_000,
        ...alone(4),
      }),
      // The tarball as it would be published, installed from the registry into an empty folder.
      project("package", {
        include: ["test/package/**/*.test.ts"],
        globalSetup: ["test/package/global-setup.ts"],
        hookTimeout: 300_000,
      }),
      // Its pages followed from an empty folder, each against the clock.
      project("newcomer", {
        include: ["test/newcomer/**/*.test.ts"],
        globalSetup: ["test/newcomer/global-setup.ts"],
        ...alone(5),
      }),
    ],
  },
});

export default config;
