/** The product, where nobody has said who uses it. */
const PRODUCT = "Success Manager";

/** Who asks: the organisation's name, as customers read it in surveys and their mails. The only place that says it. */
export const senderName = (): Promise<string> => Promise.resolve(PRODUCT);

/**
 * Headers of mail that nobody typed: mailed by a machine, so that no holiday notice comes back (RFC 3834, 5), and how
 * mail programs get their readers off the list (RFC 2369, 3.2). In one step where the address is safe: RFC 8058 knows
 * HTTPS only.
 */
export const mailedByMachine = (leave?: string): Record<string, string> => ({
  "Auto-Submitted": "auto-generated",
  ...(leave !== undefined && { "List-Unsubscribe": `<${leave}>` }),
  ...(leave?.startsWith("https:") && { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }),
});
