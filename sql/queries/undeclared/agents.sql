-- The heaviest user agents of a month of which nothing tells what they are for. Only batches that count.
SELECT
    requester_class,
    user_agent,
    sum(agent.requests) AS requests,
    sum(agent.bytes) AS bytes,
    min(day) AS first_day,
    max(day) AS last_day
FROM agent_batch AS agent FINAL
WHERE day >= {first_day:Date} AND day <= {last_day:Date}
    AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
GROUP BY requester_class, user_agent
ORDER BY requests DESC, user_agent, requester_class
LIMIT {limit:UInt32}
