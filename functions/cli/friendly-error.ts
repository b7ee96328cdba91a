const causes = (error: unknown): Error[] => (error instanceof Error ? [error, ...causes(error.cause)] : []);

/**
 * What a person at the terminal can do about a failure.
 * @param needs what the command does, as IAM calls it
 * @param subject with what: the table, if it is not something else
 */
export function friendlyError(
  error: unknown,
  needs: string,
  subject = `table ${process.env.TABLE_NAME ?? ""}`,
): string {
  const all = causes(error);
  const failed = (...names: string[]) => all.find(({ name }) => names.includes(name));
  if (failed("ResourceNotFoundException"))
    return `There is no ${subject} in this account and region. Deploy the stage first, or choose another with --stage and AWS_REGION.`;
  if (failed("CredentialsProviderError", "UnrecognizedClientException", "ExpiredTokenException"))
    return "AWS does not know who is asking: sign in first (aws sso login, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).";
  if (failed("AccessDeniedException"))
    return `These credentials may not do this with the ${subject}: they need ${needs}.`;
  if (all.some(({ message }) => message === "Region is missing"))
    return "Which region? Set AWS_REGION, or a region in your AWS profile.";
  return all.at(-1)?.message ?? String(error);
}
