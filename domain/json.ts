/** A JSON value: what travels between tasks, through the API and into workflow history. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
