import type { Json, JsonObject } from '../../json';

/** Whether a value of a parsed document is an object. Documents are JSON by construction: they hold nothing else. */
export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value of a parsed document is there. */
export const isJson = (value: unknown): value is Json => value !== undefined;
