// Class: an owner's trail that strangers fill with signups, so that the intruder's login is on no page.
import { describe, expect, test } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD, STORES, strangers, times } from "../support/harness.ts";

const addressOf = (index: number): string => `198.51.${100 + Math.floor(index / 150)}.${index % 150}`;
const owner = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("of 1,500 signups with the owner's email from 300 addresses four are judged, and few leave an event", async () => {
    const { auth, sink, store } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup(owner, { ip: null });
    sink.clear();
    const codes: string[] = [];
    for (const index of times(1500, Number))
      codes.push(await codeOf(auth.signup(owner, { ip: addressOf(index % 300) })));
    const judged = codes.filter((code) => code !== "rate_limited");
    expect(judged).toEqual(times(4, () => "email_taken")); // the owner's own signup was the first of five
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.events.length).toBeLessThan(20);
    expect(await store.events.list({ userId: user.id, limit: 100 })).toHaveLength(5);
  });

  test("a taken email and a free one are refused at the same count, in every spelling", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    await auth.signup(owner, { ip: null });
    const stranger = strangers();
    const countOf = async (emails: readonly string[]): Promise<number> => {
      const codes = [];
      for (const index of times(12, Number)) {
        const email = emails[index % emails.length] as string;
        // Two different passwords: a free email is taken by the first of them.
        codes.push(await codeOf(auth.signup({ email, password: `${PASSWORD}${index}` }, stranger())));
      }
      return codes.filter((code) => code !== "rate_limited").length;
    };
    expect(await countOf([EMAIL, EMAIL.toUpperCase()])).toBe(4);
    expect(await countOf(["bob@example.com", "BOB@example.com"])).toBe(5);
  });

  test("a busy server uses up no email's budget", async () => {
    const { hasher } = countingHasher();
    let isBusy = true;
    const flaky = {
      ...hasher,
      hash: (password: string) => (isBusy ? Promise.reject(new TypeError("away")) : hasher.hash(password)),
    };
    const { auth } = makeAuth({ store: makeStore(), password: { hasher: flaky } });
    const stranger = strangers();
    for (const _ of times(10, Number))
      expect(await codeOf(auth.signup(owner, stranger()))).toBe("internal_error");
    isBusy = false;
    expect(await codeOf(auth.signup(owner, stranger()))).toBe("fulfilled");
  });
});
