import { rotateKey } from "@success-manager/domain/auth";
import { logger } from "@success-manager/lambda";

/** A step of the rotation of a signing key. Secrets Manager calls it, on its schedule or for `npm run keys:rotate`. */
export const handler = async (event: unknown): Promise<{ readonly step: string }> => {
  try {
    const step = await rotateKey(event);
    logger.info("rotation step done", { event });
    return { step };
  } catch (error) {
    logger.error("rotation step failed", { event, error });
    throw error;
  }
};
