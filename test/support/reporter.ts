import type { Reporter, TestCase, TestModule } from "vitest/node";
import { absenceOf, DATABASES } from "./services.ts";

const SERVICES = [...DATABASES, "redis"] as const;
const ON_SERVICES: readonly string[] = [...DATABASES, "processes"];

/** What `npm test` leaves to commands of their own: the name of a command, and one project of those it runs. */
const OTHERS = {
  services: "processes",
  cluster: "cluster",
  browser: "browser",
  package: "package",
  newcomer: "newcomer",
  recipes: "recipes",
};

/** After a run: what it counted, what it left out, and how to run that. */
export const summary: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const projects = new Set(modules.map(({ project }) => project.name));
    const lines = [
      ...(ON_SERVICES.some((name) => projects.has(name)) ? countByService(modules) : []),
      ...(projects.has("http") && projects.size === 1 ? countByMount(modules) : []),
      ...(projects.has("processes") || projects.has("cluster") ? absences() : []),
      ...(projects.has("newcomer") ? secondsOfPages(modules) : []),
      ...(projects.has("unit") ? leftOut(projects) : []),
    ];
    for (const line of lines) process.stdout.write(`${line}\n`);
  },
};

function leftOut(projects: ReadonlySet<string>): readonly string[] {
  const commands = Object.entries(OTHERS).filter(([, project]) => !projects.has(project));
  if (commands.length === 0) return [];
  return [`\nNot run: ${commands.map(([name]) => `${name} (npm run test:${name})`).join(", ")}.`];
}

function absences(): readonly string[] {
  return SERVICES.flatMap((name) => absenceOf(name) ?? []).map(
    (absence) => `${absence}: skipped. To start all servers: eval "$(scripts/services.sh)"`,
  );
}

function secondsOfPages(modules: readonly TestModule[]): readonly string[] {
  const tests = modules
    .filter(({ project }) => project.name === "newcomer")
    .flatMap(({ children }) => [...children.allTests()]);
  const done = tests.filter((test) => test.result().state === "passed");
  return done.map(
    (test) => `${((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1).padStart(6)} s  ${test.name}`,
  );
}

function countByService(modules: readonly TestModule[]): readonly string[] {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return Object.entries(Object.groupBy(tests, serviceOf)).map(([name, of]) => {
    const counts = Object.entries(Object.groupBy(of ?? [], (test) => test.result().state));
    return `${name}: ${counts.map(([state, counted]) => `${counted?.length} ${state}`).join(", ")}`;
  });
}

function serviceOf({ project, fullName }: TestCase): string {
  return SERVICES.find((name) => project.name === name || fullName.includes(name)) ?? "no database";
}

/** Of each server and mount how many promises it was asked, and how many it kept. */
function countByMount(modules: readonly TestModule[]): readonly string[] {
  const parts = modules.filter(({ moduleId }) => /http\/suite\/part-\d+\.test\.ts$/.test(moduleId));
  const suites = parts.flatMap(({ children }) => [...children.suites()]);
  const rows = suites.map(({ name, children }) => {
    const tests = [...children.allTests()];
    const passed = tests.filter((test) => test.result().state === "passed").length;
    return `${name.padEnd(44)} ${String(tests.length).padStart(5)} ${String(passed).padStart(6)}`;
  });
  return [`\n${"The contract, by server and mount".padEnd(44)} tests passed`, ...rows];
}
