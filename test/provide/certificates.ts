// Makes certificates for the secured listeners of a test's broker, with openssl. They are deleted with the broker.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './tools.ts';

export interface Certificates {
  readonly ca_file: string;
  /** The server's key and certificate, in one file. */
  readonly server_file: string;
  /** A client's key and certificate, signed by the same authority. */
  readonly cert_file: string;
  readonly key_file: string;
  /** Another authority, which has signed none of these certificates. */
  readonly other_ca_file: string;
}

/** Makes certificates for 127.0.0.1 and localhost. @throws Error if openssl is missing */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const at = (name: string) => join(directory, name);
  const openssl = (...words: string[]) => run('openssl', words, { timeout: 60_000 });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = async (name: string) => {
    const subject = ['-subj', `/CN=fairshare test ${name}`];
    await openssl('req', '-x509', ...key, '-days', '2', ...subject, '-keyout', at(`${name}.key`), '-out', at(name));
  };
  const signed = async (name: string) => {
    const [request, extensions] = [at(`${name}.csr`), at(`${name}.ext`)];
    await openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', request);
    await writeFile(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.pem.key'), '-CAcreateserial'];
    await openssl(
      'x509',
      '-req',
      '-in',
      request,
      ...by,
      '-days',
      '2',
      '-extfile',
      extensions,
      '-out',
      at(`${name}.pem`),
    );
  };
  await authority('ca.pem');
  await authority('other-ca.pem');
  await signed('server');
  await signed('client');
  const server_file = at('server-all.pem');
  await writeFile(server_file, Buffer.concat([await readFile(at('server.key')), await readFile(at('server.pem'))]));
  return {
    ca_file: at('ca.pem'),
    server_file,
    cert_file: at('client.pem'),
    key_file: at('client.key'),
    other_ca_file: at('other-ca.pem'),
  };
}
