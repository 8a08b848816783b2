// What the API says in codes, in words.

const EVENTS = {
  "signup success": "Account created",
  "login success": "Signed in",
  "login challenged": "Asked for a second step",
  "login refused": "Too many attempts",
  "refresh refused": "Too many refreshes",
  "reauthenticate success": "Password entered again",
  "reauthenticate refused": "Too many attempts",
  "change_password success": "Password changed, every session ended",
  "change_password refused": "Too many attempts",
  "logout success": "Signed out",
  "revoke_session success": "Session ended",
  "revoke_other_sessions success": "Other sessions ended",
  "disable success": "Account disabled",
  "enable success": "Account enabled",
};

const REASONS = {
  wrong_password: "Wrong password",
  disabled: "Account is disabled",
  superseded: "Overtaken by a security change",
  refresh_reuse: "Used refresh token came again, session ended",
  refresh_stale: "Refresh token was overtaken",
  refresh_exhausted: "Session was refreshed too often, and ended",
  session_revoked: "Refresh of a session that had ended",
  session_expired: "Refresh of a session that was over",
  email_taken: "Signup with your email",
  overloaded: "Server was busy",
  unavailable: "Server was not available",
};

/** An event of the audit trail: a title, and a tone for its mark. */
export function describeEvent({ type, outcome, reason }) {
  const title = EVENTS[`${type} ${outcome}`] ?? REASONS[reason] ?? `${type}: ${reason ?? outcome}`;
  const failed = outcome === "failure" || outcome === "refused";
  return { title, tone: failed ? "bad" : type === "logout" ? "plain" : "good" };
}

// In this order: Edge calls itself Chrome as well, and everybody calls themselves Safari.
const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
  ["curl/", "curl"],
];
const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["CrOS", "ChromeOS"],
  ["Mac OS X", "macOS"],
  ["Linux", "Linux"],
];

/** A user agent, in a few words. It is what the client claims, and proves nothing. */
export function describeBrowser(userAgent) {
  const nameIn = (names) => names.find(([mark]) => userAgent?.includes(mark))?.[1];
  const browser = nameIn(BROWSERS) ?? userAgent?.slice(0, 40) ?? "Unknown client";
  const system = nameIn(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}

const MINUTES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const SECONDS = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function toMinute(iso) {
  return MINUTES.format(new Date(iso));
}

export function toSecond(iso) {
  return SECONDS.format(new Date(iso));
}

/** Seconds while one would count them, then minutes. */
export function describeWait(seconds) {
  return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
