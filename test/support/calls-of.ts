/** Every call of an `Auth`, nested ones by their path: `"signup"`, `"sessions.revoke"`. No call: its clock and routes. */
export type CallsOf<Calls> = {
  [Name in Exclude<keyof Calls & string, "clock" | "routes">]: Calls[Name] extends (...args: never) => unknown
    ? Name
    : `${Name}.${CallsOf<Calls[Name]>}`;
}[Exclude<keyof Calls & string, "clock" | "routes">];
