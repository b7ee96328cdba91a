/** A file that comes with a mail. */
export interface Attachment {
  /** As the reader sees it: `report.pdf`. */
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A mail to one person. */
export interface Mail {
  /** An e-mail address, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  /** The same for readers without HTML. */
  readonly text: string;
  /** Further headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
}

/** Who writes. */
export interface Sender {
  readonly address: string;
  /** Where answers go; to the sender when absent. */
  readonly replyTo?: string | undefined;
}
