// The values are those of an independent implementation, in Go (go-faster/city 1.0.1, CH128), on the same bytes.

import { expect, it } from 'vitest';
import { cityHash128 } from './city-hash.ts';

const expected: readonly (readonly [number, string])[] = [
  [0, '3cb540c392e51e293df09dfc64c09a2b'],
  [1, '58a88a3c8a31e91a5a03ab4f802b3f6c'],
  [3, '8f9cb57788e561c99179c8842a75713e'],
  [7, '926ea7e49bfc602d962d7d62a210e099'],
  [8, '5651b1ed87cbbc66096a41687ac4956b'],
  [9, '0cfa6ff7bcafad3de25a0675a638b6cb'],
  [15, '1b0f9d58c061049f89d5d4ccb9aef920'],
  [16, '409b907f5d7fa9790e80c8336d8a6759'],
  [17, '489f66e047b87e5b5e318e7ae97d763b'],
  [24, '62fb9bcacb53fdc07032e454b820deb8'],
  [31, 'da49b647b880a6a3385a3fe3be62dbc0'],
  [32, 'dbf34f5b8e7e1f2a302731882bc3530a'],
  [33, 'b68209ac509e3c791a683fe0062fe4db'],
  [63, 'a75def15d350078b4576c65118774f58'],
  [64, 'fa04f0850c15d9682f83aae2c95d0390'],
  [100, 'e82aa43e046086b4de3607a78f15fc9d'],
  [127, 'd2f33b6c4a8e0e01cfa7f80a4e107eb6'],
  [128, '258dbb382927a7b1bbfaa921a1546dad'],
  [143, 'ac7f473e3d5934540381a2124e82ab63'],
  [144, '461e03133b983e0324b70b3edf480677'],
  [145, 'd2cc68d073c025cf7e3f438d87c25374'],
  [200, '63ecf55f7ab2c5ebaf4632f64d709e48'],
  [255, '42b522ddf623d395523f0d494745a023'],
  [256, '76fe71466597f2885102a66d24a00504'],
  [300, 'b0407d3715ae31b85be8df2d82ba9ec3'],
  [1000, '7b0ac670fb291e6c566faae7bbf714af'],
  [4113, '802e81d9ef6b07d4049cde1afb6cb05f'],
];

it.each(expected)('hashes %i bytes as ClickHouse does', (length, hash) => {
  const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * i * 7 + i * 13 + length) % 251));
  const [low, high] = cityHash128(bytes);
  expect([high, low].map((word) => word.toString(16).padStart(16, '0')).join('')).toBe(hash);
});
