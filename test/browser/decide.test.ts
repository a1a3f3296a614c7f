import { readFile } from 'node:fs/promises';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { PageStage } from '../approval/page-stage';
import { chromiumPath, openBrowser, type OpenBrowser } from './chromium';

const name = chromiumPath === undefined
  ? 'the decision page in a browser (skipped: there is no Chromium here; install it, or set DATAMCP_CHROMIUM)'
  : 'the decision page in a browser';

(chromiumPath === undefined ? describe.skip : describe)(name, () => {
  const wide = 'a-very-long-name-without-any-place-to-break-it-'.repeat(6);
  const form = {
    type: 'object', required: ['window'],
    properties: { window: { type: 'string', title: 'When?', enum: ['night', 'noon'] }, share: { type: 'integer', minimum: 1, maximum: 100, description: 'In percent.' }, sure: { type: 'boolean' }, note: { type: 'string', maxLength: 500 } },
  };
  let stage: PageStage;
  let browser: OpenBrowser;
  let axe: string;
  let page: Page;

  beforeAll(async () => {
    [stage, browser, axe] = await Promise.all([PageStage.open(), openBrowser({ width: 360, height: 740 }), readFile(require.resolve('axe-core/axe.min.js'), 'utf8')]);
    page = await browser.context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  const open = async (path: string): Promise<void> => { await page.goto(stage.api.url + path); };
  const active = (): Promise<string> => page.evaluate('document.activeElement?.getAttribute("name") ?? document.activeElement?.tagName ?? ""');
  const width = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');

  /** Presses Tab until something of this name has the focus, as somebody without a mouse does. */
  async function tabTo(target: string): Promise<void> {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if (await active() === target) return;
    }
    throw new Error(`${target} is not reached by the keyboard`);
  }

  /** What axe finds against WCAG 2.2 A and AA and its own best practices. */
  async function violations(): Promise<string[]> {
    await page.evaluate(axe);
    const { violations: found }: AxeResults = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  it('is decided with the keyboard alone, and ends at a receipt that one sees', async () => {
    const id = await stage.ask({ form, policy: { approvers: { users: ['ann'] } } });
    await open(await stage.link(id, 'ann'));
    await tabTo('form.window');
    await page.keyboard.press('n');
    await tabTo('form.share');
    await page.keyboard.type('25');
    await tabTo('answer');
    await page.keyboard.press('Space');
    await tabTo('comment');
    await page.keyboard.type('Looks right.');
    await tabTo('act');
    await Promise.all([page.waitForURL(/done=counted#receipt$/), page.keyboard.press('Enter')]);
    expect(await page.getByRole('status').textContent()).toBe('It counted. Thank you.');
    expect(await page.evaluate('(() => { const { top } = document.getElementById("receipt").getBoundingClientRect(); return top >= 0 && top < innerHeight; })()')).toBe(true);
    expect(await page.getByRole('button', { name: 'Send my decision' }).count()).toBe(0);
    const { body } = await stage.as('rita', 'GET', `/v1/approvals/${id}`);
    expect(body['outcome']).toMatchObject({ status: 'approved', by: 'ann', comment: 'Looks right.', form: { window: 'night', share: 25 } });
  });

  it('fits a phone of 360 pixels, whatever is shown', async () => {
    const nested = (indent: string, mark: string): string => Array.from({ length: 25 }, (_, depth) => `${indent.repeat(depth)}${mark}deep ${depth}`).join('\n');
    const id = await stage.ask({ title: wide.slice(0, 200), description: `\`${wide}\`\n\n    ${wide}\n\n${nested('> ', '> ')}\n\n${nested('  ', '- ')}\n\n1. ${wide}` }, [
      { title: 'Table', table: { columns: Array.from({ length: 12 }, (_, index) => `column ${index}`), rows: [Array.from({ length: 12 }, () => wide)] } },
      { title: 'Diff', diff: `+${wide}` }, { title: 'Link', url: `https://example.org/${wide}` }, { title: 'Chart', chart: { kind: 'line', labels: ['6', '7'], series: [{ name: 'late', values: [1, 2] }] } },
    ]);
    await open(await stage.link(id, 'ann'));
    expect(await width()).toBe(360);
    const deepest = await page.getByText('deep 24').evaluateAll((parts) => parts.map((part) => part.clientWidth));
    expect(deepest.map((pixels) => pixels > 200)).toEqual([true, true]);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByText('Something else').click();
    expect(await width()).toBe(360);
    const sizes = await page.locator('button:visible').evaluateAll((buttons) => buttons.map((button) => button.clientHeight));
    // Fingers: WCAG 2.2, target size.
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(44);
  });

  it('shows the chart, and runs nothing else than what it holds', async () => {
    const errors: string[] = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    await open(await stage.link(await stage.ask(), 'ann'));
    expect(await page.evaluate('[...document.images].map((image) => image.complete && image.naturalWidth > 0)')).toEqual([true]);
    expect(errors).toEqual([]);
  });

  it.each([['light', 'every page'], ['dark', 'those pages that use every colour']] as const)('is accessible in %s colours: %s', async (colorScheme, _pages) => {
    await page.emulateMedia({ colorScheme });
    const id = await stage.ask({ form });
    const [ann, bob] = [await stage.link(id, 'ann'), await stage.link(id, 'bob')];
    const inbox = stage.api.deps.approvalTokens.seal('inbox', { person: 'ann', expiresAt: Date.now() + 60_000 });
    const pages = colorScheme === 'dark' ? [ann] : [ann, `/inbox/${inbox}`, `/review/${id}`, await stage.link(id, 'ann', 'mail', 0), '/decide/none'];
    for (const path of pages) {
      await open(path);
      expect([path, await violations()]).toEqual([path, []]);
    }
    await open(ann);
    await page.getByRole('radio', { name: /^Reject/ }).check();
    await page.getByRole('button', { name: 'Send my decision' }).click();
    await page.waitForURL(/#receipt$/);
    expect(await violations()).toEqual([]);
    await open(bob);
    expect(await violations()).toEqual([]);
  });

  it('says it in the page when new evidence came between look and vote, and takes the decision then', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    const id = await stage.ask();
    await open(await stage.link(id, 'ann'));
    await stage.as('rita', 'POST', `/v1/approvals/${id}/evidence`, { evidence: [{ title: 'Summary', text: 'Only **3** were late.' }] });
    await page.getByRole('radio', { name: /^Approve/ }).check();
    await page.getByRole('button', { name: 'Send my decision' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('rita has changed the evidence since you saw it');
    expect(await page.locator('del').allTextContents()).toContain('-**12 of 340** flights were late.');
    expect(await violations()).toEqual([]);
    expect(await page.getByRole('radio', { name: /^Approve/ }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Send my decision' }).click();
    await page.waitForURL(/done=counted/);
    expect(await page.getByRole('status').textContent()).toBe('It counted. Thank you.');
  });
});
