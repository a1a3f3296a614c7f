/** A JSON value: what travels between tasks, through the API and into workflow history. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What `JSON.parse` gives is JSON: the one place that says so. @throws SyntaxError */
export const parseJson = (text: string): Json => JSON.parse(text) as Json;
