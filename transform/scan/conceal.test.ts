import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUserAgent } from '../clients/index.ts';
import { concealer } from './conceal.ts';
import { Slice } from './line-fields.ts';

const conceal = concealer({
  keys: ['fairshare_token', 'request_token', 'x.org-token'],
  markerOf: (token) => `<${token.length}>`,
});
const text = (line: string) => Buffer.from(conceal(Buffer.from(line))).toString();

describe('tokens in lines that could not be read', () => {
  it.each([
    ['GET /a?fairshare_token=s3cret&b=1 HTTP/1.1', 'GET /a?fairshare_token=<6>&b=1 HTTP/1.1'],
    ['"GET /a?x=1&FairShare_Token=s3cret"', '"GET /a?x=1&FairShare_Token=<6>"'],
    ['/a?fairshare_token%3Ds3cret%26b', '/a?fairshare_token%3D<10>'],
    ['{"request_query":"fairshare_token=s3cret","x":', '{"request_query":"fairshare_token=<6>","x":'],
    ['{"q":"fairshare_token\\u003ds3cret\\u0026b=1"', '{"q":"fairshare_token\\u003d<6>\\u0026b=1"'],
    ['{"request_token":"s3 c,ret","b":1}', '{"request_token":"<8>","b":1}'],
    ['{"request_token" : "s3cret', '{"request_token" : "<6>'],
    ['{\\"request_token\\":\\"s3cret\\",', '{\\"request_token\\":\\"<6>\\",'],
    ['"x.org-token":"s3cret"', '"x.org-token":"<6>"'],
    ['npm/11.0.0 linux (fairshare-token: s3cret)', 'npm/11.0.0 linux (fairshare-token: <6>)'],
    ['npm/11.0.0 linux; fairshare-token=s3cret; x', 'npm/11.0.0 linux; fairshare-token=<6>; x'],
    ['a fairshare_token=one b fairshare_token=three', 'a fairshare_token=<3> b fairshare_token=<5>'],
    ['fairshare_token=é', 'fairshare_token=<1>'],
    ['{"authorization":"Basic YTpi","b":1}', '{"authorization":"<10>","b":1}'],
    ['Authorization: Bearer abc x', 'Authorization: <10> x'],
    ['1.2.3.4 - fst_0123456789abcdef [bad', '1.2.3.4 - <20> [bad'],
    ['/six/fsn_0123456789abcdef/b', '/six/<20>/b'],
    ['fairshare_token=fst_0123456789abcdef', 'fairshare_token=<20>'],
  ])('%s', (line, expected) => expect(text(line)).toBe(expected));

  it.each(['no token here', 'fairshare_token=', 'fairshare_token', 'xxorg-token=kept', ''])(
    'leaves %j alone',
    (line) => {
      const bytes = Buffer.from(line);
      expect(conceal(bytes)).toBe(bytes);
    },
  );

  it('replaces a field that was found before the line turned out to be bad, once', () => {
    const buffer = Buffer.from('first line\n1.2.3.4 s3cret bad request_token=s3cret');
    const line = buffer.subarray(11);
    const slice = new Slice();
    slice.set(buffer, 19, 25);
    expect(Buffer.from(conceal(line, slice)).toString()).toBe('1.2.3.4 <6> bad request_token=<6>');
    slice.set(buffer, 44, 50);
    expect(Buffer.from(conceal(line, slice)).toString()).toBe('1.2.3.4 s3cret bad request_token=<6>');
    slice.set(buffer, 0, 5); // of the line before
    expect(Buffer.from(conceal(line, slice)).toString()).toBe('1.2.3.4 s3cret bad request_token=<6>');
  });

  it('never shows a token after its name, whatever stands around it', () => {
    const around = fc.string({ maxLength: 30 }).map((s) => s.replaceAll('\\', ''));
    const separators = fc.constantFrom('=', ': ', ':', '":"', '%3d', "='");
    fc.assert(
      fc.property(around, separators, around, (before, separator, after) => {
        const line = `${before} request_token${separator}S3CRET7x ${after}`;
        expect(text(line)).not.toContain('S3CRET7x');
        expect(text(line).startsWith(before)).toBe(true);
      }),
    );
  });
});

describe('Bundler in lines that could not be read', () => {
  const agent = (options: string, run: string) =>
    `bundler/2.6.3 rubygems/3.6.3 ruby/3.4.1 (x86_64-pc-linux-gnu) command/install options/${options} ci/github,ci ${run}`;
  const given = agent('no_install,mirror.https://gems.corp.example/', '0f1e2d3c4b5a6978');
  const kept = agent('', '0000000000000000');

  it.each([
    ['as it is', (userAgent: string) => `GET /a 999 "${userAgent}" x`],
    ['in JSON', (userAgent: string) => `{"ua":${JSON.stringify(userAgent).replaceAll('/', '\\/')},"a":`],
    ['percent-encoded', (userAgent: string) => `1\t${encodeURIComponent(userAgent)}\t2`],
    ['with a token behind', (userAgent: string) => `"${userAgent} (fairshare-token: s3cret)"`],
  ])('loses options and run id: %s', (_, write) => {
    expect(text(write(given))).toBe(write(kept).replace('s3cret', '<6>'));
  });

  it('is read as the same client again', () => {
    expect(parseUserAgent(kept)).toEqual(parseUserAgent(given));
  });

  it('is searched in linear time', () => {
    const begun = performance.now();
    text('bundler/1 '.repeat(800) + 'command/ options/'.repeat(400));
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
