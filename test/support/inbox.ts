import * as z from "zod";

const Stored = z.object({
  emails: z.array(
    z.object({
      from: z.string(),
      replyTo: z.array(z.string()),
      destination: z.object({ to: z.array(z.string()), cc: z.array(z.string()), bcc: z.array(z.string()) }),
      subject: z.string(),
      body: z.object({ text: z.string().optional(), html: z.string().optional() }),
      attachments: z.array(
        // In Base64.
        z.object({ filename: z.string().optional(), contentType: z.string(), content: z.string() }),
      ),
    }),
  ),
});
export type Letter = z.infer<typeof Stored>["emails"][number];

/** Mails to an address that a cloud's inbox has received, oldest first. */
export async function lettersTo(inboxUrl: string, address: string): Promise<Letter[]> {
  const answer = await fetch(`${inboxUrl}/store`);
  const { emails } = Stored.parse(await answer.json());
  return emails.filter(({ destination }) => destination.to.includes(address));
}
