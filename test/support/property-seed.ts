// The seed of every property test of a run: one constant, so that a change fails by what it does and not by what was drawn.
// FAIRSHARE_SEED=n takes another, FAIRSHARE_SEED=random draws one; fast-check prints it with what it found.

import fc from 'fast-check';

const { FAIRSHARE_SEED = '20261001' } = process.env;
const seed = FAIRSHARE_SEED === 'random' ? Math.trunc(Math.random() * 2 ** 31) : Number(FAIRSHARE_SEED);
if (!Number.isSafeInteger(seed)) throw new Error(`FAIRSHARE_SEED is a whole number, or "random": ${FAIRSHARE_SEED}`);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
