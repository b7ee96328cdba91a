import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";

type Line = Parameters<Logger["createAndPopulateLogItem"]>;

/** A logger that puts together what its lines have in common when one is written: most requests write none. */
class RequestLogger extends Logger {
  #about: { readonly context: Context; readonly keys: Readonly<Record<string, string>> } | undefined;

  /** Says what further lines are about, instead of what was said before. */
  begin(context: Context, keys: Readonly<Record<string, string>>): void {
    this.#about = { context, keys };
  }

  /** Says more of it. */
  add(keys: Readonly<Record<string, string>>): void {
    if (this.#about) this.#about = { ...this.#about, keys: { ...this.#about.keys, ...keys } };
  }

  protected override createAndPopulateLogItem(...line: Line) {
    if (this.#about) {
      this.resetKeys();
      this.addContext(this.#about.context);
      this.appendKeys(this.#about.keys);
    }
    return super.createAndPopulateLogItem(...line);
  }
}

/** One structured log and one set of metrics per function; names and level come from the environment. */
export const logger = new RequestLogger();
export const metrics = new Metrics({ defaultDimensions: { stage: process.env.STAGE ?? "dev" } });
