import type { Auth } from "sallyport";
import { isJudged, type Scene } from "./scene.ts";

const MINUTE = 60_000;
const WRONG = "Wrong-Horse-9-Battery";

export interface Flood {
  readonly name: string;
  /** Simulated minutes. */
  readonly minutes: number;
  /** After how many of these minutes all owners come. */
  readonly visitEvery: number;
  /** Everything that strangers send in one minute. Its result: how many of it passed its limits. */
  minute(scene: Scene, minute: number): Promise<number>;
}

/** Floods from some IPv4 addresses, each as fast as its rule allows. */
export function floods({ quick }: { readonly quick: boolean }): readonly Flood[] {
  const hours = quick ? 2 : 48;
  return [
    wrongLogins(40, hours),
    wrongLogins(80, hours),
    steady({
      name: "wrong logins with the device tokens of others",
      minutes: quick ? 60 : 720,
      addresses: 40,
      each: 5,
      send: ({ auth, knowns }, { ip, serial }) => {
        const deviceToken = knowns[serial % knowns.length]?.held.deviceToken;
        return auth.login({ email: `invented${serial}@example.org`, password: WRONG, deviceToken }, { ip });
      },
    }),
    steady({
      name: "wrong logins that use up 2,000 accounts",
      minutes: 30,
      addresses: 4000,
      each: 5,
      send: ({ auth }, { ip, serial }) =>
        auth.login({ email: `invented${serial % 2000}@example.org`, password: WRONG }, { ip }),
    }),
    ...otherFloods,
  ];
}

const otherFloods: readonly Flood[] = [
  steady({
    name: "signups with invented emails",
    minutes: 10,
    addresses: 400,
    each: 5,
    send: ({ auth }, { ip, serial }) =>
      auth.signup({ email: `invented${serial}@example.org`, password: WRONG }, { ip }),
  }),
  steady({
    name: "forged refresh tokens",
    minutes: 3,
    addresses: 20_000,
    each: 5,
    send: ({ auth }, { ip }) => auth.refresh("forged", { ip }),
  }),
  steady({
    name: "cross-site requests",
    minutes: 3,
    addresses: 50_000,
    each: 1,
    send: ({ auth }, { ip }) => auth.events.recordCrossSite({ ip }),
  }),
  steady({
    name: "wrong proofs of sessions of the attackers' own",
    minutes: 20,
    addresses: 100,
    each: 5,
    send: async ({ auth }, { ip, serial }) => {
      const { accessToken } = await signUp(auth, `attacker${serial}@example.org`, ip);
      const proof = { password: "another" };
      for (let wrong = 0; wrong < 12; wrong++)
        await isJudged(auth.reauthenticate(accessToken, proof, { ip }));
    },
  }),
];

interface Sent {
  readonly ip: string;
  /** It never repeats. */
  readonly serial: number;
}

interface Steady {
  readonly name: string;
  readonly minutes: number;
  readonly addresses: number;
  /** The calls of each address in a minute. */
  readonly each: number;
  send(scene: Scene, sent: Sent): Promise<unknown>;
}

function steady({ name, minutes, addresses, each, send }: Steady): Flood {
  const calls = addresses * each;
  return {
    name: `${name}, ${addresses.toLocaleString("en")} addresses`,
    minutes,
    visitEvery: Math.min(minutes, 360),
    async minute(scene, minute) {
      let judged = 0;
      for (let call = 0; call < calls; call++) {
        const sent = { ip: addressOf(call % addresses), serial: minute * calls + call };
        if (await isJudged(send(scene, sent))) judged++;
      }
      scene.clock.advance(MINUTE);
      return judged;
    },
  };
}

function wrongLogins(addresses: number, hours: number): Flood {
  return steady({
    name: `wrong logins with invented emails for ${hours} h`,
    minutes: hours * 60,
    addresses,
    each: 5,
    send: ({ auth }, { ip, serial }) =>
      auth.login({ email: `invented${serial}@example.org`, password: WRONG }, { ip }),
  });
}

async function signUp(auth: Auth, email: string, ip: string): Promise<{ readonly accessToken: string }> {
  const result = await auth.signup({ email, password: WRONG }, { ip });
  if (result.status !== "signed_in") throw new Error("No gate was asked for.");
  return result;
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}
