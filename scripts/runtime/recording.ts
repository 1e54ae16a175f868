// A command that records its result may use another process's read-only door as long as it has nothing new to record.

import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';

/**
 * Runs the work of a command that may use a door.
 * @param changed the result that would have to be recorded, as a sentence
 * @throws Fault(warehouseUnreachable) if the door is read-only and there is something to record
 */
export async function recording<Result>(
  warehouse: Warehouse,
  changed: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return work().catch((cause: unknown) => {
    if ((cause as { type?: unknown }).type !== 'READONLY') throw cause;
    throw new Fault(
      'warehouseUnreachable',
      `${changed}, and ${warehouse.location} is read-only`,
      'The result is recorded in the warehouse: run nightly or this command when nobody holds it, or serve it with --allow-writes.',
      { cause },
    );
  });
}
