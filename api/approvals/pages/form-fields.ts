import type { Form, FormField } from '../../../domain/approval/form-schema';
import type { Json, JsonObject } from '../../../domain/json';
import { Html, html } from '../../../platform/html';

/** What a browser sends: names and values. */
export type Sent = Readonly<Record<string, string>>;

const nameOf = (field: string): string => `form.${field}`;

/**
 * The fields of a request, with what was typed before.
 * @param brief where all of it is too much for the page: names only, and one link to what they ask for
 */
export function formFieldsHtml({ properties, required = [] }: Form, sent: Sent, brief: boolean): Html {
  const field = brief ? briefFieldHtml : fieldHtml;
  return html`${Object.entries(properties).map(([name, shape]) => field(name, shape, required.includes(name), sent[nameOf(name)] ?? ''))}${brief && html`<p><a href="form">What each field asks for</a> <span class="soft">(* needed to approve)</span></p>`}`;
}

const briefFieldHtml = (name: string, _field: FormField, isRequired: boolean, value: string): Html =>
  html`<p><label>${name}${isRequired && ' *'} <input name="${nameOf(name)}" value="${value}"></label></p>`;

/** What each field asks for, as text. */
export const formText = ({ properties, required = [] }: Form): string => Object.entries(properties).map(([name, field]) => [
  `${name}${field.title === undefined ? '' : `: ${field.title}`}${required.includes(name) ? ' (needed to approve)' : ''}`,
  ...[field.description, rangeText(field), choiceText(field)].filter((line) => line !== undefined),
].join('\n')).join('\n\n');

function choiceText(field: FormField): string | undefined {
  if (field.type === 'boolean') return 'true or false';
  return field.type === 'string' && field.enum ? `One of:\n${field.enum.map((option) => `  ${option}`).join('\n')}` : undefined;
}

function fieldHtml(name: string, field: FormField, isRequired: boolean, value: string): Html {
  const id = nameOf(name);
  const hint = [field.description, rangeText(field)].filter((part) => part !== undefined).join(' ');
  const described = hint === '' ? '' : new Html(` aria-describedby="${id}-hint"`);
  return html`<div class="field"><label for="${id}">${field.title ?? name}${isRequired && html` <span class="soft">(needed to approve)</span>`}</label>
${hint !== '' && html`<span class="soft" id="${id}-hint">${hint}</span>`}${inputHtml(id, field, value, described)}</div>`;
}

function rangeText(field: FormField): string | undefined {
  if (field.type !== 'integer' && field.type !== 'number') return undefined;
  const { minimum, maximum } = field;
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  return maximum === undefined ? undefined : `At most ${maximum}.`;
}

/** Beyond this many characters a text gets several lines. */
const oneLine = 200;

function inputHtml(id: string, field: FormField, value: string, described: Html | string): Html {
  switch (field.type) {
    case 'boolean':
      return selectHtml(id, [['true', 'Yes'], ['false', 'No']], value, described);
    case 'integer':
    case 'number':
      return html`<input id="${id}" name="${id}" inputmode="${field.type === 'integer' ? 'numeric' : 'decimal'}" autocomplete="off" value="${value}"${described}>`;
    case 'string':
      if (field.enum) return selectHtml(id, field.enum.map((text) => [text, text]), value, described);
      return (field.maxLength ?? Infinity) > oneLine && field.maxLength !== undefined
        ? html`<textarea id="${id}" name="${id}" rows="4"${described}>\n${value}</textarea>`
        : html`<input id="${id}" name="${id}" autocomplete="off" value="${value}"${described}>`;
  }
}

const selectHtml = (id: string, options: [value: string, label: string][], chosen: string, described: Html | string): Html =>
  html`<select id="${id}" name="${id}"${described}><option value="">–</option>${options.map(([value, label]) =>
    html`<option value="${value}"${value === chosen && ' selected'}>${label}</option>`)}</select>`;

/** The values as the rules take them. What is empty was not answered; what is no number is left as it is, for the rules to name. */
export function formValues({ properties }: Form, sent: Sent): JsonObject {
  return Object.fromEntries(Object.entries(properties).flatMap(([name, field]): [string, Json][] => {
    const text = sent[nameOf(name)] ?? '';
    return text === '' ? [] : [[name, valueOf(field, text)]];
  }));
}

function valueOf({ type }: FormField, text: string): Json {
  switch (type) {
    case 'string': return text;
    case 'boolean': return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
    case 'number': return /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)\s*$/.test(text) ? Number(text.replace(',', '.')) : text;
  }
}
