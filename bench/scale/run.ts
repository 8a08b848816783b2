import { parseArgs } from "node:util";
import { scaleOf } from "./scale.ts";
import { SERVERS } from "./server.ts";

// A plan that grows with the tables is a failure. A missed ratio is only printed: machines are noisy.
const { values } = parseArgs({
  options: {
    users: { type: "string", default: "100000" },
    databases: { type: "string", default: "postgres,mariadb" },
  },
});
const wanted = values.databases.split(",");
const users = Number(values.users);
if (!Number.isInteger(users) || users < 10_000) throw new RangeError("--users: a whole number from 10000.");
if (!wanted.every((name) => SERVERS.some((server) => server.name === name)))
  throw new RangeError("--databases: postgres, mariadb, or postgres,mariadb.");

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => interrupt.abort(`Stopped by ${name}; the databases are dropped.`));

try {
  for (const server of SERVERS.filter(({ name }) => wanted.includes(name))) {
    if (process.env[server.variable] === undefined) {
      console.log(`${server.name}: not measured, ${server.variable} is not set.`);
      continue;
    }
    const faults = await scaleOf({ server, users, signal: interrupt.signal });
    if (faults > 0) process.exitCode = 1;
  }
} catch (error) {
  if (!interrupt.signal.aborted) throw error;
  console.error(interrupt.signal.reason);
  process.exitCode = 130;
}
