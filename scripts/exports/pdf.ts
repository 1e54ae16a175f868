// Prints pages as PDF files with a Chromium of this machine. One browser prints all of them; it is told so through a pipe, by the
// browser's own protocol, so that no port is opened.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Readable, type Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Fault } from '../../transform/fault.ts';

const usualNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const PAGE_MS = 120_000;

/** The Chromium that FAIRSHARE_CHROMIUM names, else the first of the usual names on PATH. @throws Fault(usage) */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const isProgram = (path: string): boolean => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const { FAIRSHARE_CHROMIUM: chosen, PATH = '' } = env;
  const candidates =
    chosen === undefined
      ? usualNames.flatMap((name) => PATH.split(delimiter).map((directory) => join(directory, name)))
      : [chosen];
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  throw new Fault(
    'usage',
    chosen === undefined ? 'there is no Chromium to print PDF files with' : `${chosen} is no program`,
    'Install one (Debian: apt-get install chromium), name it with FAIRSHARE_CHROMIUM=/path/to/chromium, or leave out --pdf.',
  );
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A browser that prints. Close it in the end. */
export class PdfPrinter {
  private readonly browser: ChildProcess;
  private readonly directory = mkdtempSync(join(tmpdir(), 'fairshare-pdf-'));
  private readonly ended: Promise<void>;
  private readonly waiting = new Map<number | string, (answer: Answer) => void>();
  private last = 0;
  private said = '';

  constructor(program: string) {
    this.browser = spawn(
      program,
      [
        '--headless',
        '--remote-debugging-pipe',
        '--disable-gpu',
        '--disable-extensions',
        '--no-first-run',
        `--user-data-dir=${join(this.directory, 'profile')}`,
        // Root cannot use Chromium's sandbox. The pages are ours, and they may run nothing.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
    );
    this.ended = new Promise((resolve) => {
      this.browser.once('error', () => resolve());
      this.browser.once('exit', () => resolve());
    });
    this.browser.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-2000);
    });
    // A browser that has ended takes no more commands: `ended` says so.
    this.commands.on('error', () => undefined);
    this.readAnswers();
  }

  private get commands(): Writable {
    return this.browser.stdio[3] as Writable;
  }

  /** Answers are JSON texts that end in a zero byte. */
  private readAnswers(): void {
    let parts: Buffer[] = [];
    (this.browser.stdio[4] as Readable).on('data', (chunk: Buffer) => {
      let from = 0;
      for (let end; (end = chunk.indexOf(0, from)) !== -1; from = end + 1) {
        const text = Buffer.concat([...parts, chunk.subarray(from, end)]).toString();
        parts = [];
        const answer = JSON.parse(text) as Answer;
        this.waiting.get(answer.id ?? `${answer.sessionId} ${answer.method}`)?.(answer);
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
    });
  }

  /** @throws Fault(usage) if the browser ends or does not answer */
  private async answerTo(key: number | string): Promise<Record<string, unknown>> {
    const fault = (message: string) =>
      new Fault(
        'usage',
        `Chromium cannot print: ${message}`,
        `See what it says: ${this.said.trim().split('\n').at(-1) ?? ''}`,
      );
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await Promise.race([
        new Promise<Answer>((resolve) => this.waiting.set(key, resolve)),
        this.ended.then(() => Promise.reject(fault('it has ended'))),
        new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => reject(fault(`no answer within ${PAGE_MS / 1000} seconds`)), PAGE_MS);
        }),
      ]);
      if (answer.error !== undefined) throw fault(answer.error.message);
      return answer.result ?? {};
    } finally {
      clearTimeout(timer);
      this.waiting.delete(key);
    }
  }

  private command(
    method: string,
    params: Record<string, unknown>,
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.last;
    const answer = this.answerTo(id);
    this.commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  /** @param made_at the time that the file names as its own, 'YYYY-MM-DD hh:mm:ss.sss': the same page gives the same bytes */
  async print(html: string, made_at: string): Promise<Uint8Array> {
    const path = join(this.directory, 'page.html');
    writeFileSync(path, html);
    const { targetId } = await this.command('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.command('Target.attachToTarget', { targetId, flatten: true });
    const session = sessionId as string;
    await this.command('Emulation.setScriptExecutionDisabled', { value: true }, session);
    await this.command('Page.enable', {}, session);
    const loaded = this.answerTo(`${session} Page.loadEventFired`);
    await Promise.all([this.command('Page.navigate', { url: pathToFileURL(path).href }, session), loaded]);
    const { data } = await this.command(
      'Page.printToPDF',
      { printBackground: true, preferCSSPageSize: true, generateTaggedPDF: true, generateDocumentOutline: true },
      session,
    );
    await this.command('Target.closeTarget', { targetId });
    return withTime(Buffer.from(data as string, 'base64'), made_at);
  }

  async close(): Promise<void> {
    this.commands.write(`${JSON.stringify({ id: ++this.last, method: 'Browser.close' })}\0`);
    const timer = setTimeout(() => this.browser.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * Replaces what differs between two printings of the same page, each text in its own length, so that no offset in the file changes: the
 * times at which it was made, and the numbers that the browser gave to the nodes of the page, of which only the order counts.
 */
function withTime(pdf: Buffer, made_at: string): Uint8Array {
  const digits = made_at.replace(/\D/g, '').slice(0, 14);
  const text = pdf.toString('latin1');
  const nodes = [...new Set([...text.matchAll(/\(node(\d{8})\)/g)].map(([, number]) => number))].sort();
  const rankOf = new Map(nodes.map((number, rank) => [number, String(rank + 1).padStart(8, '0')]));
  return Buffer.from(
    text
      .replace(
        /(\/(?:CreationDate|ModDate) \(D:)\d{14}[+-]\d\d'\d\d'\)/g,
        (_whole, head: string) => `${head}${digits}+00'00')`,
      )
      .replace(/\(node(\d{8})\)/g, (_whole, number: string) => `(node${rankOf.get(number)})`),
    'latin1',
  );
}
