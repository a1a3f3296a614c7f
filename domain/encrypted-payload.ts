/** What an encrypted payload says of itself, for those that read it and those that cannot. */
export const encryptedEncoding = 'binary/encrypted';
export const keyIdField = 'encryption-key-id';

/** Whether there may be a key of this id, that somebody lacks. */
export const isKeyId = (id: string): boolean => /^[0-9a-f]{16}$/.test(id);
