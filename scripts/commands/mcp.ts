// fairshare mcp: named queries and read-only SQL for an analyst's assistant, over the Model Context Protocol on stdin and stdout.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Command } from 'commander';
import type { CallRecord } from '../serve/assistant.ts';
import type { Runtime } from '../runtime/command.ts';
import { createLogger } from '../runtime/logger.ts';
import { version } from '../runtime/version.ts';

export function registerMcp(command: Command, runtime: Runtime): void {
  command
    .option('--audit <file>', 'append a JSON line for each call to this file, besides the log')
    .addHelpText(
      'after',
      `
An assistant starts this command itself and speaks with it over stdin and stdout (docs/ANALYSTS.md). It sees what analysts see,
read-only, beside any process that writes. serve in fairshare.yaml bounds a statement, mcp the rows and bytes of an answer. Each
call leaves a line in the log (stderr).

Example:
  $ fairshare mcp --warehouse ./data --audit assistant.jsonl`,
    )
    .action(({ audit }: { readonly audit?: string }) => mcp(runtime, audit));
}

async function mcp(runtime: Runtime, auditFile: string | undefined): Promise<void> {
  const config = runtime.config();
  const location = await runtime.readable();
  const [{ StdioServerTransport }, { assistantServer }, { Engine }, { readerOptions }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/stdio.js'),
    import('../serve/assistant.ts'),
    import('../serve/engine.ts'),
    import('../serve/reader-parent.ts'),
  ]);
  const file = auditFile === undefined ? undefined : createWriteStream(auditFile, { flags: 'a', mode: 0o600 });
  if (file !== undefined) await once(file, 'open');
  const kept = file && createLogger({ level: 'info', stream: file, readable: false, color: false });
  const audit = (record: CallRecord): void => {
    runtime.log.info(record, 'assistant');
    kept?.info(record, 'assistant');
  };
  const reader = readerOptions(config);
  const engine = await Engine.forReaders(location, ['analyst'], reader.limits, reader.concurrency);
  try {
    const bounds = { rows: config.mcp.max_rows, bytes: config.mcp.max_kb * 1024 };
    const server = assistantServer(engine, bounds, audit, version);
    const ended = new Promise<void>((resolve) => (server.server.onclose = resolve));
    await server.connect(new StdioServerTransport(runtime.stdin as never, runtime.stdout as never));
    runtime.log.info({ warehouse: location }, 'an assistant may ask');
    await Promise.race([ended, once(runtime.stdin, 'end'), once(runtime.signal, 'abort')]);
    await server.close();
  } finally {
    await engine.close();
    if (file !== undefined) await new Promise((done) => file.end(done));
  }
}
