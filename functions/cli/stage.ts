/** @throws a sentence for the terminal, when it is given and is no name of a stage */
export function requireStageName(stage: string | undefined): void {
  if (stage !== undefined && !/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new Error("--stage takes the name of a stage, such as prod.");
}

/** The table of a deployed stage, as infra/data.ts names it. */
export const tableOf = (stage: string) => `success-manager-${stage}`;
