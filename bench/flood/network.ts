import { atMost, type Row } from "../report.ts";
import { makeScene, refusals, visit } from "./scene.ts";

const GROUP = "forged refresh tokens from one IPv6 /32, 4,000 a second for 20 s";
const SECONDS = 20;
const FORGED_A_SECOND = 4000;
const LOGINS_A_SECOND = 20;

/** The holder of a /32 floods the refresh, while others sign in. */
export async function networkRows(): Promise<readonly Row[]> {
  const scene = await makeScene({ newcomers: SECONDS * LOGINS_A_SECOND, others: 100 });
  const { auth, clock, newcomers } = scene;
  const between = FORGED_A_SECOND / LOGINS_A_SECOND;
  let refused = 0;
  for (const [turn, { email }] of newcomers.entries()) {
    for (let index = 0; index < between; index++)
      await refusals(() => auth.refresh("forged", { ip: hostOf(turn * between + index) }).catch(tolerate));
    const client = { ip: `198.51.${turn >> 8}.${turn & 255}` };
    refused += await refusals(() => auth.login({ email, password: "Correct-Horse-7-Battery" }, client));
    clock.advance(1000 / LOGINS_A_SECOND);
  }
  clock.advance("5s");
  const later = await visit(scene);
  const most = newcomers.length / 100;
  return [
    goalRow(`logins refused meanwhile, of ${newcomers.length}`, refused, most),
    goalRow("logins refused 5 s later, of 400", later.newcomers, 0),
    goalRow("known devices refused 5 s later, of 100", later.knowns, 0),
    goalRow("signed-in users refused 5 s later, of 100", later.members, 0),
  ];
}

function goalRow(name: string, value: number, most: number): Row {
  return { group: GROUP, name, value, unit: "", goal: atMost(most, value, "refused") };
}

/** A forged token is refused anyhow. A limit is no failure of the measurement either. */
function tolerate(error: { readonly code?: string }): void {
  if (error.code !== "invalid_token" && error.code !== "rate_limited") throw error;
}

/** Each from a /48 of its own. */
function hostOf(index: number): string {
  return `2001:db8:${(index % 65_536).toString(16)}:${(index >> 4).toString(16)}::1`;
}
