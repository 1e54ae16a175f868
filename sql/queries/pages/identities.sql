-- Requests under the names of AI agents and crawlers, by class and by what proves the name.
SELECT requester_class, identity, sum(usage_known.requests) AS requests, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND requester_class IN ('ai_training', 'ai_search', 'ai_user_fetch', 'ai_coding_agent', 'search_bot')
GROUP BY requester_class, identity
ORDER BY requester_class, bytes DESC, identity
