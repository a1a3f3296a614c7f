import { parseJson, type Json } from '../domain/json';

/** A shorter value cannot be masked: it would blot out parts of ordinary words. So it is no secret, and is refused as one. */
export const shortestSecret = 8;
const mask = '***';

/**
 * Replaces the values of secrets, and their usual encodings, wherever a process could let them out. One mask serves all
 * tasks of a process: what one of them was given may come back to another, from a server that both call.
 */
export class SecretMask {
  private readonly learned = new Set<string>();
  /** The longest first: a secret may be part of another one. */
  private forms: string[] = [];

  constructor(values: Iterable<string> = []) {
    this.learn(values);
  }

  /** Masks these values from now on. Those that are too short to be secrets are left. */
  learn(values: Iterable<string>): void {
    const fresh = [...values].filter((value) => !this.learned.has(value));
    if (fresh.length === 0) return;
    for (const value of fresh) this.learned.add(value);
    const forms = fresh.flatMap(formsOf).filter((form) => form.length >= shortestSecret);
    this.forms = [...new Set([...this.forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.forms.reduce((masked, form) => masked.replaceAll(form, mask), text);
  }

  /** The same shape with masked texts and keys. A number that is a secret becomes the mask, too. */
  json(value: Json): Json {
    if (this.forms.length === 0) return value;
    const text = JSON.stringify(value);
    const masked = this.jsonText(text);
    return masked === text ? value : parseJson(masked);
  }

  /** As `json`, of its text. @throws SyntaxError when it is none and holds a secret */
  jsonText(text: string): string {
    return this.text(text) === text ? text : JSON.stringify(this.masked(parseJson(text)));
  }

  private masked(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.text(String(value)) === String(value) ? value : mask;
    if (Array.isArray(value)) return value.map((item) => this.masked(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.masked(item)]));
  }
}

/** How a value looks when others have written it down. Of a text of several lines, each is as secret as the whole. */
function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return [value, ...lines].flatMap((text) => [text, ...escapesOf(text), ...base64Of(text), ...hexOf(text)]);
}

function hexOf(text: string): string[] {
  const hex = Buffer.from(text).toString('hex');
  return [hex, hex.toUpperCase()];
}

function escapesOf(text: string): string[] {
  const url = encodeURIComponent(text);
  // As forms are sent: a space is "+", and ' ( ) ! ~ are escaped.
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  return [...jsonOf(text), url, form, encodeURI(text), ...[url, form].map((each) => each.replace(/%../g, (code) => code.toLowerCase()))];
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** JSON by other writers: Go escapes < > &, Python what is not ASCII, PHP that and slashes, others more; some in capitals. */
function jsonOf(text: string): string[] {
  const plain = inJson(text);
  const escaped = (units: RegExp): string => plain.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const ascii = escaped(/[\u0080-\uffff]/g);
  const forms = [plain, escaped(/[<>&]/g), ascii, ascii.replaceAll('/', '\\/'), plain.replaceAll('/', '\\/'), escaped(/[<>&\u0080-\uffff]/g)];
  return forms.flatMap((form) => [form, form.replace(/(?<=\\u)[0-9a-f]{4}/g, (code) => code.toUpperCase())]).flatMap((form) => [form, inJson(form)]);
}

/**
 * Base64 of a text that holds the value somewhere, as in HTTP Basic: three bytes are four characters, so that there are
 * three ways in which it can lie, with characters at its ends that belong to its neighbours, too.
 */
function base64Of(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '');
    const own = encoded.slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
    return [own, ...(before === 0 ? [encoded] : [])].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
  });
}
