// Azure CDN (Edgio, formerly Verizon), as NuGet.org logs it: blank-separated, quoted texts, whole URLs, epoch seconds, a
// status like 'TCP_HIT/200'. sc-bytes is larger than the file's size by the headers.

import { textFormat } from './detect.ts';
import { W3cParser, type W3cDialect } from './w3c.ts';

const dialect: W3cDialect = {
  separator: 0x20,
  columns:
    'timestamp time-taken c-ip filesize s-ip s-port sc-status sc-bytes cs-method cs-uri-stem - rs-duration rs-bytes c-referrer c-user-agent customer-id x-ec_custom-1'.split(
      ' ',
    ),
};

export const azureW3c = textFormat(
  {
    name: 'azure-w3c',
    description: 'Azure CDN raw log (W3C), as NuGet.org logs it',
    bytesIncludeHeaders: true,
  },
  () => new W3cParser(dialect),
);
