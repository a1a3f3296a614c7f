/** Matchers of Jest that are not `any`, so that they fit into typed expectations. */
export const containing = (text: string): unknown => expect.stringContaining(text);
export const lacking = (text: string): unknown => expect.not.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
