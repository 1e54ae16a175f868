// A Chromium for tests of pages: the one that FAIRSHARE_TEST_CHROMIUM names, else Debian's, which apt installs if it is missing.

import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { install, type Say, sayOnStderr } from './tools.ts';

const DEBIAN = '/usr/bin/chromium';

/** @throws Error that says what is missing and how to name a browser */
export async function chromiumProgram(say: Say = sayOnStderr): Promise<string> {
  const executablePath = process.env.FAIRSHARE_TEST_CHROMIUM ?? DEBIAN;
  if (executablePath === DEBIAN && !existsSync(DEBIAN)) await install('chromium', ['chromium'], say);
  if (!existsSync(executablePath))
    throw new Error(`there is no Chromium at ${executablePath}: set FAIRSHARE_TEST_CHROMIUM`);
  return executablePath;
}

/** Starts a headless browser. @throws Error that says what is missing and how to name a browser */
export async function startBrowser(say: Say = sayOnStderr): Promise<Browser> {
  const executablePath = await chromiumProgram(say);
  // Root cannot use Chromium's sandbox. The pages are ours, and they may run nothing.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
