/** Control characters, line breaks, and signs that turn the direction of what follows: a text with these can look like another. */
const misleading = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]/u;

/** Whether a text is one line that shows what it says, as names and titles must, by which people decide. */
export const isPlainLine = (text: string): boolean => text.trim() !== '' && !misleading.test(text);

export const plainLineProblem = 'must be one line with something in it, without control characters and invisible signs';
