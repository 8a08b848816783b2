/** The browsers that a mail may name. An agent's own text never gets into a mail: a stranger writes it. */
export const BROWSERS = ["Chrome", "Edge", "Firefox", "Opera", "Safari", "Samsung Internet"] as const;

export type BrowserName = (typeof BROWSERS)[number];

/** The systems that a mail may name. */
export const SYSTEMS = ["Android", "ChromeOS", "iPad", "iPhone", "Linux", "macOS", "Windows"] as const;

export type SystemName = (typeof SYSTEMS)[number];

/** What a mail may say of a device, in words of two closed lists. Null: unknown. */
export interface DeviceName {
  readonly browser: BrowserName | null;
  readonly system: SystemName | null;
}

/** The first pattern that fits decides: most browsers also name the browser that they descend from. */
const BROWSER_MARKS: readonly (readonly [name: BrowserName, mark: RegExp])[] = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\bOP(?:R|T|iOS)\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS)\//],
  ["Safari", /\bVersion\/\S+ (?:\S+ )?Safari\//],
];

const SYSTEM_MARKS: readonly (readonly [name: SystemName, mark: RegExp])[] = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];

/** Far longer than any browser's. The rest of a longer text is not read. */
const MAX_AGENT = 512;

/** Names the device of a user agent: Firefox on Windows. It can be wrong, since an agent says what it likes. */
export function deviceNameOf(userAgent: string | null | undefined): DeviceName {
  const agent = (userAgent ?? "").slice(0, MAX_AGENT);
  const named = <Name>(marks: readonly (readonly [Name, RegExp])[]): Name | null =>
    marks.find(([, mark]) => mark.test(agent))?.[0] ?? null;
  return { browser: named(BROWSER_MARKS), system: named(SYSTEM_MARKS) };
}

/** The same name, where each word is of its list. Stored names are read through this. */
export function knownDeviceName(name: { readonly browser: unknown; readonly system: unknown }): DeviceName {
  return {
    browser: BROWSERS.find((browser) => browser === name.browser) ?? null,
    system: SYSTEMS.find((system) => system === name.system) ?? null,
  };
}
