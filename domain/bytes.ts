/** Bytes of a text in UTF-8, counted without an encoder: the workflow sandbox has no `Buffer`. Half of a surrogate pair counts three, as when it is encoded. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
