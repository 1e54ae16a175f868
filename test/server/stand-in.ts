// `make test-server` without a server: fairshare's own HTTP door in a child process replaces it, behind a TLS proxy with two
// users, one of whom may only read. This does not test what a real server does differently (its grants, its limits).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from '../provide/certificates.ts';
import { compiledProduct } from '../support/compiled.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** User by name: password, and whether the user may write. */
const users = new Map([
  ['admin', { password: 'admin-password', writes: true }],
  ['limited', { password: 'limited-password', writes: false }],
]);

const directory = temporaryDirectory();
const certificates = await makeCertificates(directory.path);
const program = join(compiledProduct(), 'scripts/fairshare.js');
const words = ['serve', '--allow-writes', '--password-env', 'DOOR_PASSWORD', '--port', '0', '--json', '--warehouse', join(directory.path, 'warehouse')]; // prettier-ignore
const env = { ...process.env, DOOR_PASSWORD: 'door-password' };
const door = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = (await once(createInterface(door.stdout), 'line')) as [string];
const { url } = JSON.parse(line) as { url: string };

const pem = readFileSync(certificates.server_file);
const proxy = createServer({ key: pem, cert: pem }, (incoming, answer) => {
  const [, basic = ''] = (incoming.headers.authorization ?? '').split(' ');
  const [name, password] = Buffer.from(basic, 'base64').toString().split(':');
  const user = users.get(name);
  if (user === undefined || user.password !== password) {
    const text = `Code: 516. DB::Exception: ${name}: Authentication failed. (AUTHENTICATION_FAILED)`;
    answer.writeHead(403, { 'x-clickhouse-exception-code': '516' }).end(text);
    return;
  }
  void buffer(incoming).then((body) => {
    const target = new URL(incoming.url!, url);
    const statement = target.searchParams.get('query') ?? body.toString();
    if (!user.writes && !/^(\s|--.*\n)*(SELECT|WITH|SHOW|DESCRIBE|EXISTS)\b/i.test(statement)) {
      const text = `Code: 497. DB::Exception: ${name}: Not enough privileges. (ACCESS_DENIED)`;
      answer.writeHead(403, { 'x-clickhouse-exception-code': '497' }).end(text);
      return;
    }
    const authorization = `Basic ${Buffer.from(`default:${env.DOOR_PASSWORD}`).toString('base64')}`;
    const headers = { ...incoming.headers, authorization };
    const onward = request(target, { method: incoming.method, headers }, (back) => {
      answer.writeHead(back.statusCode!, back.headers);
      back.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  });
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
const { port } = proxy.address() as AddressInfo;
const urlOf = (name: string): string => `https://${name}:${users.get(name)!.password}@127.0.0.1:${port}/`;

const tests = spawn('make', ['test-server'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    FAIRSHARE_TEST_CLICKHOUSE_URL: urlOf('admin'),
    FAIRSHARE_TEST_CLICKHOUSE_LIMITED_URL: urlOf('limited'),
    FAIRSHARE_TEST_CLICKHOUSE_CA: certificates.ca_file,
  },
});
const [status] = (await once(tests, 'close')) as [number | null];
door.kill('SIGTERM');
await once(door, 'close');
proxy.closeAllConnections();
proxy.close();
directory.remove();
process.exitCode = status ?? 1;
