// Turns the API's codes into texts.

const EVENTS = {
  "signup success": ["Account created", "new"],
  "signup refused": ["Too many sign-ups with your email", "wait"],
  "login success": ["Signed in", "in"],
  "login challenged": ["Asked for a second step", "key"],
  "login refused": ["Too many sign-ins", "wait"],
  "login wrong_password": ["Wrong password at sign-in", "fail"],
  "refresh refused": ["Too many refreshes", "wait"],
  "refresh_repeated success": ["Session copied: a used refresh token came from another place", "fail"],
  "ended_session failure": ["Token of an ended session used", "fail"],
  "reauthenticate success": ["Password entered again", "key"],
  "reauthenticate refused": ["Too many passwords tried", "wait"],
  "change_password success": ["Password changed, every session ended", "key"],
  "change_password refused": ["Too many passwords tried", "wait"],
  "change_password wrong_password": ["Wrong current password", "fail"],
  "reset_password success": ["Password reset by mail, every session ended", "key"],
  "reset_password refused": ["Too many tries to reset the password", "wait"],
  "request_email_verification challenged": ["Asked for a mail to verify the email", "key"],
  "request_email_verification refused": ["Too many mails asked for", "wait"],
  "verify_email success": ["Email verified", "key"],
  "verify_email refused": ["Too many codes tried", "wait"],
  "mail failure": ["A mail to you could not be delivered", "fail"],
  "logout success": ["Signed out", "out"],
  "revoke_session success": ["Session ended from another one", "out"],
  "revoke_session failure": ["Tried to end a session that is not yours", "fail"],
  "revoke_other_sessions success": ["All other sessions ended", "out"],
  "replace_session success": ["Session ended by the next sign-in", "out"],
  "disable success": ["Account disabled", "fail"],
  "enable success": ["Account enabled", "new"],
};

const REASONS = {
  wrong_password: "Wrong password",
  disabled: "Account is disabled",
  superseded: "A security change came first",
  refresh_reuse: "Used refresh token sent again, session ended",
  refresh_stale: "Refresh token was too old",
  refresh_exhausted: "Session refreshed too often, session ended",
  session_revoked: "Refresh of an ended session",
  session_expired: "Refresh of an expired session",
  email_taken: "Signup with your email",
  wrong_code: "Wrong code of a mail",
  wrong_link: "Wrong link of a mail",
  proof_unknown: "Used or old code or link of a mail",
  proof_overtaken: "Used code or link of a mail",
  attempts_used_up: "Too many codes tried",
  overloaded: "Server was busy",
  unavailable: "Server was not available",
};

const TAGS = { failure: "Failed", refused: "Refused" };

/** An event of the audit trail: a title, the name of its mark, and a tag if it did not succeed. */
export function describeEvent({ type, outcome, reason }) {
  const tag = TAGS[outcome] ?? null;
  const known = EVENTS[`${type} ${outcome}`] ?? EVENTS[`${type} ${reason}`];
  const [title, mark] = known ?? [REASONS[reason] ?? `${type}: ${reason ?? outcome}`, tag ? "fail" : "key"];
  return { title, mark, tag };
}

// The order matters: Edge also calls itself Chrome, and all of them call themselves Safari.
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

/** Describes a user agent in a few words. The client wrote it, so it proves nothing. */
export function describeBrowser(userAgent) {
  const nameIn = (names) => names.find(([mark]) => userAgent?.includes(mark))?.[1];
  const browser = nameIn(BROWSERS) ?? userAgent?.slice(0, 40) ?? "Unknown client";
  const system = nameIn(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}

// In the language of the page, not of the browser: a screen reader would read mixed languages wrongly.
const format = (options) => new Intl.DateTimeFormat("en-GB", options);
const MINUTES = format({ dateStyle: "medium", timeStyle: "short" });
const SECONDS = format({ timeStyle: "medium" });
const DAYS = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** The date and the time of day. */
export function toMinute(iso) {
  return MINUTES.format(new Date(iso));
}

/** The time of day. */
export function toSecond(iso) {
  return SECONDS.format(new Date(iso));
}

/** The day: today, yesterday or the date. */
export function toDay(iso, now = new Date()) {
  const day = DAYS.format(new Date(iso));
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (day === DAYS.format(now)) return "Today";
  return day === DAYS.format(yesterday) ? "Yesterday" : day;
}

/** Seconds for short times, then minutes. */
export function describeWait(seconds) {
  return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
