-- Lines that were not counted, by reason
-- table short
SELECT source, reason, sum(line_reasons.lines) AS lines
FROM line_reasons
WHERE $__dateFilter(day)
GROUP BY source, reason
ORDER BY lines DESC, source, reason
