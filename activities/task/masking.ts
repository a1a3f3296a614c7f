import { parseJson, type Json } from '../../domain/json';

/** A shorter value would blot out half of every text. */
const shortestSecret = 4;
const mask = '***';

/** Replaces the values of secrets wherever a task could let them out: results, failures, logs, heartbeats. */
export class SecretMask {
  private readonly values: string[];

  constructor(secrets: Iterable<string>) {
    // The longest first: a secret may be part of another one.
    this.values = [...new Set([...secrets].flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]))]
      .filter((value) => value.length >= shortestSecret)
      .sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.values.reduce((masked, value) => masked.replaceAll(value, mask), text);
  }

  json(value: Json): Json {
    if (this.values.length === 0) return value;
    return parseJson(this.text(JSON.stringify(value)));
  }
}
