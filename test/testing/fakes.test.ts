import { expect, test } from "vitest";
import { capturingEvents } from "../../src/testing/capturing-events.ts";
import { fakeClock } from "../../src/testing/fake-clock.ts";
import { sampleEvent } from "../../src/testing/store/samples.ts";

test("a fake clock stands still until it is moved", () => {
  const clock = fakeClock("2026-03-01T00:00:00Z");
  expect(clock.now()).toEqual(new Date("2026-03-01T00:00:00Z"));
  clock.now().setTime(0);
  clock.advance("15m");
  clock.advance(1);
  expect(clock.now()).toEqual(new Date("2026-03-01T00:15:00.001Z"));
  const date = new Date("2020-01-01T00:00:00Z");
  clock.set(date);
  date.setTime(0);
  expect(clock.now()).toEqual(new Date("2020-01-01T00:00:00Z"));
});

test("a fake clock refuses what is no time", () => {
  expect(() => fakeClock("soon")).toThrow(/valid date/);
  expect(() => fakeClock().advance(-1)).toThrow(/positive duration/);
  expect(() => fakeClock().set(new Date(Number.NaN))).toThrow(/valid date/);
});

test("captured events are kept in order until they are cleared", () => {
  const captured = capturingEvents();
  const [first, second] = [sampleEvent(), sampleEvent()];
  captured.onEvent(first);
  captured.onEvent(second);
  expect(captured.events).toEqual([first, second]);
  captured.clear();
  expect(captured.events).toEqual([]);
});
