type NoCall = "clock" | "routes" | "hasSignupFields" | "enabled";

/** Every call of an `Auth`, nested ones by their path: `"signup"`, `"sessions.revoke"`. */
export type CallsOf<Calls> = {
  [Name in Exclude<keyof Calls & string, NoCall>]: Calls[Name] extends (...args: never) => unknown
    ? Name
    : `${Name}.${CallsOf<Calls[Name]>}`;
}[Exclude<keyof Calls & string, NoCall>];
