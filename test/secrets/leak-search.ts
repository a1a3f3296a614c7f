/** A word that is in every planted secret and nowhere else. */
export const planted = 'pl4nt3d';

const asHex = Buffer.from(planted).toString('hex');

/** Where the word stands in a text: as it is, in hexadecimal digits, or in base64 that begins anywhere. Independent of how secrets are masked. */
export function leaksIn(text: string): string[] {
  const found = [...text.matchAll(new RegExp(`.{0,60}(?:${planted}|${asHex}).{0,20}`, 'gis'))].map(([place]) => place);
  return [...found, ...[...text.matchAll(/[\w+/-]{10,}/g)].flatMap(([run]) => (hidesIn(run) ? [`in base64: ${run.slice(0, 80)}`] : []))];
}

const leaksPlainly = (text: string): boolean => text.includes(planted) || text.includes(asHex);

const hidesIn = (run: string): boolean => [0, 1, 2, 3].some((from) => {
  const bytes = Buffer.from(run.slice(from), 'base64').toString('latin1');
  // Base64 of base64: what Temporal keeps is base64 in JSON, and a task may have encoded before.
  return leaksPlainly(bytes) || [...bytes.matchAll(/[\w+/-]{10,}/g)].some(([inner]) => [0, 1, 2, 3].some((at) => leaksPlainly(Buffer.from(inner.slice(at), 'base64').toString('latin1'))));
});
