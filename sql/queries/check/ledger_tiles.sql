-- Batches whose end is not the beginning of the next one in the partition.
SELECT source, partition, first, last, neighbour
FROM
(
    SELECT
        source, epoch, partition, first, last,
        leadInFrame(toNullable(ledger_current.first)) OVER (PARTITION BY source, epoch, partition ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS neighbour
    FROM ledger_current
)
WHERE neighbour IS NOT NULL AND neighbour != last
LIMIT 100
