const mebibyte = 1024 ** 2;

/** Bytes of room on a disk below which people should look after it, and below which work is about to fail. */
export const diskRoom = { little: 4_096 * mebibyte, tooLittle: 512 * mebibyte };
