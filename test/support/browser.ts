import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** These fit the browser into a Lambda; elsewhere it would end with the first page that is closed. */
const LAMBDA_ONLY = new Set(["--single-process", "--no-zygote"]);

/** What a page asks for is then all that leaves the browser. */
const KEEP_TO_ITSELF = ["--disable-background-networking", "--disable-component-update", "--no-pings"];

/** Starts the browser that comes as an npm package; nothing needs to be installed. The caller closes it. */
export const startBrowser = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: [...sparticuz.args.filter((flag) => !LAMBDA_ONLY.has(flag)), ...KEEP_TO_ITSELF],
    headless: true,
  });
