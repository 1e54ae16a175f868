// A JSON feed by configuration alone: `format: json` and `fields: {path: 'http.target', …}`.

import type { Format } from './format.ts';
import { JsonLineParser, type JsonPreset } from './json-lines.ts';

const preset: JsonPreset = {
  name: 'json',
  description: 'any JSON lines; needs `fields` in the configuration (our field: key path)',
  bytesIncludeHeaders: null,
  fields: {},
};

export const json: Format = {
  name: preset.name,
  description: preset.description,
  bytesIncludeHeaders: preset.bytesIncludeHeaders,
  // Without a field map nothing can be recognised.
  detect: () => 0,
  parser(options) {
    const parser = new JsonLineParser(preset, options);
    const unmapped = parser.unmappedFields();
    if (unmapped.length > 0) throw new Error(`format json: fields must map ${unmapped.join(', ')}`);
    return parser;
  },
};
