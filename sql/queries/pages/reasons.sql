-- Lines that were excluded or could not be read, by source and reason.
SELECT source, reason, sum(line_reasons.lines) AS lines
FROM line_reasons
WHERE day >= {from:Date} AND day <= {to:Date}
GROUP BY source, reason
ORDER BY lines DESC, source, reason
