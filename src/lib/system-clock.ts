/** The system's time. */
export const systemClock: { now(): Date } = Object.freeze({ now: (): Date => new Date() });
