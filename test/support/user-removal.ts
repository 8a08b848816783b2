import type { AuthStore } from "sallyport";
import { noon, sampleEvent, sampleUser } from "../../src/testing/store/samples.ts";

const PSEUDONYM = "hmac:cHNldWRvbnlt";
const EMAIL = "ada@example.com";

/** Three events before the removal, with the email and without, and one after it. */
export async function removeAmongEvents({
  users,
  events,
}: Pick<AuthStore, "users" | "events">): Promise<void> {
  const user = sampleUser({ emailCanonical: EMAIL });
  await users.create(user);
  const event = (ms: number, attemptedEmail: string | null) =>
    sampleEvent({ userId: user.id, attemptedEmail, occurredAt: noon(ms) });
  await events.append([event(0, EMAIL), event(1, null)]);
  await events.append([sampleEvent({ attemptedEmail: "hmac:b3RoZXI", occurredAt: noon(2) })]);
  await users.remove(user.id, PSEUDONYM);
  await events.append([event(3, EMAIL)]);
}

/** User and email of the events that `removeAmongEvents` leaves, oldest first. */
export const EVENTS_AFTER_REMOVAL: readonly (readonly [null, string | null])[] = [
  [null, PSEUDONYM],
  [null, PSEUDONYM],
  [null, "hmac:b3RoZXI"], // nobody's before, and left alone
  [null, null],
];
