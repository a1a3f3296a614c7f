/** How a processor of a user's own is called: words in small letters with dots between them, such as `text.reverse`. */
export const processorNamePattern = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

export const longestProcessorName = 100;
