import { parseArgs } from "node:util";
import { atMost, type Row, toJson, toTable } from "../report.ts";
import { type Flood, floods } from "./floods.ts";
import { limiterRows, megabytes } from "./limiter.ts";
import { networkRows } from "./network.ts";
import { makeScene, type Refused, visit } from "./scene.ts";

// What strangers can do to owners by a flood of keys. The clock is a fake one: 48 hours take a minute.
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

const NEWCOMERS = 400;
const OTHERS = 100;

async function floodRows(flood: Flood): Promise<readonly Row[]> {
  const scene = await makeScene({ newcomers: NEWCOMERS, others: OTHERS });
  const before = megabytes();
  let worst: Refused = { newcomers: 0, knowns: 0, members: 0 };
  let judged = 0;
  for (let minute = 0; minute < flood.minutes; minute++) {
    judged += await flood.minute(scene, minute);
    if ((minute + 1) % flood.visitEvery === 0) worst = worse(worst, await visit(scene));
  }
  const held = megabytes() - before;
  const { fullTables } = await scene.auth.health();
  await scene.auth.close();
  const row = (name: string, value: number, most: number): Row => ({
    group: flood.name,
    name,
    value,
    unit: "",
    goal: atMost(most, value, "refused"),
  });
  return [
    { group: flood.name, name: "attempts that passed their limits", value: judged, unit: "" },
    { group: flood.name, name: "full tables at the end", value: fullTables.length, unit: "" },
    { group: flood.name, name: "grown, with users and sessions", value: held, unit: "MB" },
    row(`owners refused on a new device, of ${NEWCOMERS}`, worst.newcomers, 1),
    row(`known devices refused, of ${OTHERS}`, worst.knowns, 0),
    row(`signed-in users refused, of ${OTHERS}`, worst.members, 0),
  ];
}

function worse(one: Refused, other: Refused): Refused {
  return {
    newcomers: Math.max(one.newcomers, other.newcomers),
    knowns: Math.max(one.knowns, other.knowns),
    members: Math.max(one.members, other.members),
  };
}

const rows: Row[] = [...(await limiterRows(values)), ...(await networkRows())];
for (const flood of floods(values)) rows.push(...(await floodRows(flood)));
process.stdout.write(values.json ? `${toJson(rows)}\n` : toTable(rows));
process.exitCode = rows.some(({ goal }) => goal && !goal.met) ? 1 : 0;
