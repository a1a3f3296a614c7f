import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const knownPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/snap/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** A browser of this machine; undefined where there is none. `DATAMCP_CHROMIUM` names one that is elsewhere. */
export const chromiumPath: string | undefined = [process.env['DATAMCP_CHROMIUM'] ?? '', ...knownPaths].find((path) => path !== '' && existsSync(path));

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export interface OpenBrowser {
  context: BrowserContext;
  close(): Promise<void>;
}

/** A headless browser with a profile of its own, that asks nobody anything by itself. */
export async function openBrowser(viewport: { width: number; height: number }): Promise<OpenBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'datamcp-browser-'));
  const context = await chromium.launchPersistentContext(profile, { ...(chromiumPath !== undefined && { executablePath: chromiumPath }), headless: true, args: quiet, viewport, colorScheme: 'light' });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
