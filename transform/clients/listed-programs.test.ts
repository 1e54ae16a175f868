import { describe, expect, it } from 'vitest';
import { parseUserAgent } from './index.ts';
import { isListedProgram } from './listed-programs.ts';

describe('isListedProgram', () => {
  it('knows a name where a program writes its own', () => {
    for (const userAgent of [
      '80legs/1.0',
      'Alibaba.Security.Heimdall',
      'COMODO DCV',
      'Apache Droid/2',
      'Mozilla/5.0 (compatible; Adbeat/3.1)',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 WatchMouse/18990',
    ])
      expect(isListedProgram(userAgent), userAgent).toBe(true);
  });

  it('does not find names inside others, plain words, libraries and apps of people', () => {
    for (const userAgent of [
      'my-80legs-client/1.0',
      'snakemake/8.2',
      'Snake/1.0',
      'recorder/2.1.0',
      'Apache-HttpClient/4.5.14 (Java/21)',
      'PostmanRuntime/7.43.0',
      'Outlook-iOS/2.0',
      'Mozilla/5.0 (Linux; Android 14; Adbeatle) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
    ])
      expect(isListedProgram(userAgent), userAgent).toBe(false);
  });

  it('takes time linear in the length', () => {
    const started = performance.now();
    for (const text of ['('.repeat(4096), 'a/'.repeat(2048), ' '.repeat(4096), '/ v1'.repeat(1024)])
      isListedProgram(text);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

it('a package client keeps its name, whatever the list calls it', () => {
  for (const [userAgent, client] of [
    ['pip/25.3 {"python":"3.12.1"}', 'pip'],
    ['npm/11.1.0 node/v22.1.0 linux x64 workspaces/false', 'npm'],
    ['Gradle/8.14 (Linux;6.1;amd64)', 'gradle'],
  ] as const)
    expect(parseUserAgent(userAgent).client).toBe(client);
});
