const causes = (error: unknown): Error[] => (error instanceof Error ? [error, ...causes(error.cause)] : []);

/**
 * What a person at the terminal can do about a failure.
 * @param needs what the command does with the table, as IAM calls it
 */
export function friendlyError(error: unknown, needs: string): string {
  const all = causes(error);
  const table = process.env.TABLE_NAME ?? "";
  const failed = (...names: string[]) => all.find(({ name }) => names.includes(name));
  if (failed("ResourceNotFoundException"))
    return `There is no table ${table} in this account and region. Deploy the stage first, or choose another with --stage and AWS_REGION.`;
  if (failed("CredentialsProviderError", "UnrecognizedClientException", "ExpiredTokenException"))
    return "AWS does not know who is asking: sign in first (aws sso login, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).";
  if (failed("AccessDeniedException"))
    return `These credentials may not do this with the table ${table}: they need ${needs} on it.`;
  if (all.some(({ message }) => message === "Region is missing"))
    return "Which region? Set AWS_REGION, or a region in your AWS profile.";
  return all.at(-1)?.message ?? String(error);
}
