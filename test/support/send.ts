/** What a test sends when the typed client would be too well-behaved. */
export interface Sent {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed; undefined when it is no JSON. */
  readonly json: unknown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `sender("http://127.0.0.1:8000")("PUT", "/api/v1/auth/me", { token, body: "{" })`: any request, as it is. */
export const sender =
  (base: string) =>
  async (method: string, path: string, { token, headers, body }: Sent = {}): Promise<Received> => {
    const answer = await fetch(base + path, {
      method,
      redirect: "manual",
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
  };

export const JSON_BODY = { "content-type": "application/json" };
export const FORM_BODY = { "content-type": "application/x-www-form-urlencoded" };
