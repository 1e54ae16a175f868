// The seed of every property test of a run. It is one constant, so that a failure comes from a change of the code and not
// from other random values. FAIRSHARE_SEED=n sets another seed, FAIRSHARE_SEED=random draws one; fast-check prints it with
// its counterexample.

import fc from 'fast-check';

const { FAIRSHARE_SEED = '20261001' } = process.env;
const seed = FAIRSHARE_SEED === 'random' ? Math.trunc(Math.random() * 2 ** 31) : Number(FAIRSHARE_SEED);
if (!Number.isSafeInteger(seed)) throw new Error(`FAIRSHARE_SEED is a whole number, or "random": ${FAIRSHARE_SEED}`);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
