const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether a performer was given as the id of a user rather than as a name: some forms do that. */
export const isUserId = (performed_by: string) => UUID.test(performed_by);
