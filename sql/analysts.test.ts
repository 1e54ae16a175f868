import { describe, expect, it } from 'vitest';
import { analystDatabase, createAnalystDatabase } from './analysts.ts';
import { type Warehouse } from './warehouse.ts';

/** A server that lacks the database, and whose user may not create it. */
const refusing = {
  query: (sql: string) =>
    Promise.resolve(sql.includes('currentDatabase') ? [{ database: 'fairshare' }] : [{ found: '0' }]),
  command: () =>
    Promise.reject(Object.assign(new Error('Not enough privileges'), { type: 'ACCESS_DENIED', code: '497' })),
} as unknown as Warehouse;

describe('analysts', () => {
  it('have a database beside the warehouse’s own', () => {
    expect([analystDatabase('default'), analystDatabase('fairshare')]).toEqual(['analyst', 'fairshare_analyst']);
  });

  it('wait for an administrator where this user may not create it', async () => {
    await expect(createAnalystDatabase(refusing)).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringContaining('fairshare_analyst') as string,
      hint: expect.stringContaining('CREATE DATABASE fairshare_analyst') as string,
    });
  });
});
