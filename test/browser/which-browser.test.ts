import { expect, test } from "vitest";
import { findBrowser, sharedBrowser } from "../support/browser.ts";

const none = () => false;
const only =
  (...files: string[]) =>
  (file: string) =>
    files.includes(file);
const linux = { platform: "linux", arch: "x64" } as const;
const mac = { platform: "darwin", arch: "arm64" } as const;
const windows = { platform: "win32", arch: "x64" } as const;
const IN_APPLICATIONS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const CHROME_EXE = "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe";

test("CHROMIUM comes first, and must be a browser", () => {
  const environment = { CHROMIUM: "/own/chromium", PATH: "/bin" };
  expect(findBrowser(linux, environment, only("/own/chromium", "/bin/chromium"))).toBe("/own/chromium");
  expect(() => findBrowser(linux, environment, only("/bin/chromium"))).toThrow(
    /^CHROMIUM is \/own\/chromium/,
  );
});

test.each([
  ["on the PATH", linux, { PATH: "/bin:/home/ada/bin" }, "/home/ada/bin/google-chrome"],
  ["as Chromium on the PATH", linux, { PATH: "/home/ada/bin" }, "/home/ada/bin/chromium"],
  ["as a snap", linux, {}, "/snap/bin/chromium"],
  ["where Google's package puts it", { ...linux, arch: "arm64" }, {}, "/opt/google/chrome/chrome"],
  ["among the applications", mac, { HOME: "/Users/ada" }, IN_APPLICATIONS],
  [
    "among a person's own applications",
    mac,
    { HOME: "/Users/ada" },
    "/Users/ada/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  ["among the programs", windows, { ProgramFiles: "C:\\Program Files" }, CHROME_EXE],
  [
    "for one person",
    windows,
    { LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" },
    "C:\\Users\\ada\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe",
  ],
])("an installed one is found %s", (_where, machine, environment, file) => {
  expect(findBrowser(machine, environment, only(file))).toBe(file);
});

test("without any, Linux x64 takes the packaged one; elsewhere a sentence says what to do", () => {
  expect(findBrowser(linux, {}, none)).toBeUndefined();
  for (const machine of [mac, windows, { platform: "linux", arch: "arm64" } as const])
    expect(() => findBrowser(machine, {}, none)).toThrow(/install Chrome or Chromium, or set CHROMIUM/);
});

test("the one of these tests runs", async () => {
  expect((await sharedBrowser()).version()).toMatch(/^\d+\./);
});
