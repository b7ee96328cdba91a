/** The pictures of people of the team: uploaded to S3, drawn anew, and shown by an address that nobody guesses. */
import { randomBytes, randomUUID } from "node:crypto";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import { notFound, unavailable, unprocessable } from "@success-manager/contract/problem";
import { MAX_AVATAR_BYTES, type NewAvatar } from "@success-manager/contract/users";
import { config } from "../config.ts";
import { countUpload } from "../rate-limit/index.ts";
import { drawAvatar } from "../settings/index.ts";
import { deleteFile, readObject, signUpload, writeObject } from "../table/index.ts";
import { avatarUrl } from "./list.ts";
import { updateUser } from "./write.ts";

const UPLOAD_SECONDS = 5 * 60;

/** Where an upload waits, for a day at most (infra/data.ts). Of one person: nobody can name another's. */
const uploadKey = (actor: Pick<UserActor, "id">, upload_id: string) => `uploads/${actor.id}/${upload_id}`;
const avatarKey = (file: string) => `avatars/${file}`;

/** Whatever keeps S3 from answering, the same may work in a while. */
function unreachable(): never {
  throw unavailable(60, "The storage for files can't be reached right now. Try again in a few minutes.");
}

/**
 * An address to which the actor may put a picture; it shows once `setAvatar` has drawn it.
 *
 * @throws 429 after ten in a minute; 503 where files are not set up
 */
export async function startAvatar(actor: UserActor, { bytes, content_type }: NewAvatar, now = new Date()) {
  if (!config().REPORTS_BUCKET) throw unavailable(3600, "Storing files is not set up here. Ask an admin.");
  await countUpload(actor.id, now.getTime());
  const upload_id = randomUUID();
  const key = uploadKey(actor, upload_id);
  const url = await signUpload(key, { bytes, contentType: content_type, seconds: UPLOAD_SECONDS });
  return {
    upload_id,
    method: "PUT" as const,
    url,
    headers: { "content-type": content_type },
    expires_at: new Date(now.getTime() + UPLOAD_SECONDS * 1000).toISOString(),
  };
}

/**
 * Draws what the actor has uploaded anew, and shows it as their picture, instead of one before. The upload is used up,
 * also where it can't be drawn.
 *
 * @throws 422 when nothing was uploaded, or it is no picture; 503 when S3 does not answer
 */
export async function setAvatar(actor: UserActor, { upload_id }: { readonly upload_id: string }) {
  const key = uploadKey(actor, upload_id);
  const upload = await readObject(key, MAX_AVATAR_BYTES + 1, "files").catch(unreachable);
  if (!upload) throw unprocessable("upload_id", "must be of a picture that was uploaded");
  await deleteFile(key).catch(unreachable);
  if (upload.content.length > MAX_AVATAR_BYTES) throw unprocessable("upload_id", "must be of at most 5 MiB");
  const png = await drawAvatar(upload.content);
  const file = `${randomBytes(32).toString("hex")}.png`;
  await writeObject(avatarKey(file), png, undefined, "files").catch(unreachable);
  const { before } = await updateUser(actor.id, { avatar: file });
  await deleteAvatar(before);
  return { avatar_url: avatarUrl(file), message: "This is your picture now." };
}

/** Removes the actor's picture. Doing it again changes nothing. @throws 503 when S3 does not answer */
export async function removeAvatar(actor: UserActor): Promise<{ message: string }> {
  const { before } = await updateUser(actor.id, { avatar: null });
  await deleteAvatar(before);
  return { message: "You have no picture any more." };
}

/** Deletes the file of somebody who has another picture now, or none. @throws 503 when S3 does not answer */
export async function deleteAvatar({ avatar }: { readonly avatar?: string | undefined }): Promise<void> {
  if (avatar !== undefined) await deleteFile(avatarKey(avatar)).catch(unreachable);
}

/** A picture by the name of its file. @throws 404; 503 when S3 does not answer */
export async function readAvatar(file: string): Promise<Uint8Array> {
  const found = await readObject(avatarKey(file), undefined, "files").catch(unreachable);
  if (!found) throw notFound("Picture");
  return found.content;
}
