/** Addresses that let who holds them put one file. Loaded apart, because most requests sign none. */
import { HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentialIdentity } from "@smithy/types";

export interface Upload {
  /** Where the file will be, without a query. */
  readonly url: string;
  readonly bytes: number;
  readonly contentType: string;
  /** How long the address is good. */
  readonly seconds: number;
}

/**
 * Signs the address of an upload to S3. The size is signed and the type: S3 takes a file with both of them, or none
 * ("Authenticating requests: using query parameters", S3 API Reference).
 */
export async function presignPut(
  { url, bytes, contentType, seconds }: Upload,
  credentials: AwsCredentialIdentity,
  region: string,
): Promise<string> {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials,
    sha256: Hash.bind(null, "sha256"),
    uriEscapePath: false,
    applyChecksum: false,
  });
  const { query = {} } = await signer.presign(
    new HttpRequest({
      ...{ method: "PUT", protocol, hostname, path: pathname, ...(port && { port: Number(port) }) },
      headers: {
        host,
        "content-length": String(bytes),
        "content-type": contentType,
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      },
    }),
    {
      expiresIn: seconds,
      signableHeaders: new Set(["host", "content-length", "content-type"]),
      unhoistableHeaders: new Set(["content-length", "content-type"]),
    },
  );
  return `${url}?${new URLSearchParams(query as Record<string, string>)}`;
}
